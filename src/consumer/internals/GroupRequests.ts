/**
 * The four requests of a member: join, sync, heartbeat, leave.
 *
 *     sendJoinGroupRequest ─► JoinGroup ─► leader:   assign for all ─► SyncGroup with assignments
 *                                          follower:               ─► SyncGroup without
 *                                     the future of the join is settled by the answer to the sync
 *
 * None of them waits. Each returns a future that somebody's poll settles.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 */

import { joinGroupRequest, maybeTruncateReason } from '../../clients/JoinGroupRequest.ts'
import { leaveGroupRequest } from '../../clients/LeaveGroupRequest.ts'
import { requestBuilder } from '../../clients/RequestBuilder.ts'
import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import type { Node } from '../../common/Node.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { JoinGroupResponseData } from '../../protocol/messages/JoinGroup.ts'
import type { SyncGroupRequestInput } from '../../protocol/messages/SyncGroup.ts'
import { asError } from './CoordinatorResponseHandler.ts'
import type { GroupContext } from './GroupContext.ts'
import { HeartbeatResponseHandler } from './HeartbeatResponseHandler.ts'
import { JoinGroupResponseHandler } from './JoinGroupResponseHandler.ts'
import { LeaveGroupResponseHandler } from './LeaveGroupResponseHandler.ts'
import { RequestFuture } from './RequestFuture.ts'
import { SyncGroupResponseHandler } from './SyncGroupResponseHandler.ts'

/** What an answer to JoinGroup may take on top of the time that the coordinator waits. */
export const JOIN_GROUP_TIMEOUT_LAPSE = 5000

/** Static members are known to SyncGroup and Heartbeat from this version on (KIP-345). */
const FIRST_VERSION_WITH_STATIC_MEMBERS = 3

type Assignments = NonNullable<SyncGroupRequestInput['assignments']>

export class GroupRequests {
  private readonly context: GroupContext
  private readonly findCoordinator: () => Node | null

  /** @param findCoordinator where requests go; `null`: not known */
  constructor(context: GroupContext, findCoordinator: () => Node | null) {
    this.context = context
    this.findCoordinator = findCoordinator
  }

  /** @returns this member's share of the partitions, as bytes */
  sendJoinGroupRequest(): RequestFuture<Uint8Array> {
    const { client, config, coordinator, logger, membership } = this.context
    const node = this.findCoordinator()
    if (node === null) return RequestFuture.coordinatorNotAvailable()
    logger.info('(Re-)joining group')
    const request = joinGroupRequest({
      groupId: config.groupId,
      sessionTimeoutMs: config.sessionTimeoutMs,
      rebalanceTimeoutMs: config.rebalanceTimeoutMs,
      memberId: membership.generation.memberId,
      groupInstanceId: config.groupInstanceId,
      protocolType: coordinator.protocolType(),
      protocols: coordinator.metadata().map(({ name, metadata }) => ({ name, metadata })),
      reason: maybeTruncateReason(membership.rejoinReason),
    })
    const sync = (response: JoinGroupResponseData): RequestFuture<Uint8Array> =>
      response.leader === response.memberId ? this.onLeaderElected(response) : this.onJoinFollower()
    return client
      .send(node, request, this.joinTimeoutMs())
      .compose(new JoinGroupResponseHandler(this.context, membership.generation, sync))
  }

  sendHeartbeatRequest(): RequestFuture<void> {
    const { client, config, logger, membership } = this.context
    const node = this.findCoordinator()
    if (node === null) return RequestFuture.coordinatorNotAvailable()
    const { generation } = membership
    logger.debug(`Sending Heartbeat request with ${generation} to coordinator ${node}`)
    const { groupId, groupInstanceId } = config
    const { generationId, memberId } = generation
    const request = requestBuilder(ApiKeys.HEARTBEAT, (version) => {
      checkStaticMember(groupInstanceId, ApiKeys.HEARTBEAT, version)
      return { groupId, groupInstanceId, generationId, memberId }
    })
    return client
      .send(node, request)
      .compose(new HeartbeatResponseHandler(this.context, generation))
  }

  sendLeaveGroupRequest(node: Node, reason: string): RequestFuture<void> {
    const { client, config, logger, membership, trace } = this.context
    const { generation } = membership
    const { generationId, memberId } = generation
    logger.info(`Member ${memberId} sending LeaveGroup request to ${node} due to ${reason}`)
    if (trace.enabled) {
      trace.emit('consumer.coordinator.leave', {
        group: config.groupId,
        member: memberId,
        generation: generationId,
        reason,
      })
    }
    const leaving = { memberId, reason: maybeTruncateReason(reason) }
    return client
      .send(node, leaveGroupRequest(config.groupId, [leaving]))
      .compose(new LeaveGroupResponseHandler(this.context, generation))
  }

  private onJoinFollower(): RequestFuture<Uint8Array> {
    this.context.logger.debug('Sending SyncGroup as follower')
    return this.sendSyncGroupRequest([])
  }

  private onLeaderElected(response: JoinGroupResponseData): RequestFuture<Uint8Array> {
    const { coordinator, logger, membership } = this.context
    const { generation } = membership
    try {
      return coordinator
        .onLeaderElected(
          response.leader,
          response.protocolName ?? '',
          response.members,
          response.skipAssignment,
        )
        .compose<Uint8Array>({
          onSuccess: (assignments, future) => {
            if (!membership.generation.equals(generation)) {
              // The round was given up while metadata was fetched: join again at once.
              future.raise(Errors.ILLEGAL_GENERATION.exception()!)
              return
            }
            logger.debug('Sending SyncGroup as leader')
            const list = [...assignments].map(([memberId, assignment]) => ({
              memberId,
              assignment,
            }))
            this.sendSyncGroupRequest(list).chain(future)
          },
        })
    } catch (error) {
      return RequestFuture.failure(asError(error))
    }
  }

  private sendSyncGroupRequest(assignments: Assignments): RequestFuture<Uint8Array> {
    const { client, config, coordinator, membership } = this.context
    const node = this.findCoordinator()
    if (node === null) return RequestFuture.coordinatorNotAvailable()
    const { generation } = membership
    const { groupId, groupInstanceId } = config
    const { generationId, memberId, protocolName } = generation
    const protocolType = coordinator.protocolType()
    const member = { groupId, groupInstanceId, generationId, memberId }
    const request = requestBuilder(ApiKeys.SYNC_GROUP, (version) => {
      checkStaticMember(groupInstanceId, ApiKeys.SYNC_GROUP, version)
      return { ...member, protocolType, protocolName, assignments }
    })
    return client
      .send(node, request)
      .compose(new SyncGroupResponseHandler(this.context, generation))
  }

  /** The coordinator may hold the answer back for as long as a rebalance takes. */
  private joinTimeoutMs(): number {
    const { client, config } = this.context
    return Math.max(
      client.defaultRequestTimeoutMs(),
      config.rebalanceTimeoutMs + JOIN_GROUP_TIMEOUT_LAPSE,
    )
  }
}

/** An old version cannot carry the name of a static member. */
const checkStaticMember = (
  groupInstanceId: string | null,
  apiKey: typeof ApiKeys.HEARTBEAT | typeof ApiKeys.SYNC_GROUP,
  version: number,
): void => {
  if (groupInstanceId === null || version >= FIRST_VERSION_WITH_STATIC_MEMBERS) return
  throw new UnsupportedVersionException(
    `The broker speaks version ${version} of ${apiKey.name}, which does not know static ` +
      'members: unset group.instance.id, or upgrade the broker.',
  )
}
