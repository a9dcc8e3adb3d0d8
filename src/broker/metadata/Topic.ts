/**
 * Which names a topic may have, and which belong to Kafka itself.
 *
 * A name becomes a directory, and `.` becomes `_` in the names of metrics: so the letters are few,
 * and two names that differ in that only exclude each other.
 *
 * @kafka org.apache.kafka.common.internals.Topic
 */

import { InvalidTopicException } from '../../common/errors/ApiExceptions.ts'

const MAX_NAME_LENGTH = 249
const LEGAL = /^[a-zA-Z0-9._-]+$/
const INTERNAL = ['__consumer_offsets', '__transaction_state', '__share_group_state']

export const Topic = {
  /** @throws InvalidTopicException */
  validate(name: string): void {
    const problem = problemOf(name)
    if (problem !== undefined) throw new InvalidTopicException(`Topic name is invalid: ${problem}`)
  },

  isValid: (name: string): boolean => problemOf(name) === undefined,

  isInternal: (name: string): boolean => INTERNAL.includes(name),

  /** `a.b` and `a_b` would have the same metrics. */
  hasCollision: (a: string, b: string): boolean => unify(a) === unify(b),

  /** What names that collide have in common. */
  unifyCollisionChars: (name: string): string => unify(name),
} as const

const unify = (name: string): string => name.replaceAll('.', '_')

const problemOf = (name: string): string | undefined => {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > MAX_NAME_LENGTH) {
    return `the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`
  }
  if (!LEGAL.test(name)) {
    return (
      `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' ` +
      `and '-'`
    )
  }
  return undefined
}
