/**
 * The answer to a sync: the member's share of the partitions, as bytes that only the assignor
 * reads. With it the member is `STABLE`.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator.SyncGroupResponseHandler
 */

import { KafkaException } from '../../common/errors.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type { SyncGroupResponseData } from '../../protocol/messages/SyncGroup.ts'
import { notAuthorized } from './CoordinatorLookup.ts'
import { CoordinatorResponseHandler } from './CoordinatorResponseHandler.ts'
import type { Generation } from './Generation.ts'
import type { GroupContext } from './GroupContext.ts'
import type { RequestFuture } from './RequestFuture.ts'

export class SyncGroupResponseHandler extends CoordinatorResponseHandler<
  typeof ApiKeys.SYNC_GROUP,
  Uint8Array
> {
  private readonly context: GroupContext

  constructor(context: GroupContext, sentGeneration: Generation) {
    super(context.coordinator, sentGeneration)
    this.context = context
  }

  override handle(response: SyncGroupResponseData, future: RequestFuture<Uint8Array>): void {
    const error = Errors.forCode(response.errorCode, this.context.logger)
    if (error === Errors.NONE) this.onSynced(response, future)
    else {
      this.context.logger.info(
        `SyncGroup failed: ${error.message} Sent generation was ${this.sentGeneration}`,
      )
      future.raise(this.failureOf(error))
    }
  }

  private onSynced(response: SyncGroupResponseData, future: RequestFuture<Uint8Array>): void {
    const { coordinator, membership, logger, sensors, time } = this.context
    const { protocolType, protocolName, assignment } = response
    if (protocolType !== null && protocolType !== coordinator.protocolType()) {
      this.raiseInconsistent('type', protocolType, coordinator.protocolType(), future)
      return
    }
    sensors.recordSyncLatency(this.latencyMs())
    if (membership.hasGenerationReset() || membership.state !== 'COMPLETING_REBALANCE') {
      logger.info(
        `The generation was reset to ${membership.generation}, and the state is ` +
          `${membership.state}, before the answer to SyncGroup came: this rebalance has failed`,
      )
      // The error after which one joins again at once.
      future.raise(Errors.ILLEGAL_GENERATION.exception()!)
      return
    }
    const expectedName = membership.generation.protocolName
    if (protocolName !== null && protocolName !== expectedName) {
      this.raiseInconsistent('name', protocolName, expectedName, future)
      return
    }
    logger.info(`Successfully synced group in generation ${membership.generation}`)
    membership.rebalanceSucceeded()
    sensors.rebalances.recordRebalanceEnded(time.milliseconds())
    this.emit(assignment)
    future.complete(assignment)
  }

  private raiseInconsistent(
    what: string,
    received: string,
    expected: string | null,
    future: RequestFuture<Uint8Array>,
  ): void {
    this.context.logger.error(
      `SyncGroup failed: inconsistent protocol ${what}, received ${received} but expected ` +
        `${expected}`,
    )
    future.raise(Errors.INCONSISTENT_GROUP_PROTOCOL.exception()!)
  }

  private failureOf(error: WireError): Error {
    const { config, coordinator, membership, logger } = this.context
    switch (error) {
      case Errors.GROUP_AUTHORIZATION_FAILED:
        return notAuthorized(config.groupId)
      case Errors.FENCED_INSTANCE_ID:
        logger.error(
          `Another member has taken the name group.instance.id=${config.groupInstanceId}`,
        )
        return error.exception()!
      case Errors.UNKNOWN_MEMBER_ID:
      case Errors.ILLEGAL_GENERATION:
        // An illegal generation says nothing against the member's id.
        if (this.generationUnchanged()) {
          const shouldResetMemberId = error !== Errors.ILLEGAL_GENERATION
          membership.resetStateOnResponseError('SYNC_GROUP', error, shouldResetMemberId)
        }
        return error.exception()!
      case Errors.COORDINATOR_NOT_AVAILABLE:
      case Errors.NOT_COORDINATOR:
        coordinator.markCoordinatorUnknown(error)
        return error.exception()!
      case Errors.REBALANCE_IN_PROGRESS:
        return error.exception()!
      default:
        return new KafkaException(`Unexpected error from SyncGroup: ${error.message}`)
    }
  }

  private emit(assignment: Uint8Array): void {
    const { trace, config, membership } = this.context
    if (trace.enabled) {
      trace.emit('consumer.coordinator.sync', {
        group: config.groupId,
        member: membership.generation.memberId,
        generation: membership.generation.generationId,
        bytes: assignment.length,
      })
    }
  }
}
