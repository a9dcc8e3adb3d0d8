import { describe, expect, test } from 'vitest'
import { journey } from '../../chapters/00-the-journey-of-a-record/lab.ts'
import { LabSession } from '../../lab/LabSession.ts'

const scenario = journey
const open = (address = '') => LabSession.open(scenario, address)
const values = (session: LabSession) => Object.values(session.scene.records).map((r) => r.value)
const atStation = (session: LabSession, name: string) =>
  session.seek(session.story.findIndex((line) => line.name === name))

describe('a session', () => {
  test('stands before the first line, and steps both ways', async () => {
    const session = await open()
    expect(session.spoke).toBeNull()
    session.seek(0)
    expect(session.spoke?.name).toBe('hand.action')
    session.seek(1)
    session.seek(0)
    expect(session.spoke?.name).toBe('hand.action')
    session.seek(-1)
    expect(values(session)).toEqual([])
  })

  test('plays to the end of the story and stops there', async () => {
    const session = await open()
    session.player.play()
    for (let i = 0; i < 100_000 && session.player.playing; i++) session.tick(16)
    expect(session.player.atEnd).toBe(true)
    expect(session.tick(16)).toBe(false)
    expect(session.scene.consumers['consumer']!.received).toHaveLength(1)
  })

  test('while the clock glides, draws all that it has passed and nothing of the next line', async () => {
    const session = await open()
    atStation(session, 'app.acknowledged')
    session.player.play()
    const { position } = session.player
    const indices: number[] = []
    while (session.player.position === position && session.tick(16)) {
      if (session.player.position === position) indices.push(session.scene.index)
    }
    expect(indices).toEqual([...indices].sort((a, b) => a - b))
    expect(indices.at(-1)).toBeGreaterThan(session.story[position]!.index)
    expect(indices.at(-1)).toBeLessThan(session.story[position + 1]!.index)
  })

  test('a text that is handed in forks the run at the clock and is followed', async () => {
    const session = await open()
    atStation(session, 'broker.log.append')
    const { clockMs } = session.player
    await session.act('send', 'another')
    expect(values(session)).toEqual(['hello, kafka'])
    expect(session.spoke?.name).toBe('hand.action')
    expect(session.player.playing).toBe(true)
    expect(session.forks).toEqual([{ atMs: clockMs, label: 'Send', setting: null }])
    session.seek(session.player.position + 1)
    expect(values(session)).toEqual(['hello, kafka', 'another'])
  })

  test('a setting that matters later leaves the clock where it is; one that mattered takes it back', async () => {
    const session = await open()
    atStation(session, 'producer.serialize')
    await session.setSetting('acks', '0')
    expect(session.spoke?.name).toBe('producer.serialize')
    atStation(session, 'app.received')
    await session.setSetting('acks', '1')
    expect(session.settings['acks']).toBe('1')
    expect(session.spoke?.atMs).toBeLessThan(6)
    expect(session.story[session.player.position + 1]?.name).toBe(
      'producer.sender.sendProduceRequest',
    )
    expect(session.forks).toHaveLength(1)
  })

  test('several changes at once are all made', async () => {
    const session = await open()
    session.seek(0)
    await Promise.all([
      session.setSetting('linger', 50),
      session.setSetting('latency', 3),
      session.act('send', 'second'),
    ])
    expect(session.settings).toMatchObject({ linger: 50, latency: 3 })
    session.seek(session.story.length - 1)
    expect(values(session)).toEqual(['hello, kafka', 'second'])
  })

  test('steps to the end of a turn of the poll loop, and on beyond what is recorded', async () => {
    const session = await open()
    await session.stepPoll()
    expect(session.spoke?.name).toBe('producer.accumulator.append')
    await session.stepPoll()
    expect(session.spoke?.name).toBe('clients.networkClient.doSend')
    session.seek(session.story.length - 1)
    const { length } = session.story
    await session.stepPoll()
    expect(session.story.length).toBeGreaterThan(length)
    expect(session.player.position).toBeGreaterThanOrEqual(length)
  })

  test('shows every moment when asked to, and stays where it is', async () => {
    const session = await open()
    atStation(session, 'broker.log.append')
    const { length } = session.story
    session.setDetail('all')
    expect(session.story.length).toBeGreaterThan(2 * length)
    expect(session.spoke?.name).toBe('broker.log.append')
    session.setDetail('story')
    expect(session.spoke?.name).toBe('broker.log.append')
  })

  test('is found again by its address: run, changes and clock', async () => {
    const session = await open()
    expect(session.address).toBe('')
    await session.setSetting('linger', 20)
    atStation(session, 'producer.accumulator.append')
    await session.act('send', 'a; b, c=%41 “ü”')
    await session.act('lose', null)
    session.player.pause()
    atStation(session, 'broker.log.append')
    const again = await open(session.address)
    expect(again.address).toBe(session.address)
    expect(again.settings).toEqual(session.settings)
    expect(again.story).toEqual(session.story)
    expect(again.spoke).toEqual(session.spoke)
    for (const position of [0, 1, 8, session.story.length - 1]) {
      session.seek(position)
      expect((await open(session.address)).player.position).toBe(position)
    }
  })

  test('is found by a time alone, as a person would write it', async () => {
    const session = await open('t=25.5')
    expect(session.spoke?.atMs).toBeLessThan(25.5)
    expect(session.story[session.player.position + 1]?.atMs).toBeGreaterThan(25.5)
  })

  test('reset takes back what was done and keeps the settings', async () => {
    const session = await open()
    await session.setSetting('linger', 20)
    await session.act('send', 'second')
    await session.reset()
    session.seek(session.story.length - 1)
    expect(values(session)).toEqual(['hello, kafka'])
    expect(session.settings['linger']).toBe(20)
    expect(session.forks).toEqual([])
  })

  test.each([
    'linger=999999',
    'linger=x;acks=7;seed=;t=-1',
    'do=1;do=,;do=1,nobody;do=1,send,%;do=1,send,7;do=x,lose',
    '__proto__=1;constructor=2;do=1,constructor',
    '%%%;;;===,,,',
  ])('takes an address that nobody wrote (%s) as the plain lab', async (address) => {
    expect((await open(address)).address).toBe('')
  })
})
