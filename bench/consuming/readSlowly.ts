/**
 * A reader that takes one record a second, behind a log of hundreds of megabytes: what of it does
 * the process hold meanwhile? Gets a `SlowJob` as JSON, prints one JSON line.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { ByteArrayDeserializer } from '../../src/common/serialization/ByteArrayDeserializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { megabytes } from '../watch.ts'

export interface SlowJob {
  readonly bootstrap: string
  readonly topic: string
  readonly partitions: number
  readonly seconds: number
}

export interface SlowOutcome {
  readonly taken: number
  readonly memoryBeforeMb: number
  readonly peakMemoryMb: number
}

const SAMPLE_EVERY_MS = 100

const run = async (job: SlowJob): Promise<SlowOutcome> => {
  const memoryBeforeMb = megabytes(process.memoryUsage().rss)
  let peak = 0
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss)
  }, SAMPLE_EVERY_MS)
  const consumer = new KafkaConsumer({
    'bootstrap.servers': job.bootstrap,
    'key.deserializer': ByteArrayDeserializer,
    'value.deserializer': ByteArrayDeserializer,
    'auto.offset.reset': 'earliest',
  })
  consumer.assign(
    Array.from({ length: job.partitions }, (_, index) => new TopicPartition(job.topic, index)),
  )
  let taken = 0
  const endMs = performance.now() + job.seconds * 1000
  for await (const _record of consumer.records()) {
    taken++
    await sleep(1000)
    if (performance.now() >= endMs) break
  }
  await consumer.close()
  clearInterval(sampler)
  return { taken, memoryBeforeMb, peakMemoryMb: megabytes(peak) }
}

if (process.argv[2] !== undefined) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2]) as SlowJob))}\n`)
}
