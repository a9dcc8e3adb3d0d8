/**
 * How far a member is on its way into the present round of its group.
 *
 *     UNJOINED ──JoinGroup sent──► PREPARING_REBALANCE ──JoinGroup answered──► COMPLETING_REBALANCE
 *        ▲                            ▲       ▲                                       │
 *        │ left, or thrown out        │       └── the next round begins ─┐    SyncGroup answered
 *        └────────────────────────────┴───────────────────────────── STABLE ◄─────────┘
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator.MemberState
 */

export type MemberState =
  /** Not part of a group. */
  | 'UNJOINED'
  /** The join was sent; the coordinator waits for the others. */
  | 'PREPARING_REBALANCE'
  /** In the new round, but without a share of the partitions yet. */
  | 'COMPLETING_REBALANCE'
  | 'STABLE'

/** Whether the coordinator expects no heartbeat: to it, the member waits or does not exist. */
export const hasNotJoinedGroup = (state: MemberState): boolean =>
  state === 'UNJOINED' || state === 'PREPARING_REBALANCE'
