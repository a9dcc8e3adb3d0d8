/**
 * Groups whose luck is drawn from a seed: members are cut off, lose their connections, handle
 * slowly, and their coordinator moves, while records are written. In the end every record was read,
 * every partition is with one member, and at no time were two given the same one in one round.
 */

import { expect, test } from 'vitest'
import { IllegalStateException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import type { TopicPartition } from '../../src/common/TopicPartition.ts'
import {
  type ClusterTest,
  type ConsumerSettings,
  onCluster,
  range,
  type StringConsumer,
} from './clusterSupport.ts'

const SEEDS = range(3, 1)
const PARTITIONS = 6
const RECORDS = 60
const NAMES = ['a', 'b', 'c'] as const
/** Within this time after the last misfortune all must be well. */
const RECOVERY_MS = 60_000

const OPTIONS = {
  brokers: 2,
  errorsExpected: true,
  config: {
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 1,
    'group.min.session.timeout.ms': 100,
  },
}

/** Who was given which partition in which round: `round:partition` to names. */
type Owners = Map<string, ReadonlySet<string>>

/** A program that polls, works, and polls on after every error. */
class Program {
  readonly owned = new Set<number>()
  readonly seen = new Set<string>()
  handlingMs = 0
  private readonly consumer: StringConsumer
  private readonly t: ClusterTest
  private running = true
  private ended: Promise<void> = Promise.resolve()

  constructor(t: ClusterTest, name: string, owners: Owners, settings: ConsumerSettings) {
    this.t = t
    this.consumer = t.consumer(
      {
        'group.id': 'billing',
        'client.id': name,
        'session.timeout.ms': 1500,
        'heartbeat.interval.ms': 300,
        'max.poll.interval.ms': 4000,
        'auto.commit.interval.ms': 200,
        'max.poll.records': 5,
        ...settings,
      },
      t.environment(name),
    )
    const goes = (partitions: Iterable<TopicPartition>): void => {
      for (const { partition } of partitions) this.owned.delete(partition)
    }
    this.consumer.subscribe(['orders'], {
      onPartitionsAssigned: (partitions) => {
        for (const { partition } of partitions) this.owned.add(partition)
        const round = this.consumer.groupMetadata().generationId
        for (const partition of this.owned) {
          const place = `${round}:${partition}`
          // Kept, not thrown: a listener's error would be one that the program lives with.
          owners.set(place, new Set([...(owners.get(place) ?? []), name]))
        }
      },
      onPartitionsRevoked: goes,
    })
  }

  start(): void {
    this.ended = this.run()
  }

  async stop(): Promise<void> {
    this.running = false
    await this.ended
    await this.consumer.close()
  }

  private async run(): Promise<void> {
    while (this.running) {
      try {
        const records = await this.consumer.poll(300)
        for (const { value } of records) this.seen.add(value ?? '')
        await this.t.time.sleep(this.handlingMs)
      } catch (error) {
        // Misfortunes are the brokers' and the network's; these would be ours.
        expect(error).not.toBeInstanceOf(TypeError)
        expect(error).not.toBeInstanceOf(IllegalStateException)
        await this.t.time.sleep(50)
      }
    }
  }
}

const misfortune = async (
  t: ClusterTest,
  random: SeededRandom,
  programs: readonly Program[],
): Promise<void> => {
  const i = random.nextInt(NAMES.length)
  const { faults } = t.world.network
  switch (random.nextInt(12)) {
    case 0:
      return faults.isolate(NAMES[i]!)
    case 1:
      return faults.healAll()
    case 2:
      return faults.breakConnections(NAMES[i]!)
    case 3:
      return t.cluster.moveLeader('__consumer_offsets', 0, 1 + random.nextInt(2))
    case 4:
      programs[i]!.handlingMs = random.nextInt(6000)
      return
    case 5:
      programs[i]!.handlingMs = 0
  }
}

const run = async (t: ClusterTest, seed: number): Promise<void> => {
  const random = new SeededRandom(seed)
  const owners: Owners = new Map()
  await t.createTopic('orders', PARTITIONS)
  const strategy = random.nextBoolean() ? 'range' : 'cooperative-sticky'
  const programs = NAMES.map(
    (name) =>
      new Program(t, name, owners, {
        'partition.assignment.strategy': [strategy],
        ...(random.nextBoolean() && { 'group.instance.id': name }),
      }),
  )
  try {
    for (const program of programs) {
      program.start()
      await t.time.sleep(random.nextInt(2000))
    }
    const producer = t.producer()
    for (const i of range(RECORDS)) {
      producer.send({ topic: 'orders', partition: i % PARTITIONS, value: `${i}` })
      await t.time.sleep(random.nextInt(300))
      // The topic of offsets comes with the first member.
      if (owners.size > 0) await misfortune(t, random, programs)
    }
    await producer.flush()
    t.world.network.faults.healAll()
    for (const program of programs) program.handlingMs = 0

    const isWell = (): boolean =>
      new Set(programs.flatMap(({ seen }) => [...seen])).size === RECORDS &&
      String(programs.flatMap(({ owned }) => [...owned]).sort()) === String(range(PARTITIONS))
    const deadlineMs = t.time.milliseconds() + RECOVERY_MS
    while (!isWell()) {
      expect(t.time.milliseconds(), `seed ${seed} is not well`).toBeLessThan(deadlineMs)
      await t.time.sleep(100)
    }
    const twice = [...owners].filter(([, names]) => names.size > 1)
    expect(twice.map(([place]) => place)).toEqual([])
  } finally {
    t.world.network.faults.healAll()
    for (const program of programs) await program.stop()
  }
}

for (const seed of SEEDS) {
  test(
    `a group with bad luck reads everything, and shares without overlap (seed ${seed})`,
    onCluster((t) => run(t, seed), { ...OPTIONS, seed }),
  )
}
