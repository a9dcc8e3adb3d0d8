/**
 * Members of a group on a whole cluster: they come and go, stall, are cut off, and their
 * coordinator moves. Nothing is lost, and no partition is with two at once for long.
 */

import { describe, expect, test } from 'vitest'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import {
  type ClusterTest,
  type ClusterTestOptions,
  type ConsumerSettings,
  onCluster,
  range,
  type StringConsumer,
} from './clusterSupport.ts'

const SESSION_TIMEOUT_MS = 1000
const HEARTBEAT_INTERVAL_MS = 250
const OPTIONS = {
  brokers: 2,
  config: {
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 1,
    'group.min.session.timeout.ms': 100,
  },
}
const PARTITIONS = 6

/** A program around a consumer, on a machine of its own. */
class Program {
  readonly consumer: StringConsumer
  readonly seen: string[] = []
  private readonly partitions = new Set<number>()
  error: unknown = null
  /** How long it works on what a poll has brought. */
  handlingMs = 0
  private running = true
  private ended: Promise<void> = Promise.resolve()
  private readonly t: ClusterTest

  constructor(t: ClusterTest, name: string, settings: ConsumerSettings = {}) {
    this.t = t
    this.consumer = t.consumer(
      {
        'group.id': 'billing',
        'client.id': name,
        'session.timeout.ms': SESSION_TIMEOUT_MS,
        'heartbeat.interval.ms': HEARTBEAT_INTERVAL_MS,
        ...settings,
      },
      t.environment(name),
    )
    const goes = (partitions: Iterable<TopicPartition>): void => {
      for (const { partition } of partitions) this.partitions.delete(partition)
    }
    this.consumer.subscribe(['orders'], {
      onPartitionsAssigned: (partitions) => {
        for (const { partition } of partitions) this.partitions.add(partition)
      },
      onPartitionsRevoked: goes,
    })
  }

  start(): this {
    this.ended = this.run().catch((error: unknown) => {
      this.error = error
    })
    return this
  }

  owned(): number[] {
    return [...this.partitions].sort()
  }

  async stop(): Promise<void> {
    if (!this.running) return
    this.running = false
    await this.ended
    await this.consumer.close()
    expect(this.error).toBeNull()
  }

  private async run(): Promise<void> {
    while (this.running) {
      const records = await this.consumer.poll(500)
      for (const { value } of records) this.seen.push(value ?? '')
      if (this.handlingMs > 0 && !records.isEmpty()) await this.t.time.sleep(this.handlingMs)
    }
  }
}

/** A test with programs, which are stopped at its end. */
const withPrograms = (
  main: (
    t: ClusterTest,
    program: (name: string, settings?: ConsumerSettings) => Program,
  ) => Promise<void>,
  options: ClusterTestOptions = {},
) =>
  onCluster(
    async (t) => {
      const programs: Program[] = []
      try {
        await t.createTopic('orders', PARTITIONS)
        await main(t, (name, settings) => {
          const program = new Program(t, name, settings)
          programs.push(program)
          return program
        })
      } finally {
        for (const program of programs) await program.stop()
      }
    },
    { ...OPTIONS, ...options },
  )

const write = async (t: ClusterTest, count: number, from = 0): Promise<void> => {
  const producer = t.producer()
  for (const i of range(count, from)) {
    producer.send({ topic: 'orders', partition: i % PARTITIONS, value: `${i}` })
  }
  await producer.close()
}

/** Looks every tenth of a second, for a minute at most. */
const until = async (t: ClusterTest, what: string, holds: () => boolean): Promise<void> => {
  const deadlineMs = t.time.milliseconds() + 60_000
  while (!holds()) {
    expect(t.time.milliseconds(), what).toBeLessThan(deadlineMs)
    await t.time.sleep(100)
  }
}

/** Every partition is with one of them, and with one only. */
const shared = (...programs: Program[]): boolean =>
  String(programs.flatMap((program) => program.owned()).sort()) === String(range(PARTITIONS))

const sorted = (values: readonly string[]): string[] =>
  [...new Set(values)].sort((a, b) => Number(a) - Number(b))

