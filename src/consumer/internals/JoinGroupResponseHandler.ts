/**
 * The answer to a join: the member is in the new round, or is told what keeps it out.
 *
 *     NONE                        leader or follower: on with SyncGroup, which brings the outcome
 *     MEMBER_ID_REQUIRED          a first join: here is your name, ask again with it (KIP-394)
 *     UNKNOWN_MEMBER_ID           your name means nothing to me: forget it, and ask again
 *     NOT_COORDINATOR, …          find the coordinator, ask again
 *     REBALANCE_IN_PROGRESS, …    ask again
 *     anything else               the user must know: FENCED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED, …
 *
 * The name comes before the membership since a client that lost the answer to its first join would
 * otherwise leave a member behind that nobody is, for as long as a session lasts.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator.JoinGroupResponseHandler
 */

import { UNKNOWN_GENERATION_ID } from '../../clients/JoinGroupRequest.ts'
import { GroupMaxSizeReachedException } from '../../common/errors/CoordinatorExceptions.ts'
import { KafkaException, RetriableException } from '../../common/errors.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type { JoinGroupResponseData } from '../../protocol/messages/JoinGroup.ts'
import { notAuthorized } from './CoordinatorLookup.ts'
import { CoordinatorResponseHandler } from './CoordinatorResponseHandler.ts'
import { Generation } from './Generation.ts'
import type { GroupContext } from './GroupContext.ts'
import type { RequestFuture } from './RequestFuture.ts'

/**
 * The member left while its join was under way: the answer is to a question that nobody asks any
 * more.
 */
export class UnjoinedGroupException extends RetriableException {}

/** What follows a successful join: the sync, whose outcome is the outcome of the join. */
export type SyncAfterJoin = (response: JoinGroupResponseData) => RequestFuture<Uint8Array>

export class JoinGroupResponseHandler extends CoordinatorResponseHandler<
  typeof ApiKeys.JOIN_GROUP,
  Uint8Array
> {
  private readonly context: GroupContext
  private readonly sync: SyncAfterJoin

  constructor(context: GroupContext, sentGeneration: Generation, sync: SyncAfterJoin) {
    super(context.coordinator, sentGeneration)
    this.context = context
    this.sync = sync
  }

  override handle(response: JoinGroupResponseData, future: RequestFuture<Uint8Array>): void {
    const { logger } = this.context
    const error = Errors.forCode(response.errorCode, logger)
    if (error === Errors.NONE) this.onJoined(response, future)
    else if (error === Errors.MEMBER_ID_REQUIRED) this.onMemberIdRequired(response, future)
    else {
      logger.info(`JoinGroup failed: ${error.message} Sent generation was ${this.sentGeneration}`)
      future.raise(this.failureOf(error))
    }
  }

  private onJoined(response: JoinGroupResponseData, future: RequestFuture<Uint8Array>): void {
    const { coordinator, membership, logger, sensors } = this.context
    const { generationId, memberId, protocolName, protocolType } = response
    if (protocolType !== null && protocolType !== coordinator.protocolType()) {
      logger.error(
        `JoinGroup failed: inconsistent protocol type, received ${protocolType} but expected ` +
          coordinator.protocolType(),
      )
      future.raise(Errors.INCONSISTENT_GROUP_PROTOCOL.exception()!)
      return
    }
    sensors.recordJoinLatency(this.latencyMs())
    if (membership.state !== 'PREPARING_REBALANCE') {
      // The user was woken up and has left the group meanwhile: then there is nothing to sync.
      future.raise(new UnjoinedGroupException('The member left while its join was under way.'))
      return
    }
    membership.state = 'COMPLETING_REBALANCE'
    this.context.enableHeartbeat()
    membership.generation = new Generation(generationId, memberId, protocolName)
    logger.info(`Successfully joined group with generation ${membership.generation}`)
    this.emit(response)
    this.sync(response).chain(future)
  }

  private onMemberIdRequired(
    { memberId }: JoinGroupResponseData,
    future: RequestFuture<Uint8Array>,
  ): void {
    const { membership, logger } = this.context
    logger.debug(`JoinGroup: the coordinator names this member ${memberId}; joining with it`)
    membership.generation = new Generation(UNKNOWN_GENERATION_ID, memberId, null)
    membership.requestRejoin(`need to re-join with the given member-id: ${memberId}`)
    future.raise(Errors.MEMBER_ID_REQUIRED.exception()!)
  }

  private failureOf(error: WireError): Error {
    const { config, coordinator, membership, logger } = this.context
    switch (error) {
      case Errors.UNKNOWN_MEMBER_ID:
        if (this.generationUnchanged()) {
          membership.resetStateOnResponseError('JOIN_GROUP', error, true)
        }
        return error.exception()!
      case Errors.COORDINATOR_NOT_AVAILABLE:
      case Errors.NOT_COORDINATOR:
        coordinator.markCoordinatorUnknown(error)
        return error.exception()!
      case Errors.COORDINATOR_LOAD_IN_PROGRESS:
      case Errors.REBALANCE_IN_PROGRESS:
        return error.exception()!
      case Errors.GROUP_AUTHORIZATION_FAILED:
        return notAuthorized(config.groupId)
      case Errors.GROUP_MAX_SIZE_REACHED:
        return new GroupMaxSizeReachedException(
          `Consumer group ${config.groupId} already has the configured maximum number of members.`,
        )
      case Errors.FENCED_INSTANCE_ID:
        logger.error(
          `Another member has taken the name group.instance.id=${config.groupInstanceId}`,
        )
        return error.exception()!
      case Errors.UNSUPPORTED_VERSION:
      case Errors.INCONSISTENT_GROUP_PROTOCOL:
      case Errors.INVALID_SESSION_TIMEOUT:
      case Errors.INVALID_GROUP_ID:
        return error.exception()!
      default:
        return new KafkaException(`Unexpected error in join group response: ${error.message}`)
    }
  }

  private emit({ generationId, memberId, leader, members }: JoinGroupResponseData): void {
    const { trace, config } = this.context
    if (trace.enabled) {
      trace.emit('consumer.coordinator.join', {
        group: config.groupId,
        member: memberId,
        generation: generationId,
        isLeader: leader === memberId,
        members: members.length,
      })
    }
  }
}
