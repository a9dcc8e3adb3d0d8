/**
 * What the requests of one member, and the handlers of their answers, share.
 *
 * In Java they are inner classes of `AbstractCoordinator` and read its fields. Here each is a file,
 * and this is the part of the coordinator that they see.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 */

import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import type {
  JoinGroupRequestProtocol,
  JoinGroupResponseMember,
} from '../../protocol/messages/JoinGroup.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import type { HandlingCoordinator } from './CoordinatorResponseHandler.ts'
import type { GroupCoordinatorMetrics } from './GroupCoordinatorMetrics.ts'
import type { GroupMembership } from './GroupMembership.ts'
import type { GroupRebalanceConfig } from './GroupRebalanceConfig.ts'
import type { RequestFuture } from './RequestFuture.ts'

/** A way of sharing that a member can take part in: its name, and what others must know of it. */
export type GroupProtocol = Pick<JoinGroupRequestProtocol, 'name' | 'metadata'>

/** A member as the leader sees it. */
export type GroupMember = Pick<JoinGroupResponseMember, 'memberId' | 'groupInstanceId' | 'metadata'>

/** What is shared out, and how: the part that a consumer fills in. */
export interface GroupProtocolType {
  /** The kind of group, `consumer`: members of another kind are refused. */
  protocolType(): string

  /** The ways of sharing this member can take part in, the favourite first; at least one. */
  metadata(): readonly GroupProtocol[]

  /**
   * Called when this member leads the round: who gets what?
   *
   * @param skipAssignment the coordinator keeps the last assignment (KIP-814): look at the members,
   *   assign nothing
   * @returns an assignment for each member, by its id; later, if metadata must be fetched first
   */
  onLeaderElected(
    leaderId: string,
    protocol: string,
    members: readonly GroupMember[],
    skipAssignment: boolean,
  ): RequestFuture<ReadonlyMap<string, Uint8Array>>
}

export interface GroupContext {
  readonly logger: Logger
  readonly trace: Trace
  readonly time: Time
  readonly client: ConsumerNetworkClient
  readonly sensors: GroupCoordinatorMetrics
  readonly config: GroupRebalanceConfig
  readonly membership: GroupMembership
  readonly coordinator: HandlingCoordinator & GroupProtocolType
  /** The member is in a round from now on: heartbeats begin. */
  readonly enableHeartbeat: () => void
}
