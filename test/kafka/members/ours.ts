/** This project's consumer as a member of a mixed group (`tell.ts`). */

import {
  KafkaConsumer,
  OffsetAndMetadata,
  RangeAssignor,
  StringDeserializer,
  type TopicPartition,
} from '../../../src/index.ts'
import { goodbye, memberArguments, tell } from './tell.ts'

const { bootstrap, topic, group } = memberArguments()

const consumer = new KafkaConsumer({
  'bootstrap.servers': bootstrap,
  'group.id': group,
  'key.deserializer': StringDeserializer,
  'value.deserializer': StringDeserializer,
  'auto.offset.reset': 'earliest',
  'enable.auto.commit': false,
  'session.timeout.ms': 6000,
  'heartbeat.interval.ms': 500,
  'partition.assignment.strategy': [RangeAssignor],
})

const numbers = (partitions: Iterable<TopicPartition>): number[] =>
  Array.from(partitions, ({ partition }) => partition)

consumer.subscribe([topic], {
  onPartitionsAssigned: (partitions) =>
    tell({ event: 'assigned', partitions: numbers(partitions) }),
  onPartitionsRevoked: (partitions) => tell({ event: 'revoked', partitions: numbers(partitions) }),
})

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
    try {
      await consumer.commitSync([[partition, new OffsetAndMetadata(to + 1)]])
      tell({ event: 'committed', partition: partition.partition, offset: to + 1 })
    } catch (error) {
      // Thrown out of the group meanwhile, or it rebalances: whoever owns this one next begins at
      // what is committed. What else this poll brought has still to be handled.
      process.stderr.write(`${error}\n`)
    }
  }
}
await consumer.close()
