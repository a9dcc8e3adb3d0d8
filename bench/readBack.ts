/**
 * Reads topics back and checks every value: a process of its own, which lives as long as the run.
 *
 * It gets `ReadBack` messages and answers each with `Found`, or with an error. It works only
 * between two measurements.
 *
 * I1  Every batch's CRC is verified (`check.crcs`), and every value's bytes (`ValueCheck`).
 */

import { KafkaAdminClient } from '../src/admin/KafkaAdminClient.ts'
import { ByteArrayDeserializer } from '../src/common/serialization/ByteArrayDeserializer.ts'
import { TopicPartition } from '../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../src/consumer/KafkaConsumer.ts'
import { type Found, ValueCheck } from './values.ts'

export interface ReadBack {
  readonly bootstrap: string
  readonly topic: string
  readonly partitions: number
  readonly valueBytes: number
  /** How many numbers can come. */
  readonly numbers: number
  /** Deleted when it has been read. */
  readonly topicsToDelete: readonly string[]
}

const SILENCE_MS = 10_000

const readBack = async (wanted: ReadBack): Promise<Found> => {
  const consumer = new KafkaConsumer({
    'bootstrap.servers': wanted.bootstrap,
    'key.deserializer': ByteArrayDeserializer,
    'value.deserializer': ByteArrayDeserializer,
    'check.crcs': true,
    'max.poll.records': 20_000,
    'max.partition.fetch.bytes': 4 * 2 ** 20,
  })
  const check = new ValueCheck(wanted.valueBytes, wanted.numbers)
  try {
    const partitions = Array.from(
      { length: wanted.partitions },
      (_, partition) => new TopicPartition(wanted.topic, partition),
    )
    let stored = 0
    for (const offset of (await consumer.endOffsets(partitions)).values()) stored += offset
    consumer.assign(partitions)
    consumer.seekToBeginning(partitions)
    let lastMs = performance.now()
    while (check.found.count < stored) {
      const records = await consumer.poll(200)
      for (const record of records) check.add(record.value)
      if (!records.isEmpty()) lastMs = performance.now()
      if (performance.now() - lastMs > SILENCE_MS) break
    }
    return check.found
  } finally {
    await consumer.close()
  }
}

const deleteTopics = async ({ bootstrap, topicsToDelete }: ReadBack): Promise<void> => {
  if (topicsToDelete.length === 0) return
  const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })
  try {
    await admin.deleteTopics([...topicsToDelete]).all()
  } finally {
    await admin.close()
  }
}

process.on('message', (message) => {
  const wanted = message as ReadBack
  readBack(wanted)
    .then(async (found) => {
      await deleteTopics(wanted)
      return { found }
    })
    .catch((error: unknown) => ({ error: String(error) }))
    .then((answer) => process.send!(answer))
})