describe('a member', () => {
  test(
    'that comes gets its share, and leaves it to the others when it closes',
    withPrograms(async (t, program) => {
      const a = program('a').start()
      await until(t, 'a has everything', () => shared(a))
      const b = program('b').start()
      await until(t, 'both have their share', () => b.owned().length > 0 && shared(a, b))
      expect([a.owned().length, b.owned().length]).toEqual([3, 3])
      const beforeMs = t.time.milliseconds()
      await b.stop()
      await until(t, 'a has everything again', () => shared(a))
      // At once: nobody had to wait for its session to end.
      expect(t.time.milliseconds() - beforeMs).toBeLessThan(SESSION_TIMEOUT_MS)
      await a.stop()
    }),
  )

  test(
    'that is cut off is missed when its session is over, and finds its way back',
    withPrograms(
      async (t, program) => {
        const a = program('a').start()
        const b = program('b').start()
        await until(t, 'both have their share', () => b.owned().length === 3 && shared(a, b))
        t.world.network.faults.isolate('b')
        await until(t, 'a has taken over', () => a.owned().length === PARTITIONS)
        t.world.network.faults.healAll()
        await write(t, 60)
        await until(t, 'both have their share again', () => a.owned().length === 3 && shared(a, b))
        await until(t, 'all was read', () => sorted([...a.seen, ...b.seen]).length === 60)
      },
      { errorsExpected: true },
    ),
  )

  test(
    'with a name comes back within its session, and nobody has to move (KIP-345)',
    withPrograms(async (t, program) => {
      const a = program('a', { 'group.instance.id': 'a' }).start()
      const b = program('b', { 'group.instance.id': 'b' }).start()
      await until(t, 'both have their share', () => b.owned().length === 3 && shared(a, b))
      const joins = t.events('consumer.coordinator.join')
      const owned = b.owned()
      await b.stop()
      const again = program('b', { 'group.instance.id': 'b' }).start()
      await until(t, 'it has its share again', () => again.owned().length > 0)
      expect(again.owned()).toEqual(owned)
      // Its own join alone: to the others it was never away.
      expect(joins).toHaveLength(1)
    }),
  )
})

describe('a handler', () => {
  test(
    'slower than a session starved the heartbeat: the group rebalanced for ever (kafkajs #1720)',
    withPrograms(async (t, program) => {
      const a = program('a')
      a.handlingMs = 5 * SESSION_TIMEOUT_MS
      a.start()
      const b = program('b').start()
      await until(t, 'both have their share', () => b.owned().length === 3 && shared(a, b))
      const joins = t.events('consumer.coordinator.join')
      await write(t, 12)
      await until(t, 'all was read', () => a.seen.length + b.seen.length === 12)
      await t.time.sleep(5 * SESSION_TIMEOUT_MS)
      expect(joins).toEqual([])
    }),
  )

  test(
    'slower than max.poll.interval.ms loses its partitions, and gets them back',
    withPrograms(
      async (t, program) => {
        const left = t.events('consumer.coordinator.leave')
        const a = program('a', { 'max.poll.interval.ms': 2000, 'max.poll.records': 1 })
        const b = program('b').start()
        a.start()
        await until(t, 'both have their share', () => b.owned().length === 3 && shared(a, b))
        a.handlingMs = 6000
        await write(t, 12)
        await until(t, 'b has taken over', () => b.owned().length === PARTITIONS)
        expect(left.map(({ fields }) => fields.reason)).toEqual([
          'consumer poll timeout has expired.',
        ])
        a.handlingMs = 0
        await until(t, 'all was read', () => sorted([...a.seen, ...b.seen]).length === 12)
        await until(t, 'a is back', () => a.owned().length === 3 && shared(a, b))
      },
      // A commit in the background comes too late.
      { errorsExpected: true },
    ),
  )
})

describe('the coordinator', () => {
  const offsets = new TopicPartition('__consumer_offsets', 0)

  test(
    'moves to another broker, and the members go on in their generation',
    withPrograms(async (t, program) => {
      const found = t.events('consumer.coordinator.find')
      const a = program('a').start()
      const b = program('b').start()
      await until(t, 'both have their share', () => b.owned().length === 3 && shared(a, b))
      const joins = t.events('consumer.coordinator.join')
      const from = found.at(-1)!.fields.node
      const to = from === 1 ? 2 : 1
      await t.cluster.moveLeader(offsets.topic, offsets.partition, to)
      await write(t, 30)
      await until(t, 'all was read', () => sorted([...a.seen, ...b.seen]).length === 30)
      await t.time.sleep(2 * SESSION_TIMEOUT_MS)
      expect(found.at(-1)!.fields.node).toBe(to)
      expect(shared(a, b)).toBe(true)
      expect(joins).toEqual([])
    }),
  )
})

test(
  'a consumer that is closed leaves nothing behind: no timer, no request',
  withPrograms(async (t, program) => {
    const a = program('a').start()
    await until(t, 'a has everything', () => shared(a))
    await a.stop()
    const requests = t.events('consumer.networkClient.poll')
    const beats = t.events('consumer.coordinator.heartbeat')
    await t.time.sleep(60_000)
    expect([requests.length, beats.length]).toEqual([0, 0])
  }),
)
