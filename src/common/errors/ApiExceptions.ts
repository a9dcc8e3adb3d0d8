/**
 * The failures that a broker can name on the wire, first part: topics, records, offsets, leaders,
 * and the right to use them. `CoordinatorExceptions.ts` has those of groups and transactions,
 * `ClusterExceptions.ts` the rest.
 *
 * On the wire an error is a 16-bit code; `protocol/Errors.ts` gives each code one of these classes.
 * What a class extends says what the one who gets it can do:
 *
 *     ApiException
 *     ├─ RetriableException                    the same request may succeed later
 *     │  └─ RefreshRetriableException          … once we have asked where things are
 *     │     └─ InvalidMetadataException        … because our picture of the cluster is old
 *     ├─ ApplicationRecoverableException       this client is done for; a new one can go on
 *     └─ InvalidConfigurationException         a setting, a right or a version has to change
 *
 * The roots stand in `common/errors.ts`. The classes are kept together here, against the rule of
 * one class one file, because each of them is no more than a name and a place in that tree.
 *
 * @kafka org.apache.kafka.common.errors.ApplicationRecoverableException
 * @kafka org.apache.kafka.common.errors.InvalidConfigurationException and those around it
 */

import {
  ApiException,
  InvalidMetadataException,
  RefreshRetriableException,
  RetriableException,
} from '../errors.ts'
import type { TopicPartition } from '../TopicPartition.ts'

// ---- what the two families of last resort are called

/** Fatal for this client, not for the program: a new client can go on where this one stopped. */
export class ApplicationRecoverableException extends ApiException {}
/** Cannot succeed before somebody changes a setting, a right or a version. */
export class InvalidConfigurationException extends ApiException {}

// ---- any request

/** The broker failed in a way that it has no code for; its own log knows more. */
export class UnknownServerException extends ApiException {}
/** The request does not make sense to the broker: its fields contradict each other. */
export class InvalidRequestException extends ApiException {}
/** The other side does not know this version of the API, or it cannot express what was asked. */
export class UnsupportedVersionException extends InvalidConfigurationException {}
/** The broker went away before it answered, so nobody knows whether it did what was asked. */
export class NetworkException extends InvalidMetadataException {}
/** The broker asked is not available. */
export class BrokerNotAvailableException extends ApiException {}
/** The rest of a batch of operations failed, so this one was not tried. */
export class OperationNotAttemptedException extends ApiException {}
/** More change was asked for than the quota allows just now. */
export class ThrottlingQuotaExceededException extends RetriableException {
  /** How long the broker asks us to wait, milliseconds. */
  readonly throttleTimeMs: number

  constructor(message: string, throttleTimeMs = 0) {
    super(message)
    this.throttleTimeMs = throttleTimeMs
  }
}
/**
 * Our picture of the cluster is so old that the broker wants us to start from `bootstrap.servers`
 * again.
 */
export class RebootstrapRequiredException extends ApiException {}

// ---- topics and their leaders

/** No such topic, no such partition, or not on this broker. */
export class UnknownTopicOrPartitionException extends InvalidMetadataException {}
/** No topic has this id; often a topic that was deleted and made again under the same name. */
export class UnknownTopicIdException extends InvalidMetadataException {}
/** The log on disk belongs to another topic id than the request names. */
export class InconsistentTopicIdException extends InvalidMetadataException {}
/** An election is under way. */
export class LeaderNotAvailableException extends InvalidMetadataException {}
/** Asked the wrong broker: it does not lead this partition, or (fetch) holds no replica of it. */
export class NotLeaderOrFollowerException extends InvalidMetadataException {}
/** This broker's replica cannot serve just now. */
export class ReplicaNotAvailableException extends InvalidMetadataException {}
/** The leader has no listener of the kind through which its address was asked for. */
export class ListenerNotFoundException extends InvalidMetadataException {}
/** The disk below the log failed; another broker will take over. */
export class KafkaStorageException extends InvalidMetadataException {}
/** Our leader epoch is older than the broker's: we missed an election. */
export class FencedLeaderEpochException extends InvalidMetadataException {}
/** Our leader epoch is newer than the broker's: it has not heard of the election yet. */
export class UnknownLeaderEpochException extends RetriableException {}
/** A topic name with characters, or of a length, that Kafka refuses. */
export class InvalidTopicException extends InvalidConfigurationException {
  /** The names, where they are known. */
  readonly invalidTopics: ReadonlySet<string>

  constructor(message: string, invalidTopics: ReadonlySet<string> = new Set()) {
    super(message)
    this.invalidTopics = invalidTopics
  }
}
/** The topic to be created is there already. */
export class TopicExistsException extends ApiException {}
/** `delete.topic.enable` is off. */
export class TopicDeletionDisabledException extends ApiException {}
/** A number of partitions that cannot be: below 1, or fewer than there are. */
export class InvalidPartitionsException extends ApiException {}
/** Fewer than one replica, or more replicas than brokers. */
export class InvalidReplicationFactorException extends InvalidConfigurationException {}
/** A hand-made assignment with gaps, duplicates or unknown brokers. */
export class InvalidReplicaAssignmentException extends ApiException {}
/** The operator's `create.topic.policy` or `alter.config.policy` said no. */
export class PolicyViolationException extends ApiException {}

