import { describe, expect, test } from 'vitest'
import { journey } from '../../chapters/00-the-journey-of-a-record/lab.ts'
import { is, type Moment } from '../../lab/moments.ts'
import { Recorder } from '../../lab/Recorder.ts'
import { defineScenario } from '../../lab/Scenario.ts'

const named = (recorder: Pick<Recorder, 'recording'>, name: Moment['name']): Moment[] =>
  recorder.recording.moments.filter((moment) => moment.name === name)

const story = (recorder: Pick<Recorder, 'recording'>): Moment[] =>
  recorder.recording.moments.slice(recorder.recording.curtain)

/** A scenario without clients: what hands do is said. */
const bare = defineScenario({
  name: 'bare',
  seed: 1,
  lengthMs: 10,
  controls: {},
  hands: {
    note: { kind: 'text', label: 'Note', default: '', help: '' },
    fail: { kind: 'button', label: 'Fail', help: '' },
    failLater: { kind: 'button', label: 'Fail later', help: '' },
  },
  script: () => [],
  start: async (stage) => {
    let notes = 0
    stage.watch('notes', () => notes)
    await stage.world.simulation.sleep(5)
    return {
      note: (value) => {
        notes++
        stage.say('program', 'app.state', { state: String(value) })
      },
      fail: () => {
        throw new Error('at once')
      },
      failLater: async () => {
        await stage.world.simulation.sleep(1)
        throw new Error('later')
      },
    }
  },
})

describe('a recording', () => {
  test('of the same scenario, seed and settings is the same, moment for moment', async () => {
    const [a, b] = [await Recorder.start(journey), await Recorder.start(journey)]
    expect(story(a).length).toBeGreaterThan(100)
    expect(a.recording.moments).toEqual(b.recording.moments)
  })

  test('starts at 0 when the stage is set; what came before has times below', async () => {
    const { recording } = await Recorder.start(journey)
    const { moments, curtain } = recording
    expect(moments[0]!.atMs).toBeLessThan(0)
    expect(moments[curtain - 1]!.atMs).toBeLessThanOrEqual(0)
    expect(moments[curtain]!.atMs).toBeGreaterThanOrEqual(0)
    expect(moments.map((moment) => moment.index)).toEqual(moments.map((_, i) => i))
  })

  test('goes on until every record has come to its end', async () => {
    const slow = await Recorder.start(journey, { settings: { latency: 100, linger: 100 } })
    expect(named(slow, 'app.acknowledged')).toHaveLength(1)
    expect(named(slow, 'app.received')).toHaveLength(1)
  })

  test('holds what was watched, as of each moment', async () => {
    const actions = [
      { atMs: 1, hand: 'note', value: 'a' },
      { atMs: 2, hand: 'note', value: 'b' },
    ]
    const { recording } = await Recorder.start(bare, { actions })
    const notes = recording.moments.map(({ name, index }) => [
      name,
      recording.watched('notes', index),
    ])
    expect(notes).toEqual([
      ['hand.action', 0],
      ['app.state', 1],
      ['hand.action', 1],
      ['app.state', 2],
    ])
    expect(recording.watched('nobody', 3)).toBeUndefined()
  })

  test('can be extended: what is there stays, and more comes', async () => {
    const recorder = await Recorder.start(journey)
    const before = [...recorder.recording.moments]
    await recorder.advance(recorder.recording.recordedMs + 1000)
    const { moments } = recorder.recording
    expect(moments.length).toBeGreaterThan(before.length)
    expect(moments.slice(0, before.length)).toEqual(before)
  })

  test.each([
    ['fail', 'at once'],
    ['failLater', 'later'],
    ['nobody', "'bare' has no hand 'nobody'."],
  ])('that a hand breaks (%s) says so', async (hand, message) => {
    const run = Recorder.start(bare, { actions: [{ atMs: 1, hand, value: null }] })
    await expect(run).rejects.toThrow(message)
  })

  test('of a stage that is never set is an error, not an endless wait', async () => {
    const never = defineScenario({ ...bare, start: () => new Promise<never>(() => undefined) })
    await expect(Recorder.start(never)).rejects.toThrow("The stage of 'bare' is never set.")
  })

  test('of a stage that cannot be set says why', async () => {
    const broken = defineScenario({
      ...bare,
      start: async (stage) => {
        await stage.world.simulation.sleep(1)
        throw new Error('no cast')
      },
    })
    await expect(Recorder.start(broken)).rejects.toThrow('no cast')
  })
})

