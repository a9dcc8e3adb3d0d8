/**
 * Exercise 1, one answer: where a key goes.
 *
 * The sign goes first: the remainder of a negative number is negative in JavaScript, as in Java,
 * and there is no partition −1. `toPositive` clears the sign's bit. `Math.abs` also gives a number
 * that is not negative, but another one, so keys with such a hash would go elsewhere than Kafka's
 * other clients send them.
 */

import { defineExercise } from '../../../../scripts/book/try/Exercise.ts'
import { murmur2, toPositive } from '../../../../src/common/murmur2.ts'

export const exercise = defineExercise({
  title: 'Where a key goes',
  replaces: 'src/producer/internals/BuiltInPartitioner.ts#BuiltInPartitioner.partitionForKey',
  tests: [/a key has its partition by arithmetic/, /with one busy key/, /each key in its own/],
})

export function partitionForKey(serializedKey: Uint8Array, numPartitions: number): number {
  return toPositive(murmur2(serializedKey)) % numPartitions
}
