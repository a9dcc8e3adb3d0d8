/**
 * How long our consumers take to share a topic, and to share it anew when one leaves: what
 * `GroupTimes.java` measures of Java's. Gets a `GroupJob` as JSON, prints one line per round.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { ByteArrayDeserializer } from '../../src/common/serialization/ByteArrayDeserializer.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'

export interface GroupJob {
  readonly bootstrap: string
  readonly topic: string
  readonly partitions: number
  readonly members: number
  readonly rounds: number
}

const POLL_MS = 100
const DEADLINE_MS = 60_000

/** One member: a loop that polls until it is told to leave. */
const member = ({ bootstrap, topic }: GroupJob, group: string) => {
  const consumer = new KafkaConsumer({
    'bootstrap.servers': bootstrap,
    'group.id': group,
    'key.deserializer': ByteArrayDeserializer,
    'value.deserializer': ByteArrayDeserializer,
  })
  consumer.subscribe([topic])
  let isLeaving = false
  let owned: readonly string[] = []
  const run = async (): Promise<void> => {
    while (!isLeaving) {
      await consumer.poll(POLL_MS)
      owned = Array.from(consumer.assignment(), String)
    }
    await consumer.close()
    owned = []
  }
  const ended = run()
  return {
    owned: () => owned,
    leave(): Promise<void> {
      isLeaving = true
      return ended
    },
  }
}

type Member = ReturnType<typeof member>

/** Until every partition is owned, by one member, and no member has more than its share. */
const awaitShared = async (group: readonly Member[], partitions: number): Promise<void> => {
  const share = Math.ceil(partitions / group.length)
  const deadlineMs = performance.now() + DEADLINE_MS
  for (;;) {
    const all = group.flatMap((each) => each.owned())
    const isFair = group.every((each) => each.owned().length <= share)
    if (isFair && all.length === partitions && new Set(all).size === partitions) return
    if (performance.now() > deadlineMs) throw new Error('the topic was not shared in a minute')
    await sleep(1)
  }
}

const run = async (job: GroupJob): Promise<void> => {
  for (let round = 0; round < job.rounds; round++) {
    let startedMs = performance.now()
    const elapsedMs = (): number => Math.round(performance.now() - startedMs)
    const name = `${job.topic}-ours-${process.pid}-${round}`
    const group = Array.from({ length: job.members }, () => member(job, name))
    await awaitShared(group, job.partitions)
    const joinMs = elapsedMs()
    startedMs = performance.now()
    const [first, ...others] = group
    const left = first!.leave()
    await awaitShared(others, job.partitions)
    process.stdout.write(`${joinMs} ${elapsedMs()}\n`)
    await left
    await Promise.all(others.map((each) => each.leave()))
  }
}

if (process.argv[2] !== undefined) await run(JSON.parse(process.argv[2]) as GroupJob)
