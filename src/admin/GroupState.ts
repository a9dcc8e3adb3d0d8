/**
 * What a group is doing, and by which protocol.
 *
 *     Empty ─► PreparingRebalance ─► CompletingRebalance ─► Stable ─► …          a classic group
 *     Empty ─► Assigning ─► Reconciling ─► Stable ─► …                           a consumer group
 *
 * @kafka org.apache.kafka.common.GroupState
 * @kafka org.apache.kafka.common.GroupType
 * @kafka org.apache.kafka.common.ClassicGroupState
 */

const CONSUMER_STATES = [
  'PreparingRebalance',
  'CompletingRebalance',
  'Stable',
  'Dead',
  'Empty',
  'Assigning',
  'Reconciling',
] as const

const STATES = ['Unknown', ...CONSUMER_STATES, 'NotReady'] as const
const CLASSIC_STATES = ['Unknown', ...CONSUMER_STATES.slice(0, 5)]
const TYPES = ['Unknown', 'Consumer', 'Classic', 'Share', 'Streams'] as const

/** `NotReady` is of Streams groups only. */
export type GroupState = (typeof STATES)[number]
/** The protocol by which a group's members get their partitions. */
export type GroupType = (typeof TYPES)[number]
export type ClassicGroupState =
  | 'Unknown'
  | 'PreparingRebalance'
  | 'CompletingRebalance'
  | 'Stable'
  | 'Dead'
  | 'Empty'

/** The states that a group of consumers may be in, whatever its protocol. */
export const CONSUMER_GROUP_STATES: readonly GroupState[] = CONSUMER_STATES

const same = (text: string) => (name: string) => name.toLowerCase() === text.toLowerCase()

/** Not sensitive to case; `Unknown` for another word. */
export const parseGroupState = (text: string): GroupState => STATES.find(same(text)) ?? 'Unknown'

/** Not sensitive to case; `Unknown` for another word. */
export const parseGroupType = (text: string): GroupType => TYPES.find(same(text)) ?? 'Unknown'

/** Not sensitive to case; `Unknown` for another word. */
export const parseClassicGroupState = (text: string): ClassicGroupState =>
  (CLASSIC_STATES.find(same(text)) ?? 'Unknown') as ClassicGroupState
