/**
 * The failures that a group coordinator or a transaction coordinator can name on the wire.
 *
 * The tree that they hang in is drawn at the top of `ApiExceptions.ts`; the codes are in
 * `protocol/Errors.ts`. Where a coordinator is to be found is a question that every client has:
 * those classes stand in `ApiExceptions.ts` too.
 *
 * @kafka org.apache.kafka.common.errors.RebalanceInProgressException and those around it
 */

import { ApiException, RetriableException } from '../errors.ts'
import { ApplicationRecoverableException } from './ApiExceptions.ts'

// ---- groups, whichever protocol they use

/** An empty group id, or one that this API cannot take. */
export class InvalidGroupIdException extends ApiException {}
/** There is no such group. */
export class GroupIdNotFoundException extends ApiException {}
/** A group with members cannot be deleted. */
export class GroupNotEmptyException extends ApiException {}
/** `group.max.size` members are in it already. */
export class GroupMaxSizeReachedException extends ApiException {}
/**
 * The coordinator does not know this member: it was thrown out, or the group is another one by now.
 */
export class UnknownMemberIdException extends ApplicationRecoverableException {}
/** Another consumer took over this `group.instance.id`. */
export class FencedInstanceIdException extends ApplicationRecoverableException {}
/** The offsets of a topic cannot be deleted while the group reads it. */
export class GroupSubscribedToTopicException extends ApiException {}

// ---- the classic protocol

/** The member speaks of a generation that is over. */
export class IllegalGenerationException extends ApplicationRecoverableException {}
/** No assignor, or no protocol type, in common with the members that are there. */
export class InconsistentGroupProtocolException extends ApiException {}
/** `session.timeout.ms` outside the broker's bounds. */
export class InvalidSessionTimeoutException extends ApiException {}
/** The group is being rebalanced: join again. */
export class RebalanceInProgressException extends ApiException {}
/** The coordinator has given the member its id; it must join again with it. */
export class MemberIdRequiredException extends ApiException {}

// ---- the consumer protocol (KIP-848)

/** The coordinator has moved this member's partitions on: give everything up and join again. */
export class FencedMemberEpochException extends ApiException {}
/** The member must learn its new epoch by a heartbeat before it goes on. */
export class StaleMemberEpochException extends ApiException {}
/** A member with this `group.instance.id` has not left yet. */
export class UnreleasedInstanceIdException extends ApiException {}
/** The coordinator has no such assignor. */
export class UnsupportedAssignorException extends ApiException {}
/**
 * The subscription's pattern is not a regular expression. Kafka's class has no `Exception` at its
 * end either.
 */
export class InvalidRegularExpression extends ApiException {}

// ---- committed offsets

/**
 * The metadata beside an offset is above `offset.metadata.max.bytes`. Kafka names it without
 * `Exception`.
 */
export class OffsetMetadataTooLarge extends ApiException {}
/** A commit is larger than what the coordinator may write at once. */
export class InvalidCommitOffsetSizeException extends ApiException {}
/** A transaction over these offsets is still open. */
export class UnstableOffsetCommitException extends RetriableException {}

// ---- transactions

/** A newer producer with this `transactional.id` is at work. */
export class ProducerFencedException extends ApplicationRecoverableException {}
/** The producer id does not belong to this `transactional.id` any more. */
export class InvalidPidMappingException extends ApplicationRecoverableException {}
/** An operation that this state of the transaction does not allow. */
export class InvalidTxnStateException extends ApiException {}
/** `transaction.timeout.ms` above the broker's `transaction.max.timeout.ms`. */
export class InvalidTxnTimeoutException extends ApiException {}
/** The last transaction of this producer is still being finished. */
export class ConcurrentTransactionsException extends RetriableException {}
/** The coordinator that writes the end of a transaction is no longer the one. */
export class TransactionCoordinatorFencedException extends ApiException {}
/** There is no such transactional id. */
export class TransactionalIdNotFoundException extends ApiException {}
/** The transaction cannot be committed; it can be aborted, and the producer used again. */
export class TransactionAbortableException extends ApiException {}
/** A batch was thrown away unsent because its transaction was aborted. Never on the wire. */
export class TransactionAbortedException extends ApiException {}
