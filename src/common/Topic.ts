/**
 * What a topic may be called, and which topics are Kafka's own.
 *
 * A topic's name becomes a directory's name on the broker (`orders-0`), so it is at most 249
 * characters of letters, digits, `.`, `_` and `-`; and it becomes part of a metric's name, where
 * `.` and `_` are the same: two topics that differ in nothing else would collide there.
 *
 * @kafka org.apache.kafka.common.internals.Topic
 */

import { InvalidTopicException } from './errors/ApiExceptions.ts'

const GROUP_METADATA_TOPIC_NAME = '__consumer_offsets'

const INTERNAL_TOPICS: readonly string[] = [
  GROUP_METADATA_TOPIC_NAME,
  '__transaction_state',
  '__share_group_state',
]

const MAX_NAME_LENGTH = 249
const LEGAL_NAME = /^[a-zA-Z0-9._-]+$/

export const Topic = {
  /** What groups remember: their members, and how far they have come. */
  GROUP_METADATA_TOPIC_NAME,

  /** Throws an `InvalidTopicException` that says what is wrong with `name`. */
  validate(name: string): void {
    const reason = detectInvalidTopic(name)
    if (reason !== null) throw new InvalidTopicException(`Topic name is invalid: ${reason}`)
  },

  isValid: (name: string): boolean => detectInvalidTopic(name) === null,

  /** What is wrong with `name`, or `null`; the same holds for the names of static members. */
  detectInvalidName: (name: string): string | null => detectInvalidTopic(name),

  /** Topics that programs do not write to. */
  isInternal: (name: string): boolean => INTERNAL_TOPICS.includes(name),

  /** Whether `name` has a character that metrics cannot tell from another. */
  hasCollisionChars: (name: string): boolean => /[._]/.test(name),

  /** The name as metrics show it. */
  unifyCollisionChars: (name: string): string => name.replaceAll('.', '_'),

  /** Whether two names are the same to metrics. */
  hasCollision: (a: string, b: string): boolean =>
    Topic.unifyCollisionChars(a) === Topic.unifyCollisionChars(b),
} as const

/** What is wrong with `name`, or `null`. */
const detectInvalidTopic = (name: string): string | null => {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > MAX_NAME_LENGTH) {
    return `the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`
  }
  if (!LEGAL_NAME.test(name)) {
    return `'${name}' has characters other than ASCII letters and digits, '.', '_' and '-'`
  }
  return null
}