describe('a fork', () => {
  test('is the same run up to the moment of the action, and another one after it', async () => {
    const recorder = await Recorder.start(journey)
    for (const atMs of [0, 3, 5.003, 20, 25.004, 44]) {
      const forked = await recorder.fork({ atMs, hand: 'send', value: 'second' })
      const common = recorder.recording.inCommon(forked.recording)
      const old = story(recorder).filter((moment) => moment.atMs <= atMs)
      expect(common, `at ${atMs} ms`).toBeGreaterThanOrEqual(old.length)
      const next = story(forked)[common]!
      expect([next.name, next.source], `at ${atMs} ms`).toEqual(['hand.action', 'reader'])
      expect(next.atMs).toBe(atMs)
      expect(named(forked, 'app.received')).toHaveLength(2)
    }
  })

  test('acts before what is due a microsecond later: a packet about to leave can be lost', async () => {
    const recorder = await Recorder.start(journey)
    const leaves = named(recorder, 'network.pipe.transmit').find(
      (m) => m.source === 'producer' && m.atMs > 0,
    )!
    const atMs = Math.round((leaves.atMs - 0.001) * 1000) / 1000
    const forked = await recorder.fork({ atMs, hand: 'lose', value: null })
    const again = named(forked, 'network.pipe.transmit').find(
      (m) => m.source === 'producer' && m.atMs > 0,
    )!
    expect([again.atMs, is(again, 'network.pipe.transmit') && again.fields.lost]).toEqual([
      leaves.atMs,
      true,
    ])
  })

  test('of a fork keeps the actions of both', async () => {
    const once = await (await Recorder.start(journey)).fork({ atMs: 3, hand: 'lose', value: null })
    const twice = await once.fork({ atMs: 1, hand: 'send', value: 'earlier' })
    expect(named(twice, 'hand.action').map((m) => is(m, 'hand.action') && m.fields.hand)).toEqual([
      'send',
      'send',
      'lose',
    ])
  })

  test('with a lost packet brings the record 200 ms later: TCP sends it again', async () => {
    const recorder = await Recorder.start(journey)
    const forked = await recorder.fork({ atMs: 3, hand: 'lose', value: null })
    const tries = named(forked, 'network.pipe.transmit').filter(
      (m) => is(m, 'network.pipe.transmit') && m.source === 'producer' && m.atMs > 0,
    )
    expect(tries.map((m) => is(m, 'network.pipe.transmit') && m.fields.lost)).toEqual([true, false])
    const [without, withLoss] = [recorder, forked].map((r) => named(r, 'app.acknowledged')[0]!.atMs)
    expect(withLoss! - without!).toBeCloseTo(200, 1)
    expect(named(forked, 'producer.sender.reenqueueBatch')).toEqual([])
  })
})

describe('another setting', () => {
  test('gives a run that parts from the first where the setting first matters', async () => {
    const recorder = await Recorder.start(journey)
    const other = await recorder.again({ settings: { acks: '0' } })
    const common = recorder.recording.inCommon(other.recording)
    expect(story(recorder)[common]!.name).toBe('producer.sender.sendProduceRequest')
    expect(named(other, 'app.acknowledged')[0]!.fields).toMatchObject({ offset: -1 })
    expect(other.actions).toEqual(recorder.actions)
  })

  test('of every kind brings the record to the consumer', async () => {
    for (const acks of ['0', '1', 'all'] as const) {
      for (const linger of [0, 50]) {
        const run = await Recorder.start(journey, { settings: { acks, linger, latency: 1 } })
        expect(named(run, 'app.received'), `${acks} ${linger}`).toHaveLength(1)
      }
    }
  })
})
