/**
 * Trouble that came with metadata, kept until somebody who waits for metadata can be told.
 *
 * Two kinds. A fatal error (a login refused, a version that does not fit) concerns every topic, and
 * asking again will not mend it. A topic's error (its name cannot be, we may not see it) concerns
 * those who want that topic, and may be gone with the next answer.
 *
 * I1  Told once: what was thrown is forgotten.
 *
 * @kafka org.apache.kafka.clients.Metadata
 * @simplified a class of its own; in Java these are fields of `Metadata`.
 */

import type { Cluster } from '../common/Cluster.ts'
import {
  InvalidTopicException,
  TopicAuthorizationException,
} from '../common/errors/ApiExceptions.ts'
import type { KafkaException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'

const NONE: ReadonlySet<string> = new Set()

export class MetadataErrors {
  /** Why the last broker could not be asked; `null` once one has answered. */
  connectionProblem: string | null = null
  private readonly logger: Logger
  private fatal: KafkaException | null = null
  private invalid = NONE
  private unauthorized = NONE

  constructor(logger: Logger) {
    this.logger = logger
  }

  setFatal(exception: KafkaException): void {
    this.fatal = exception
  }

  /** Takes the topics' errors of a new picture; those of the old one are forgotten. */
  setFrom({ invalidTopics, unauthorizedTopics }: Cluster): void {
    this.invalid = invalidTopics
    this.unauthorized = unauthorizedTopics
    this.connectionProblem = null
    if (invalidTopics.size > 0) {
      this.logger.error(`Metadata response reported invalid topics ${list(invalidTopics)}`)
    }
    if (unauthorizedTopics.size > 0) {
      this.logger.error(`Topic authorization failed for topics ${list(unauthorizedTopics)}`)
    }
  }

  /** Throws what is fatal, else what is wrong with any topic; forgets all. */
  maybeThrowAny(): void {
    this.throwAndForget(topicsException(this.unauthorized, this.invalid))
  }

  /** Throws what is fatal, else what is wrong with `topic`; forgets all, also of other topics. */
  maybeThrowForTopic(topic: string): void {
    const only = (topics: ReadonlySet<string>): ReadonlySet<string> =>
      topics.has(topic) ? new Set([topic]) : NONE
    this.throwAndForget(topicsException(only(this.unauthorized), only(this.invalid)))
  }

  /** Throws what is fatal; topics are left alone. */
  maybeThrowFatal(): void {
    const exception = this.fatal
    this.fatal = null
    if (exception !== null) throw exception
  }

  private throwAndForget(ofTopics: KafkaException | null): void {
    const exception = this.fatal ?? ofTopics
    this.fatal = null
    this.invalid = this.unauthorized = NONE
    if (exception !== null) throw exception
  }
}

const list = (topics: ReadonlySet<string>): string => `[${[...topics].join(', ')}]`

/** One exception for all topics of the graver kind; `null` when there is nothing to tell. */
const topicsException = (
  unauthorized: ReadonlySet<string>,
  invalid: ReadonlySet<string>,
): KafkaException | null => {
  if (unauthorized.size > 0) {
    return new TopicAuthorizationException(
      `Not authorized to access topics: ${list(unauthorized)}`,
      unauthorized,
    )
  }
  if (invalid.size > 0)
    return new InvalidTopicException(`Invalid topics: ${list(invalid)}`, invalid)
  return null
}
