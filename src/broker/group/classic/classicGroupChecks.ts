/**
 * What a classic group allows, and to whom. Each check throws the exception that names the answer
 * on the wire.
 *
 * | asked for     | Empty            | rebalancing               | Stable            | Dead      |
 * |---------------|------------------|---------------------------|-------------------|-----------|
 * | OffsetCommit  | from non-members | from members, unless they | from members of   | COORDI-   |
 * |               |                  | still wait for a share    | this generation   | NATOR_NOT |
 * | OffsetDelete  | yes              | if they are consumers     | if they are       | GROUP_ID_ |
 * | DeleteGroups  | yes              | NON_EMPTY_GROUP           | NON_EMPTY_GROUP   | NOT_FOUND |
 *
 * @kafka org.apache.kafka.coordinator.group.classic.ClassicGroup
 */

import { CoordinatorNotAvailableException } from '../../../common/errors/ApiExceptions.ts'
import {
  FencedInstanceIdException,
  GroupIdNotFoundException,
  IllegalGenerationException,
  RebalanceInProgressException,
  UnknownMemberIdException,
} from '../../../common/errors/CoordinatorExceptions.ts'
import type { Logger } from '../../../common/Logger.ts'
import { Errors } from '../../../protocol/Errors.ts'
import { OffsetExpirationCondition } from '../OffsetExpirationCondition.ts'
import type { ClassicGroupState } from './ClassicGroupState.ts'

/** What the checks look at. */
interface CheckedGroup {
  readonly groupId: string
  readonly generationId: number
  readonly protocolType: string | null
  readonly subscribedTopics: ReadonlySet<string> | null
  currentState(): ClassicGroupState
  isInState(state: ClassicGroupState): boolean
  hasMember(memberId: string): boolean
  staticMemberId(groupInstanceId: string): string | undefined
  usesConsumerGroupProtocol(): boolean
}

const unknownMember = (group: CheckedGroup, who: string): UnknownMemberIdException =>
  new UnknownMemberIdException(`Group ${group.groupId} has no member ${who}.`)

/**
 * @param operation for the log
 * @throws UnknownMemberIdException, and FencedInstanceIdException when somebody else has the
 *   instance id by now
 */
export const validateMember = (
  group: CheckedGroup,
  memberId: string,
  groupInstanceId: string | null,
  operation: string,
  logger: Logger,
): void => {
  if (groupInstanceId !== null) {
    const existing = group.staticMemberId(groupInstanceId)
    if (existing === undefined) {
      throw unknownMember(group, `with groupInstanceId=${groupInstanceId}`)
    }
    if (existing !== memberId) {
      logger.info(
        `Request memberId=${memberId} for static member with groupInstanceId=${groupInstanceId} ` +
          `is fenced by existing memberId=${existing} during operation ${operation}`,
      )
      throw new FencedInstanceIdException(Errors.FENCED_INSTANCE_ID.message)
    }
  }
  if (!group.hasMember(memberId)) throw unknownMember(group, memberId)
}

export interface OffsetCommitter {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId: number
  readonly isTransactional: boolean
}

export const validateOffsetCommit = (
  group: CheckedGroup,
  { memberId, groupInstanceId, generationId, isTransactional }: OffsetCommitter,
  logger: Logger,
): void => {
  if (group.isInState('Dead')) {
    throw new CoordinatorNotAvailableException(Errors.COORDINATOR_NOT_AVAILABLE.message)
  }
  // An administrator's call, or a consumer that does not use the group for more than its offsets:
  // as long as nobody is in the group they disturb nobody.
  if (generationId < 0 && group.isInState('Empty')) return
  if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
    const operation = isTransactional ? 'txn-offset-commit' : 'offset-commit'
    validateMember(group, memberId, groupInstanceId, operation, logger)
    if (generationId !== group.generationId) {
      throw new IllegalGenerationException(Errors.ILLEGAL_GENERATION.message)
    }
  } else if (!isTransactional && !group.isInState('Empty')) {
    throw unknownMember(group, 'without an id')
  }
  // It has heard of the new generation and does not know its share yet, so what it commits belongs
  // to the share that it had. Transactions are held to their own rules.
  if (!isTransactional && group.isInState('CompletingRebalance')) {
    throw new RebalanceInProgressException(Errors.REBALANCE_IN_PROGRESS.message)
  }
}

export const throwIfDead = (group: CheckedGroup): void => {
  if (group.isInState('Dead')) {
    throw new GroupIdNotFoundException(`Group ${group.groupId} is in dead state.`)
  }
}

/** Offsets that nobody uses can go; for consumers that is known topic by topic. */
export const validateOffsetDelete = (group: CheckedGroup): void => {
  throwIfDead(group)
  if (!group.isInState('Empty') && !group.usesConsumerGroupProtocol()) {
    throw Errors.NON_EMPTY_GROUP.exception()!
  }
}

export const validateDeleteGroup = (group: CheckedGroup): void => {
  throwIfDead(group)
  if (!group.isInState('Empty')) throw Errors.NON_EMPTY_GROUP.exception()!
}

/**
 * From when on offsets grow old.
 *
 *     nobody ever joined       each from its commit on
 *     everybody has left       all from that moment on (or, if that is not known, from the commit)
 *     consumers, Stable        from the commit on, where nobody reads the topic any more
 *     else                     not at all
 */
export const offsetExpirationCondition = (
  group: CheckedGroup,
  emptySinceMs: number | null,
): OffsetExpirationCondition | undefined => {
  if (group.protocolType === null) return EXPIRES_AFTER_COMMIT
  if (group.isInState('Empty')) {
    return new OffsetExpirationCondition((offset) => emptySinceMs ?? offset.commitTimestampMs)
  }
  const knowsTopics = group.usesConsumerGroupProtocol() && group.subscribedTopics !== null
  return knowsTopics && group.isInState('Stable') ? EXPIRES_AFTER_COMMIT : undefined
}

const EXPIRES_AFTER_COMMIT = new OffsetExpirationCondition((offset) => offset.commitTimestampMs)
