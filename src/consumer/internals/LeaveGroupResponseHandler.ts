/**
 * The answer to a leave. The member has forgotten the group already: whatever the answer says, the
 * session would end what the leave did not.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator.LeaveGroupResponseHandler
 */

import { leaveGroupErrorOf } from '../../clients/LeaveGroupRequest.ts'
import { IllegalStateException } from '../../common/errors.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { LeaveGroupResponseData } from '../../protocol/messages/LeaveGroup.ts'
import { CoordinatorResponseHandler } from './CoordinatorResponseHandler.ts'
import type { Generation } from './Generation.ts'
import type { GroupContext } from './GroupContext.ts'
import type { RequestFuture } from './RequestFuture.ts'

export class LeaveGroupResponseHandler extends CoordinatorResponseHandler<
  typeof ApiKeys.LEAVE_GROUP,
  void
> {
  private readonly context: GroupContext

  constructor(context: GroupContext, sentGeneration: Generation) {
    super(context.coordinator, sentGeneration)
    this.context = context
  }

  override handle(response: LeaveGroupResponseData, future: RequestFuture<void>): void {
    const { logger } = this.context
    if (response.members.length > 1) {
      future.raise(
        new IllegalStateException(
          `One member left the group, but the answer speaks of ${response.members.length}.`,
        ),
      )
      return
    }
    const error = leaveGroupErrorOf(response)
    if (error === Errors.NONE) {
      logger.debug(`LeaveGroup of ${this.sentGeneration} returned successfully`)
      future.complete(undefined)
      return
    }
    logger.error(`LeaveGroup of ${this.sentGeneration} failed with error: ${error.message}`)
    future.raise(error.exception()!)
  }
}
