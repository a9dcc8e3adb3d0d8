/** This project's consumer as a member of a mixed group (`tell.ts`). */

import {
  CooperativeStickyAssignor,
  KafkaConsumer,
  OffsetAndMetadata,
  RangeAssignor,
  StringDeserializer,
  TopicPartition,
} from '../../../src/index.ts'
import { goodbye, memberArguments, tell } from './tell.ts'

const { bootstrap, topic, group, strategy } = memberArguments()

const consumer = new KafkaConsumer({
  'bootstrap.servers': bootstrap,
  'group.id': group,
  'key.deserializer': StringDeserializer,
  'value.deserializer': StringDeserializer,
  'auto.offset.reset': 'earliest',
  'enable.auto.commit': false,
  'session.timeout.ms': 6000,
  'heartbeat.interval.ms': 500,
  'partition.assignment.strategy': [
    strategy === 'range' ? RangeAssignor : CooperativeStickyAssignor,
  ],
})

const numbers = (partitions: Iterable<TopicPartition>): number[] =>
  Array.from(partitions, ({ partition }) => partition)

/** What it has read and not committed yet: where to go on, by partition. */
const uncommitted = new Map<number, number>()

consumer.subscribe([topic], {
  onPartitionsAssigned: (partitions) =>
    tell({ event: 'assigned', partitions: numbers(partitions) }),
  onPartitionsRevoked: (partitions) => {
    for (const partition of numbers(partitions)) uncommitted.delete(partition)
    tell({ event: 'revoked', partitions: numbers(partitions) })
  },
})

const commit = async (): Promise<void> => {
  for (const [partition, offset] of uncommitted) {
    try {
      const position = new OffsetAndMetadata(offset)
      await consumer.commitSync([[new TopicPartition(topic, partition), position]])
    } catch (error) {
      // It rebalances, and tries again; or it was thrown out meanwhile, and whoever owns this one
      // next begins at what is committed. What else this poll brought has still to be handled.
      process.stderr.write(`${error}\n`)
      continue
    }
    uncommitted.delete(partition)
    tell({ event: 'committed', partition, offset })
  }
}

let isLeaving = false
void goodbye().then(() => {
  isLeaving = true
})

while (!isLeaving) {
  const records = await consumer.poll(100)
  for (const partition of records.partitions()) {
    const of = records.records(partition)
    const [from, to] = [of[0]!.offset, of.at(-1)!.offset]
    tell({ event: 'records', partition: partition.partition, from, to })
    uncommitted.set(partition.partition, to + 1)
    await commit()
  }
  await commit()
}
await consumer.close()
