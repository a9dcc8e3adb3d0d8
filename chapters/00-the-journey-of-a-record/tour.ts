/** Eight places on the way of `hello, kafka`, from `send` to `poll`. */

import { defineTour } from '../../lab/Tour.ts'

export const tour = defineTour({
  title: 'The journey of a record',
  stops: [
    {
      at: 'KafkaProducer.append',
      line: 'this.serialize(record)',
      watch: ['record.topic', 'record.value', 'this.toAppend.value', 'nowMs - sinceMs'],
      why:
        'Your code has called send: the value is still text, and no time has passed since, ' +
        'because ' +
        'the producer knew the topic already.',
    },
    {
      at: 'RecordAccumulator.append',
      line: 'const topicInfo',
      watch: ['record.topic', 'record.value', 'record.partition', 'this.free.availableMemory()'],
      why:
        'Now it is bytes, and it has no partition yet (−1): the accumulator will choose one. ' +
        'The pool ' +
        'still has all its memory.',
    },
    {
      at: 'KafkaProducer.append',
      line: 'return result instanceof Promise',
      watch: [
        'result instanceof Promise',
        'result',
        'this.parts.accumulator.free.availableMemory()',
      ],
      why:
        'The record is in a new batch, and a buffer of 16,384 bytes is lent to it. Nothing ' +
        'was waited ' +
        'for, so send returns in the same millisecond.',
    },
    {
      at: 'Sender.sendProduceRequest',
      line: 'const sent',
      watch: ['nowMs - batches[0].createdMs', 'destination', 'batches', 'batches[0].recordCount'],
      why:
        'Five milliseconds later. Look at the call stack: send is nowhere in it. This is ' +
        'another loop.',
    },
    {
      at: 'LogAppender.assignOffsets',
      line: 'const validator',
      watch: ['topicPartition', 'info.firstOffset', 'records.sizeInBytes', 'params.leaderEpoch'],
      why:
        'The other side of the wire: the batch gets the offset at which the log ends. No ' +
        'producer could ' +
        'have known it.',
    },
    {
      at: 'DelayedFetch.tryComplete',
      line: 'return accumulatedSize >=',
      when: 'accumulatedSize > 0',
      watch: ['accumulatedSize', 'this.params.minBytes', 'accumulatedSize >= this.params.minBytes'],
      why:
        "The consumer's fetch was here first. The append has looked whether it helps, " +
        'and 80 bytes are ' +
        'more than the one that it waits for.',
    },
    {
      at: 'Sender.completeBatch',
      line: 'batch.inflight = false',
      watch: ['topicPartition', 'baseOffset', 'error.name', 'recordCount'],
      why:
        'The answer is back: no error, and the offset that the log gave. Now whoever waits is ' +
        'told.',
    },
    {
      at: 'CompletedFetch.fetchRecords',
      line: 'return fetched',
      when: 'fetched.length > 0',
      watch: ['fetched[0].value', 'fetched[0].offset', 'this.nextOffset'],
      why:
        'The bytes are text again. Where the consumer stands is a number, and it has gone on ' +
        'to the ' +
        'next offset.',
    },
  ],
})
