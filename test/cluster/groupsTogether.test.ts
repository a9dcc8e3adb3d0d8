/**
 * Three members of one group on a cluster, each a loop over its records on a machine of its own:
 * they are restarted one by one, join while others read on, find new topics, and leave their loops
 * by `break` and by an exception. Every record is finished by somebody, and none twice without
 * need.
 */

import { describe, expect, test } from 'vitest'
import type { TopicPartition } from '../../src/common/TopicPartition.ts'
import { CooperativeStickyAssignor } from '../../src/consumer/CooperativeStickyAssignor.ts'
import {
  type ClusterTest,
  type ConsumerSettings,
  onCluster,
  range,
  type StringConsumer,
  type StringRecord,
} from './clusterSupport.ts'

const SESSION_TIMEOUT_MS = 6000
const PARTITIONS = 6
const OPTIONS = {
  brokers: 3,
  config: { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.num.partitions': 1 },
}
const COOPERATIVE = { 'partition.assignment.strategy': [CooperativeStickyAssignor] }

/** A program that reads in a loop. */
class Member {
  readonly consumer: StringConsumer
  /** What its body has finished, in order. */
  readonly done: StringRecord[] = []
  /** What its listener was told: `+orders-0`, `-orders-0`. */
  readonly told: string[] = []
  readonly owned = new Set<string>()
  /** Called by the body for each record; `false` leaves the loop. */
  body: (record: StringRecord) => boolean | Promise<boolean> = () => true
  /** How long its listener works on what it is told. */
  listenerMs = 0
  private readonly controller = new AbortController()
  private ended: Promise<void> = Promise.resolve()

  constructor(t: ClusterTest, name: string, settings: ConsumerSettings, topics: string[] | RegExp) {
    this.consumer = t.consumer(
      {
        'group.id': 'billing',
        'client.id': name,
        'session.timeout.ms': SESSION_TIMEOUT_MS,
        'heartbeat.interval.ms': 500,
        'auto.commit.interval.ms': 100,
        ...settings,
      },
      t.environment(name),
    )
    const listener = {
      onPartitionsAssigned: async (partitions: readonly TopicPartition[]): Promise<void> => {
        if (this.listenerMs > 0) await t.time.sleep(this.listenerMs)
        for (const partition of partitions) {
          this.owned.add(`${partition}`)
          this.told.push(`+${partition}`)
        }
      },
      onPartitionsRevoked: async (partitions: readonly TopicPartition[]): Promise<void> => {
        if (this.listenerMs > 0) await t.time.sleep(this.listenerMs)
        for (const partition of partitions) {
          this.owned.delete(`${partition}`)
          this.told.push(`-${partition}`)
        }
      },
      onPartitionsLost: (partitions: readonly TopicPartition[]): void => {
        for (const partition of partitions) this.told.push(`lost ${partition}`)
        this.owned.clear()
      },
    }
    if (topics instanceof RegExp) this.consumer.subscribe(topics, listener)
    else this.consumer.subscribe(topics, listener)
    this.read()
  }

  /** A loop, until it is stopped or its body leaves it. */
  read(): void {
    this.ended = this.loop()
  }

  /** Resolves when the loop is over; rejects with what its body has thrown. */
  left(): Promise<void> {
    return this.ended
  }

  /** May be done twice. A loop that has failed is over as well: `left` says why. */
  async stop(): Promise<void> {
    this.controller.abort()
    await this.ended.catch(() => undefined)
    await this.consumer.close()
  }

  private async loop(): Promise<void> {
    for await (const record of this.consumer.records({ signal: this.controller.signal })) {
      if (!(await this.body(record))) break
      this.done.push(record)
    }
  }
}

interface Group {
  /** A new member, on a machine of this name. */
  join(name: string, settings?: ConsumerSettings, topics?: string[] | RegExp): Member
  /** Everything that was finished, by all there ever were. */
  done(): StringRecord[]
}

const withGroup = (main: (t: ClusterTest, group: Group) => Promise<void>) =>
  onCluster(async (t) => {
    const members: Member[] = []
    await t.createTopic('orders', PARTITIONS)
    try {
      await main(t, {
        join: (name, settings = {}, topics = ['orders']) => {
          const member = new Member(t, name, settings, topics)
          members.push(member)
          return member
        },
        done: () => members.flatMap(({ done }) => done),
      })
    } finally {
      for (const member of members) await member.stop()
    }
  }, OPTIONS)

/** Sends one record to each partition in turn, every so often, until it is told to end. */
const trickle = (t: ClusterTest, everyMs: number, topic = 'orders') => {
  const producer = t.producer()
  let isOn = true
  let count = 0
  const sending = (async (): Promise<void> => {
    while (isOn) {
      producer.send({ topic, partition: count % PARTITIONS, value: `${count}` })
      count++
      await t.time.sleep(everyMs)
    }
    await producer.close()
  })()
  return async (): Promise<string[]> => {
    isOn = false
    await sending
    return range(count).map(String)
  }
}

/** Looks every so often, for a minute at most. */
const until = async (t: ClusterTest, what: string, holds: () => boolean): Promise<void> => {
  const deadlineMs = t.time.milliseconds() + 60_000
  while (!holds()) {
    expect(t.time.milliseconds(), what).toBeLessThan(deadlineMs)
    await t.time.sleep(10)
  }
}

const sizes = (...members: Member[]): number[] => members.map(({ owned }) => owned.size)

const haveAll = (...members: Member[]): boolean =>
  sizes(...members).reduce((sum, size) => sum + size, 0) === PARTITIONS &&
  members.every(({ owned }) => owned.size > 0)

const byNumber = (values: readonly (string | null)[]): (string | null)[] =>
  values.toSorted((a, b) => Number(a) - Number(b))

const valuesDone = (group: Group): (string | null)[] =>
  byNumber(group.done().map(({ value }) => value))

describe('three members with names of their own', () => {
  test(
    'are restarted one by one, and no partition moves, no record is missed or read twice',
    withGroup(async (t, group) => {
      const names = ['a', 'b', 'c']
      const named = (name: string): Member => group.join(name, { 'group.instance.id': name })
      let members = names.map(named)
      await until(t, 'all have their share', () => haveAll(...members))
      await until(t, 'the shares are even', () => `${sizes(...members)}` === '2,2,2')
      const before = members.map(({ owned }) => [...owned].sort())
      const stop = trickle(t, 50)
      const joins = t.events('consumer.coordinator.join')
      for (const [i] of names.entries()) {
        await t.time.sleep(1000)
        await members[i]!.stop()
        // Away for less than a session: nobody is told.
        await t.time.sleep(SESSION_TIMEOUT_MS / 2)
        members = members.with(i, named(names[i]!))
        await until(t, `${names[i]} is back`, () => members[i]!.owned.size > 0)
      }
      await t.time.sleep(1000)
      const sent = await stop()
      await until(t, 'all was read', () => group.done().length >= sent.length)
      expect(members.map(({ owned }) => [...owned].sort())).toEqual(before)
      // Each came back by one join of its own, into the round in which it had left.
      expect(joins).toHaveLength(3)
      expect(new Set(joins.map(({ fields }) => fields.generation)).size).toBe(1)
      expect(valuesDone(group)).toEqual(sent)
    }),
  )
})

describe('a cooperative group', () => {
  test(
    'moves no more than it must, and reads on what it keeps',
    withGroup(async (t, group) => {
      const stop = trickle(t, 10)
      const a = group.join('a', COOPERATIVE)
      await until(t, 'a has all', () => haveAll(a))
      const b = group.join('b', COOPERATIVE)
      await until(t, 'two share', () => `${sizes(a, b)}` === '3,3')
      expect(a.told.filter((what) => what.startsWith('-'))).toHaveLength(3)
      const keptByAll = [...a.owned]
      const c = group.join('c', COOPERATIVE)
      await until(t, 'three share', () => `${sizes(a, b, c)}` === '2,2,2')
      await t.time.sleep(500)
      expect(a.told.filter((what) => what.startsWith('-'))).toHaveLength(4)
      expect(b.told.filter((what) => what.startsWith('-'))).toHaveLength(1)
      expect(c.told.filter((what) => what.startsWith('-'))).toEqual([])
      const told = [a.told.length, b.told.length]
      await c.stop()
      await until(t, 'two share again', () => haveAll(a, b))
      // What c had goes to the two; nothing of theirs moves.
      expect(a.told.slice(told[0]!).every((what) => what.startsWith('+'))).toBe(true)
      expect(b.told.slice(told[1]!).every((what) => what.startsWith('+'))).toBe(true)
      await t.time.sleep(500)
      const sent = await stop()
      await until(t, 'all was read', () => new Set(valuesDone(group)).size === sent.length)
      expect(new Set(valuesDone(group))).toEqual(new Set(sent))
      // A partition that a had all the time was read in order, and each record once.
      const kept = keptByAll.find((partition) => !a.told.includes(`-${partition}`))!
      const ofKept = a.done.filter(({ topic, partition }) => `${topic}-${partition}` === kept)
      expect(ofKept.length).toBeGreaterThan(20)
      expect(ofKept.map(({ offset }) => offset)).toEqual(range(ofKept.length))
    }),
  )
})

describe('a pattern', () => {
  test(
    'finds a topic that comes later, and shares it out with the others',
    withGroup(async (t, group) => {
      const settings = { 'metadata.max.age.ms': 1000, ...COOPERATIVE }
      const members = ['a', 'b', 'c'].map((name) => group.join(name, settings, /orders(-eu)?/))
      await until(t, 'the shares are even', () => `${sizes(...members)}` === '2,2,2')
      await t.createTopic('orders-us', PARTITIONS)
      await t.createTopic('orders-eu', PARTITIONS)
      const startMs = t.time.milliseconds()
      await until(t, 'the new topic is shared', () => `${sizes(...members)}` === '4,4,4')
      expect(t.time.milliseconds() - startMs).toBeLessThan(3 * 1000)
      const stop = trickle(t, 5, 'orders-eu')
      await t.time.sleep(1000)
      const sent = await stop()
      await until(t, 'all was read', () => group.done().length === sent.length)
      expect(new Set(group.done().map(({ topic }) => topic))).toEqual(new Set(['orders-eu']))
      expect(valuesDone(group)).toEqual(sent)
      const owned = members.flatMap((member) => [...member.owned])
      expect(owned.filter((partition) => partition.startsWith('orders-us'))).toEqual([])
    }),
  )
})

describe('a listener that waits', () => {
  test.each([
    ['range', { 'partition.assignment.strategy': 'range' }],
    ['cooperative-sticky', COOPERATIVE],
  ] as const)('for two sessions is not missed: heartbeats go on (%s)', (_, settings) =>
    withGroup(async (t, group) => {
      const a = group.join('a', settings)
      await until(t, 'a has all', () => haveAll(a))
      a.listenerMs = 2 * SESSION_TIMEOUT_MS
      const beats = t.events('consumer.coordinator.heartbeat')
      const b = group.join('b', settings)
      b.listenerMs = 2 * SESSION_TIMEOUT_MS
      await until(t, 'two share', () => `${sizes(a, b)}` === '3,3')
      expect([...a.told, ...b.told].filter((what) => what.startsWith('lost'))).toEqual([])
      expect(beats.filter(({ fields }) => fields.error === 'UNKNOWN_MEMBER_ID')).toEqual([])
      expect(beats.length).toBeGreaterThan(20)
      a.listenerMs = b.listenerMs = 0
    })(),
  )
})

describe('a loop in a group', () => {
  test.each([
    ['range', { 'partition.assignment.strategy': 'range' }],
    ['cooperative-sticky', COOPERATIVE],
  ] as const)(
    'that is left by break or by an exception finishes nothing twice (%s)',
    (_, settings) =>
      withGroup(async (t, group) => {
        const members = ['a', 'b', 'c'].map((name) => group.join(name, settings))
        const [a, b, c] = members as [Member, Member, Member]
        await until(t, 'the shares are even', () => `${sizes(a, b, c)}` === '2,2,2')
        // a breaks at every fifth record and begins again; b fails at its tenth, and gives up.
        let count = 0
        a.body = async () => {
          await t.time.sleep(3)
          return ++count % 5 > 0
        }
        const again = async (): Promise<void> => {
          while (!isOver) {
            await a.left()
            if (!isOver) a.read()
          }
        }
        let isOver = false
        b.body = (record) => {
          if (b.done.length === 9) throw new Error(`I cannot do ${record.value}`)
          return true
        }
        const looping = again()
        const stop = trickle(t, 10)
        const failure = await b.left().catch((error: Error) => error.message)
        expect(failure).toMatch(/^I cannot do \d+$/)
        const lastOfB = String(failure).replace(/\D/g, '')
        expect(b.done.map(({ value }) => value)).not.toContain(lastOfB)
        await b.consumer.close()
        await until(t, 'two share', () => haveAll(a, c))
        await t.time.sleep(1000)
        const sent = await stop()
        await until(t, 'all was read', () => group.done().length >= sent.length)
        expect(valuesDone(group)).toEqual(sent)
        expect(b.done.map(({ value }) => value)).not.toContain(lastOfB)
        isOver = true
        await a.stop()
        await looping
        await c.stop()
      })(),
  )
})
