/** What chapter 07's lab promises, read from its runs. */

import { describe, expect, test } from 'vitest'
import { type controls, hands } from '../../chapters/07-the-buffer-pool/controls.ts'
import { pool } from '../../chapters/07-the-buffer-pool/lab.ts'
import { LabSession } from '../../lab/LabSession.ts'
import { is } from '../../lab/moments.ts'
import { type PoolDeed, PoolHistory } from '../../lab/pool/PoolHistory.ts'
import { Recorder, type RunOptions } from '../../lab/Recorder.ts'
import { type Action, defaultSettings, type Scenario } from '../../lab/Scenario.ts'
import { snapshotAt } from '../../lab/snapshots.ts'
import { plain } from '../../lab/story.ts'

type Options = RunOptions<typeof controls>

const record = async (options: Options) => {
  const { recording } = await Recorder.start(pool, options)
  const since = recording.moments.slice(recording.curtain)
  const { deeds } = new PoolHistory(recording, 'producer').read()
  return { recording, since, deeds }
}

/** The same options give the same run: it is recorded once. */
const recorded = new Map<string, ReturnType<typeof record>>()
const run = (options: Options = {}): ReturnType<typeof record> => {
  const key = JSON.stringify(options)
  const known = recorded.get(key) ?? record(options)
  recorded.set(key, known)
  return known
}
const act = (atMs: number, hand: keyof typeof hands, value: null | boolean = null): Action => ({
  atMs,
  hand,
  value,
})
const own = (): Action[] => [...pool.script(defaultSettings(pool.controls))]
const of = (deeds: readonly PoolDeed[], kind: PoolDeed['kind']): PoolDeed[] =>
  deeds.filter((deed) => deed.kind === kind)
const failures = (since: Awaited<ReturnType<typeof run>>['since']): string[] =>
  since.flatMap((m) => (is(m, 'app.failed') ? [m.fields.error] : []))
const RUNS: readonly (readonly [string, Options])[] = [
  ['as it is', {}],
  ['half the memory', { settings: { memory: 4 } }],
  ['large cells', { settings: { batchSize: 2048, large: 6, rate: 400 } }],
  ['a burst and a close', { actions: [act(30, 'burst'), act(40, 'c'), act(120, 'close')] }],
  ['a broker that stays away', { actions: [act(10, 'still', true), act(70, 'c'), act(80, 'd')] }],
]

describe('the lab of the buffer pool', () => {
  let original: Promise<Recorder<typeof controls, typeof hands>> | undefined

  test('runs the same way twice', async () => {
    const [one, two] = [await run(), await record({})]
    expect(two.recording.moments).toEqual(one.recording.moments)
    expect(two.deeds).toEqual(one.deeds)
  })

  test.each(
    Object.entries(hands).map(([name, hand]) => [name, hand.kind === 'switch' ? true : null]),
  )('keeps its past when the reader does something: %s', async (name, value) => {
    original ??= Recorder.start(pool)
    const recorder = await original
    const forked = await recorder.fork({
      atMs: 97.5,
      hand: String(name),
      value: value === true || null,
    })
    const { recording } = recorder
    const common = recording.indexAfter(97.5)
    expect(forked.recording.inCommon(recording)).toBe(common - recording.curtain)
  })

  test('is found again by its address', async () => {
    const session = await LabSession.open(pool as Scenario)
    await session.setSetting('memory', 6)
    session.seekTime(80)
    await session.act('d', null)
    const again = await LabSession.open(pool as Scenario, session.address)
    expect(again.story).toEqual(session.story)
    expect(again.spoke).toEqual(session.spoke)
  })
})

