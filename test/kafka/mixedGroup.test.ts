/**
 * One group of consumers that different people wrote: ours, Java's, librdkafka's and kafkajs's.
 *
 * They come and go, are killed, and sleep through their sessions, while a producer writes. What
 * they tell of it is held against what a group promises (`GroupHistory`).
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, type TestContext, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { KafkaAdminClient, KafkaProducer, StringSerializer } from '../../src/index.ts'
import { GroupHistory } from './members/GroupHistory.ts'
import { type GroupPlace, type Kind, Member } from './members/Member.ts'
import type { Strategy } from './members/tell.ts'

const PARTITIONS = 12
const DEADLINE_MS = 45_000
const TEST_MS = 170_000
/** Longer than the members' `session.timeout.ms`. */
const ASLEEP_MS = 7500

const tools = inject('tools')
let groups = 0

/** Writes a few records every few milliseconds, to all partitions in turn, until it is stopped. */
const startWriting = (bootstrap: string, topic: string) => {
  const producer = new KafkaProducer({
    'bootstrap.servers': bootstrap,
    'key.serializer': StringSerializer,
    'value.serializer': StringSerializer,
  })
  let isWriting = true
  let sent = 0
  let failure: Error | null = null
  const noteFailure = (_: unknown, error: Error | null): void => {
    failure ??= error
  }
  const run = async (): Promise<void> => {
    while (isWriting) {
      for (let i = 0; i < 12; i++, sent++) {
        const record = { topic, partition: sent % PARTITIONS, value: `record ${sent}` }
        producer.send(record, noteFailure)
      }
      await sleep(10)
    }
    await producer.close()
  }
  const ended = run()
  return {
    /** @returns the end of each partition */
    async stop(): Promise<number[]> {
      isWriting = false
      await ended
      if (failure !== null) throw failure
      return Array.from({ length: PARTITIONS }, (_, partition) =>
        Math.ceil((sent - partition) / PARTITIONS),
      )
    },
  }
}

class MixedGroup {
  readonly history = new GroupHistory()
  private readonly place: GroupPlace
  private readonly members: Member[] = []
  private writer: ReturnType<typeof startWriting> | undefined

  constructor(bootstrap: string, strategy: Strategy) {
    const name = `mixed-${groups++}`
    this.place = { bootstrap, topic: name, group: name, strategy }
  }

  async open(): Promise<void> {
    const { bootstrap, topic } = this.place
    const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })
    await admin
      .createTopics([{ name: topic, numPartitions: PARTITIONS, replicationFactor: 1 }])
      .all()
    await admin.close()
    this.writer = startWriting(bootstrap, topic)
  }

  join(kind: Kind, name: string = kind): Member {
    const member = new Member(name, kind, this.place, tools, this.history)
    this.members.push(member)
    return member
  }

  /** Until all partitions are owned, and each of these members owns some of them. */
  async shared(...members: readonly Member[]): Promise<void> {
    await this.until(`shared among ${members.map(({ name }) => name).join(', ')}`, () => {
      const owners = this.history.owners()
      const names = new Set(owners.values())
      return (
        owners.size === PARTITIONS &&
        names.size === members.length &&
        members.every(({ name }) => names.has(name))
      )
    })
  }

  /** Stops writing, and waits until every record is committed. */
  async readToTheEnd(): Promise<void> {
    const { writer } = this
    this.writer = undefined
    const ends = await writer!.stop()
    await this.until('read to the end', () => {
      const committed = this.history.committed()
      return ends.every((end, partition) => committed.get(partition) === end)
    })
    for (const [partition, end] of ends.entries()) this.history.checkWhole(partition, end)
  }

  async close(): Promise<void> {
    for (const member of this.members) {
      if (member.isRunning) member.goOn()
      await member.kill()
    }
    await this.writer?.stop()
  }

  private async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS
    while (!holds()) {
      this.history.check()
      if (Date.now() > deadline) {
        throw new Error(`not ${what}\n${this.members.join('\n')}\n${this.history.tail()}`)
      }
      await sleep(200)
    }
  }
}

/** Opens a group, and closes it with the test. */
const comeAndGo = async (
  // Of this test: two of them run at a time.
  { onTestFinished }: TestContext,
  bootstrap: string,
  strategy: Strategy,
): Promise<void> => {
  const kinds = KINDS[strategy]
  const mixed = new MixedGroup(bootstrap, strategy)
  onTestFinished(() => mixed.close())
  await mixed.open()
  const members = new Map(kinds.map((kind) => [kind, mixed.join(kind)]))
  const present = (): Member[] => [...members.values()]
  const leaveOut = (kind: Kind): Member => {
    const member = members.get(kind)!
    members.delete(kind)
    return member
  }
  await mixed.shared(...present())

  // One of ours is killed; the others wait for its session to end, and share what it had.
  await leaveOut('ours').kill()
  await mixed.shared(...present())
  members.set('ours', mixed.join('ours', 'ours again'))
  await mixed.shared(...present())

  // One sleeps through its session and comes back, believing that nothing has happened.
  const sleeper = leaveOut('librdkafka')
  sleeper.stop()
  await Promise.all([sleep(ASLEEP_MS), mixed.shared(...present())])
  sleeper.goOn()
  members.set('librdkafka', sleeper)
  await mixed.shared(...present())

  // So does one of ours.
  const own = leaveOut('ours')
  own.stop()
  await Promise.all([sleep(ASLEEP_MS), mixed.shared(...present())])
  own.goOn()
  members.set('ours', own)
  await mixed.shared(...present())

  // And one leaves as it should.
  await leaveOut('java').leave()
  await mixed.shared(...present())

  await mixed.readToTheEnd()
  mixed.history.check()
  for (const kind of kinds) expect(mixed.history.counts().get(kind)).toBeGreaterThan(0)
  for (const member of present()) await member.leave()
  mixed.history.check()
}

const KINDS: Readonly<Record<Strategy, readonly Kind[]>> = {
  range: ['ours', 'java', 'librdkafka', 'kafkajs'],
  // kafkajs gives everything up in every rebalance.
  'cooperative-sticky': ['ours', 'java', 'librdkafka'],
}

// Most of the time they wait for sessions to end, so two of them run beside each other.
describe.concurrent.each<Strategy>(['range', 'cooperative-sticky'])(
  'a group of consumers that different people wrote, by %s',
  (strategy) => {
    let cluster: EmbeddedCluster
    beforeAll(async () => {
      cluster = await EmbeddedCluster.start({ config: { 'group.initial.rebalance.delay.ms': 0 } })
    })
    afterAll(() => cluster.close())

    test(
      'shares the partitions on the embedded broker, whoever comes and goes',
      async (context) => {
        await comeAndGo(context, cluster.bootstrapServers, strategy)
      },
      TEST_MS,
    )

    test(
      `shares them on Apache Kafka's broker`,
      async (context) => {
        await comeAndGo(context, inject('realKafka'), strategy)
      },
      TEST_MS,
    )
  },
)
