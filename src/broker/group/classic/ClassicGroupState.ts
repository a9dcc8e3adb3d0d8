/**
 * The states of a classic group.
 *
 *                     somebody joins                     all have joined, or the time is over
 *        ┌───────┐ ────────────────► ┌────────────────────┐ ────────► ┌─────────────────────┐
 *        │ Empty │                   │ PreparingRebalance │           │ CompletingRebalance │
 *        └───────┘ ◄──────────────── └────────────────────┘ ◄──────── └─────────────────────┘
 *                     nobody is left            ▲     joins, leaves, or is gone     │
 *                                               │                                   │ the leader
 *                                               │            ┌────────┐             │ has shared
 *                                               └─────────── │ Stable │ ◄───────────┘ out
 *                                                            └────────┘
 *        from each of them: Dead, when the partition with the group moves to another broker
 *
 * | state               | JoinGroup          | SyncGroup             | Heartbeat             |
 * |---------------------|--------------------|-----------------------|-----------------------|
 * | Empty               | starts a rebalance | UNKNOWN_MEMBER_ID     | UNKNOWN_MEMBER_ID     |
 * | PreparingRebalance  | waits for the rest | REBALANCE_IN_PROGRESS | REBALANCE_IN_PROGRESS |
 * | CompletingRebalance | starts it again    | waits for the leader  | keeps the session     |
 * | Stable              | starts a rebalance | the present share     | keeps the session     |
 * | Dead                | COORDINATOR_NOT_AVAILABLE, whatever is asked                       |
 *
 * @kafka org.apache.kafka.coordinator.group.classic.ClassicGroupState
 */

/** The names are those that go over the wire. */
export const CLASSIC_GROUP_STATES = [
  'Empty',
  'PreparingRebalance',
  'CompletingRebalance',
  'Stable',
  'Dead',
] as const

export type ClassicGroupState = (typeof CLASSIC_GROUP_STATES)[number]

const VALID_PREVIOUS_STATES: Record<ClassicGroupState, readonly ClassicGroupState[]> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
  Dead: ['Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead'],
}

/** Where a group must be to become `state`. */
export const validPreviousStates = (state: ClassicGroupState): readonly ClassicGroupState[] =>
  VALID_PREVIOUS_STATES[state]