describe('in its own run', () => {
  test('memory fills, and the first who finds too little waits beside free cells', async () => {
    const { deeds } = await run()
    const [first] = of(deeds, 'waits')
    expect(first).toMatchObject({ topic: 'c', bytes: 4096, availableBytes: 2048, line: [] })
    expect(deeds.indexOf(first!)).toBe(6)
  })

  test('D passes C before the first bell, and what it leaves rings for C', async () => {
    const { deeds } = await run()
    const [pass] = of(deeds, 'passes')
    expect(pass).toMatchObject({ topic: 'd', line: ['c'], rung: false, rings: 'c' })
    const next = deeds[deeds.indexOf(pass!) + 1]
    expect(next).toMatchObject({ kind: 'reserves', topic: 'c', reserved: 1024 })
  })

  test('D passes three times more, between the bell and the waking', async () => {
    const { deeds } = await run()
    const passes = of(deeds, 'passes').slice(1)
    expect(passes.map(({ topic, rung }) => `${topic} ${rung}`)).toEqual(Array(3).fill('d true'))
    expect(passes.every(({ line }) => line.join() === 'c,a,b')).toBe(true)
  })

  test('C reserves part by part while A and B wait behind it, and all three are served', async () => {
    const { deeds } = await run()
    const parts = of(deeds, 'reserves').filter(({ waiter }) => waiter === 0)
    expect(parts.map(({ reserved }) => reserved)).toEqual([1024, 2048, 3072, 4096])
    const served = of(deeds, 'has').map(({ topic, waitedMs }) => `${topic} ${waitedMs}`)
    expect(served).toEqual(['c 80', 'a 76', 'b 106', 'a 110'])
  })

  test('the time of the second large one is over, and A gets what it leaves', async () => {
    const { deeds, since } = await run()
    const [over] = of(deeds, 'gaveUp')
    expect(over).toMatchObject({ topic: 'c', reserved: 1024, waitedMs: 175, rings: 'a' })
    const [reserves, has] = deeds.slice(deeds.indexOf(over!) + 1)
    expect(reserves).toMatchObject({ kind: 'reserves', topic: 'a', reserved: 1024 })
    expect(has).toMatchObject({ kind: 'has', topic: 'a', atMs: over!.atMs })
    expect(failures(since)).toHaveLength(1)
  })

  test('in the end nothing is in use', async () => {
    const { recording } = await run()
    const last = snapshotAt(recording, 'producer', recording.moments.length - 1)!
    expect(last.bufferPool).toMatchObject({ inUseBytes: 0, freeBuffers: 4, waiters: [] })
  })
})

describe('what can be tried', () => {
  test('a callback that only listens: nobody passes between bell and waking, C has it sooner', async () => {
    const { deeds } = await run({ settings: { callback: 'listens' } })
    expect(of(deeds, 'passes').map(({ rung }) => rung)).toEqual([false])
    const [first] = of(deeds, 'has')
    expect(first).toMatchObject({ topic: 'c' })
    expect(first?.waitedMs).toBe(58)
    const [, second] = of(deeds, 'reserves')
    expect(second).toMatchObject({ topic: 'c', reserved: 3072, atMs: expect.closeTo(100, 0) })
  })

  test('sixteen cells: nobody waits, nobody passes, and nothing fails', async () => {
    const { deeds, since } = await run({ settings: { memory: 16 } })
    expect([of(deeds, 'waits').length, of(deeds, 'passes').length]).toEqual([0, 0])
    expect(failures(since)).toEqual([])
    const requests = async (options: Options): Promise<number> =>
      (await run(options)).since.filter(({ name }) => name === 'producer.sender.sendProduceRequest')
        .length
    expect(await requests({})).toBe(11)
    expect(await requests({ settings: { memory: 16 } })).toBe(9)
  })

  test('half as much patience: C gives up with three of four cells, A and B have two of them', async () => {
    const { deeds } = await run({ settings: { maxBlock: 75 } })
    const [over] = of(deeds, 'gaveUp')
    expect(over).toMatchObject({ topic: 'c', reserved: 3072, atMs: expect.closeTo(137, 0) })
    const next = of(deeds, 'has').filter(({ atMs }) => atMs === over!.atMs)
    expect(next.map(({ topic }) => topic)).toEqual(['a', 'b'])
    expect(next.at(-1)?.availableBytes).toBe(1024)
  })

  test('twelve at once: one in the pool’s line, others behind it, and the room is full', async () => {
    const { recording, since } = await run({ actions: [...own(), act(76, 'burst')] })
    const longest = since.reduce((most, { index }) => {
      const room = snapshotAt(recording, 'producer', index)?.waitingSends ?? []
      return Math.max(most, room.find(({ topic }) => topic === 'a')?.sends ?? 0)
    }, 0)
    expect(longest).toBeGreaterThan(1)
    const full = failures(since).filter((error) => /No more records can wait/.test(error))
    expect(full.length).toBeGreaterThan(0)
    for (const { index } of since) {
      const { bufferPool } = snapshotAt(recording, 'producer', index)!
      expect(bufferPool.waiters.length).toBeLessThanOrEqual(4)
    }
  })

  test('close serves who stands in line, and everything is stored', async () => {
    const { deeds, since } = await run({ actions: [...own().slice(0, 4), act(90, 'close')] })
    expect(of(deeds, 'has').map(({ topic }) => topic)).toEqual(['c', 'a', 'b'])
    expect(failures(since).filter((error) => /BufferExhausted/.test(error))).toEqual([])
  })

  test('close(0) tells all in line at once', async () => {
    const { deeds } = await run({ actions: [...own().slice(0, 4), act(90, 'closeNow')] })
    const closed = of(deeds, 'closed')
    expect(closed.map(({ topic }) => topic)).toEqual(['c', 'a', 'b'])
    expect(new Set(closed.map(({ atMs }) => Math.round(atMs)))).toEqual(new Set([90]))
  })
})

