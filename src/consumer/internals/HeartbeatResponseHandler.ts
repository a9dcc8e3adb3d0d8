/**
 * The answer to a heartbeat: nothing is new, or something has happened to the group or to this
 * member in it. Nothing is ever pushed to a member, so this is how it learns of a rebalance.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator.HeartbeatResponseHandler
 */

import { KafkaException } from '../../common/errors.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type { HeartbeatResponseData } from '../../protocol/messages/Heartbeat.ts'
import { notAuthorized } from './CoordinatorLookup.ts'
import { CoordinatorResponseHandler } from './CoordinatorResponseHandler.ts'
import type { Generation } from './Generation.ts'
import type { GroupContext } from './GroupContext.ts'
import type { RequestFuture } from './RequestFuture.ts'

export class HeartbeatResponseHandler extends CoordinatorResponseHandler<
  typeof ApiKeys.HEARTBEAT,
  void
> {
  private readonly context: GroupContext

  constructor(context: GroupContext, sentGeneration: Generation) {
    super(context.coordinator, sentGeneration)
    this.context = context
  }

  override handle(response: HeartbeatResponseData, future: RequestFuture<void>): void {
    const { config, coordinator, logger, sensors, trace } = this.context
    sensors.recordHeartbeatLatency(this.latencyMs())
    const error = Errors.forCode(response.errorCode, logger)
    if (trace.enabled) {
      trace.emit('consumer.coordinator.heartbeat', {
        group: config.groupId,
        member: this.sentGeneration.memberId,
        generation: this.sentGeneration.generationId,
        error: error.name,
      })
    }
    switch (error) {
      case Errors.NONE:
        future.complete(undefined)
        break
      case Errors.REBALANCE_IN_PROGRESS:
        this.onRebalanceInProgress(error, future)
        break
      case Errors.ILLEGAL_GENERATION:
      case Errors.UNKNOWN_MEMBER_ID:
      case Errors.FENCED_INSTANCE_ID:
        this.onUnknown(error, future)
        break
      case Errors.COORDINATOR_NOT_AVAILABLE:
      case Errors.NOT_COORDINATOR:
        coordinator.markCoordinatorUnknown(error)
        future.raise(error.exception()!)
        break
      case Errors.GROUP_AUTHORIZATION_FAILED:
        future.raise(notAuthorized(config.groupId))
        break
      default:
        future.raise(new KafkaException(`Unexpected error in heartbeat response: ${error.message}`))
    }
  }

  /** Whoever is rebalancing already has heard it. */
  private onRebalanceInProgress(error: WireError, future: RequestFuture<void>): void {
    const { membership, logger } = this.context
    if (membership.state === 'STABLE') {
      membership.requestRejoin('group is already rebalancing')
      future.raise(error.exception()!)
      return
    }
    logger.debug(`Ignoring heartbeat response with error ${error} in state ${membership.state}`)
    future.complete(undefined)
  }

  /** The coordinator does not know this member, or not in this round. */
  private onUnknown(error: WireError, future: RequestFuture<void>): void {
    const { config, membership, logger } = this.context
    const sent = `${this.sentGeneration} and group instance id ${config.groupInstanceId}`
    if (!this.generationUnchanged()) {
      logger.info(`Heartbeat with stale ${sent} failed due to ${error}, ignoring the error`)
      future.complete(undefined)
      return
    }
    logger.info(`Heartbeat with ${sent} failed due to ${error}, resetting generation`)
    // An illegal generation says nothing against the member's id.
    membership.resetStateOnResponseError('HEARTBEAT', error, error !== Errors.ILLEGAL_GENERATION)
    future.raise(error.exception()!)
  }
}