// ---- records on their way in

/** The batch failed its CRC, has an impossible length, or lacks a key on a compacted topic. */
export class CorruptRecordException extends RetriableException {}
/** A record that breaks a rule of its topic. */
export class InvalidRecordException extends InvalidConfigurationException {}
/** One record is above `message.max.bytes` (broker) or `max.request.size` (producer). */
export class RecordTooLargeException extends ApiException {
  /** Where the record stands, when a fetch met it. */
  readonly recordTooLargePartitions: ReadonlyMap<TopicPartition, number> | null

  constructor(
    message: string,
    recordTooLargePartitions: ReadonlyMap<TopicPartition, number> | null = null,
  ) {
    super(message)
    this.recordTooLargePartitions = recordTooLargePartitions
  }
}
/** A batch is larger than a whole segment of the log. */
export class RecordBatchTooLargeException extends InvalidConfigurationException {}
/** The timestamp is further from now than the topic allows. */
export class InvalidTimestampException extends ApiException {}
/** An `acks` other than 0, 1 and -1. */
export class InvalidRequiredAcksException extends InvalidConfigurationException {}
/** Fewer replicas in sync than `min.insync.replicas`; nothing was written. */
export class NotEnoughReplicasException extends RetriableException {}
/** Written, and then too few replicas were in sync; a retry may write it twice. */
export class NotEnoughReplicasAfterAppendException extends RetriableException {}
/** The other side does not know this compression. */
export class UnsupportedCompressionTypeException extends ApiException {}
/** The records' format is too old for what was asked. */
export class UnsupportedForMessageFormatException extends InvalidConfigurationException {}

// ---- producer ids and sequences: what makes a retry harmless

/**
 * A gap: the batch's sequence does not follow the last one that the broker holds of this producer.
 */
export class OutOfOrderSequenceException extends ApiException {}
/** The batch is older than those that the broker remembers: it was written long ago. */
export class DuplicateSequenceException extends ApiException {}
/** The broker holds nothing of this producer id any more: its records were deleted by retention. */
export class UnknownProducerIdException extends OutOfOrderSequenceException {}
/** Another instance of this producer has a newer epoch. */
export class InvalidProducerEpochException extends ApplicationRecoverableException {}

// ---- records on their way out

/** An offset that cannot be answered with a record. */
export class InvalidOffsetException extends ApiException {}
/** Before the first record that is left, or after the last one. */
export class OffsetOutOfRangeException extends InvalidOffsetException {}
/** A newly elected leader cannot name an end that will never go back; ask again. */
export class OffsetNotAvailableException extends RetriableException {}
/** The records asked for have moved to remote storage. */
export class OffsetMovedToTieredStorageException extends ApiException {}
/** A negative fetch size. */
export class InvalidFetchSizeException extends ApiException {}
/** The broker has forgotten this fetch session. */
export class FetchSessionIdNotFoundException extends RetriableException {}
/** A fetch of a session came twice, or one was lost. */
export class InvalidFetchSessionEpochException extends RetriableException {}
/** A fetch session was begun with topic names and goes on with ids, or the other way round. */
export class FetchSessionTopicIdException extends RetriableException {}

// ---- who may do what

/** The connection's identity was not accepted. */
export class AuthenticationException extends InvalidConfigurationException {}
/** Wrong user name, password or token. */
export class SaslAuthenticationException extends AuthenticationException {}
/** The broker does not offer this SASL mechanism. */
export class UnsupportedSaslMechanismException extends AuthenticationException {}
/** A request that does not belong into this step of the SASL dialogue. */
export class IllegalSaslStateException extends AuthenticationException {}
/** The TLS handshake failed. */
export class SslAuthenticationException extends AuthenticationException {}
/** The identity is known, and is not allowed to do this. */
export class AuthorizationException extends InvalidConfigurationException {}
/** Not allowed on the cluster as a whole. */
export class ClusterAuthorizationException extends AuthorizationException {}
/** Not allowed on a topic. */
export class TopicAuthorizationException extends AuthorizationException {
  /** The topics, where they are known. */
  readonly unauthorizedTopics: ReadonlySet<string>

  constructor(message: string, unauthorizedTopics: ReadonlySet<string> = new Set()) {
    super(message)
    this.unauthorizedTopics = unauthorizedTopics
  }
}
/** Not allowed in a group. */
export class GroupAuthorizationException extends AuthorizationException {
  readonly groupId: string | null

  constructor(message: string, groupId: string | null = null) {
    super(message)
    this.groupId = groupId
  }
}
/** Not allowed to use a transactional id. */
export class TransactionalIdAuthorizationException extends AuthorizationException {}
/** The broker has no authorizer, so there are no rights to ask about. */
export class SecurityDisabledException extends ApiException {}

// ---- where a coordinator is

/** There is no coordinator yet, or it is not reachable. */
export class CoordinatorNotAvailableException extends RefreshRetriableException {}
/** Asked the wrong broker: another one coordinates this group or transaction. */
export class NotCoordinatorException extends RefreshRetriableException {}
/** The coordinator has just moved here and still reads its log. */
export class CoordinatorLoadInProgressException extends RetriableException {}