describe('the story', () => {
  const told = async (settings: Readonly<Record<string, string | number>> = {}) => {
    const session = await LabSession.open(pool as Scenario)
    for (const [name, value] of Object.entries(settings)) await session.setSetting(name, value)
    return session.story.map(({ text }) => plain(text)).join('\n')
  }

  test('says who passed whom, and why', async () => {
    const story = await told()
    expect(story).toMatch(/D passes C: there is enough for it, and nobody has rung for C yet\./)
    expect(story).toMatch(/D passes C, A and B: the bell has rung for C, but C is not awake yet\./)
  })

  test('says who waits behind whom, who has it, and whose time is over', async () => {
    const story = await told()
    expect(story).toMatch(/C needs 4096 bytes, only 2048 bytes are free\. C is the first in line/)
    expect(story).toMatch(/B needs 1024 bytes, nothing is free\. B stands in line behind C and A\./)
    expect(story).toMatch(/C has its 4096 bytes, after 80 ms in line\./)
    expect(story).toMatch(/The time of C is over: 175 ms\. It had 1024 of 4096, and leaves them\./)
    expect(story).toMatch(/for the record C2 fails: BufferExhaustedException/)
  })
})

describe.each(RUNS)('the history of a run with %s', (_name, options) => {
  test('has one deed for each event of the pool', async () => {
    const { recording, deeds } = await run(options)
    const events = recording.moments.filter(({ name }) => name.startsWith('producer.bufferPool.'))
    const known = deeds.filter(({ kind }) => kind !== 'closed').map(({ index }) => index)
    expect(known).toEqual(events.map(({ index }) => index))
  })

  test('lets each who joins the line leave it once', async () => {
    const { deeds } = await run(options)
    const ends = deeds.filter(
      ({ kind, waiter }) => waiter !== null && /has|gaveUp|closed/.test(kind),
    )
    const numbers = ends.map(({ waiter }) => waiter).sort((a, b) => a! - b!)
    expect(numbers).toEqual(of(deeds, 'waits').map(({ waiter }) => waiter))
  })

  test('knows the line as the snapshots do', async () => {
    const { recording, deeds } = await run(options)
    for (const { index, kind, waiter, line } of deeds) {
      if (kind === 'closed') continue
      const { waiters } = snapshotAt(recording, 'producer', index)!.bufferPool
      expect(line.length).toBe(waiters.filter(({ number }) => number !== waiter).length)
    }
  })
})
