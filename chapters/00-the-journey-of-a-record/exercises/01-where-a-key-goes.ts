/**
 * Exercise 1: where a key goes.
 *
 * Given a record's key as bytes and the number of partitions of its topic, return the partition, a
 * number from 0 up to one less than `numPartitions`. The same key must always get the same one, in
 * every client of every language, so it is Kafka's arithmetic that is asked for.
 *
 * Given: `murmur2(bytes)` makes a number of bytes, which may be below zero, and
 * `toPositive(number)` takes its sign away as Kafka does.
 *
 *     npm run exercise 0/1
 */

import { defineExercise, notWrittenYet } from '../../../scripts/book/try/Exercise.ts'
import { murmur2, toPositive } from '../../../src/common/murmur2.ts'

export const exercise = defineExercise({
  title: 'Where a key goes',
  replaces: 'src/producer/internals/BuiltInPartitioner.ts#BuiltInPartitioner.partitionForKey',
  tests: [/a key has its partition by arithmetic/, /with one busy key/, /each key in its own/],
})

export function partitionForKey(serializedKey: Uint8Array, numPartitions: number): number {
  return notWrittenYet(serializedKey, numPartitions, murmur2, toPositive)
}
