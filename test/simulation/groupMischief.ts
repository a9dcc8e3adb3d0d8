/**
 * What goes wrong in a run of groups: above all with the requests of members, and with coordinators
 * that move.
 */

import type { ApiName, FaultErrorName } from '../../src/broker/faults/Faults.ts'
import { range } from '../cluster/clusterSupport.ts'
import type { Dice } from './Dice.ts'
import {
  faultPlan,
  hostOf,
  type Mischief,
  networkPlan,
  type Timetable,
  type TopicPlan,
} from './mischief.ts'

/** Everything that a plan says begins within so many milliseconds. */
export const BUSY_MS = 1200

/** Of a process with a consumer: what matters here. */
interface Process {
  readonly name: string
  readonly settings: { readonly 'group.instance.id'?: string | null | undefined }
}

const MEMBER_ERRORS: readonly FaultErrorName[] = [
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
]
const COORDINATOR_ERRORS: readonly FaultErrorName[] = [
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
]

/** Errors that a member must get over by itself. */
const ERRORS: Partial<Record<ApiName, readonly FaultErrorName[]>> = {
  FIND_COORDINATOR: ['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS'],
  JOIN_GROUP: [
    ...COORDINATOR_ERRORS,
    'COORDINATOR_LOAD_IN_PROGRESS',
    'UNKNOWN_MEMBER_ID',
    'REBALANCE_IN_PROGRESS',
  ],
  SYNC_GROUP: [...COORDINATOR_ERRORS, ...MEMBER_ERRORS],
  HEARTBEAT: [...COORDINATOR_ERRORS, ...MEMBER_ERRORS],
  LEAVE_GROUP: COORDINATOR_ERRORS,
  OFFSET_COMMIT: [
    ...COORDINATOR_ERRORS,
    'COORDINATOR_LOAD_IN_PROGRESS',
    'REQUEST_TIMED_OUT',
    'UNKNOWN_TOPIC_OR_PARTITION',
    ...MEMBER_ERRORS,
  ],
  OFFSET_FETCH: ['NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS', 'UNSTABLE_OFFSET_COMMIT'],
  FETCH: ['NOT_LEADER_OR_FOLLOWER', 'UNKNOWN_TOPIC_OR_PARTITION', 'KAFKA_STORAGE_ERROR'],
  LIST_OFFSETS: ['NOT_LEADER_OR_FOLLOWER', 'OFFSET_NOT_AVAILABLE', 'LEADER_NOT_AVAILABLE'],
  METADATA: ['LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION'],
}
const APIS = [...Object.keys(ERRORS), 'OFFSET_COMMIT', 'OFFSET_COMMIT'] as readonly ApiName[]

/** What a coordinator lives on. */
export const offsetsTopic = (partitions: number): TopicPlan => {
  return { name: '__consumer_offsets', partitions, configs: {} }
}

export const mischiefPlan = (
  dice: Dice,
  brokers: number,
  topics: readonly TopicPlan[],
  lives: readonly Process[],
): Timetable =>
  range(dice.between(1, 6))
    .flatMap(() => {
      const atMs = dice.between(0, dice.pick(50, 500, BUSY_MS))
      return misfortunes(dice, brokers, topics, lives).map((what) => ({ atMs, what }))
    })
    .sort((a, b) => a.atMs - b.atMs)

const misfortunes = (
  dice: Dice,
  brokers: number,
  topics: readonly TopicPlan[],
  lives: readonly Process[],
): Mischief[] => {
  const hasStatic = lives.some(({ settings }) => settings['group.instance.id'] !== null)
  const broker = dice.between(1, brokers)
  const host = dice.pick(...lives).name
  const forMs = dice.pick(10, 200, 500, 1500)
  switch (dice.pick('fault', 'fault', 'fault', 'kill', 'stop', 'move', 'move', 'cut', 'network')) {
    case 'fault':
      return [requestPlan(dice, brokers, hasStatic)]
    case 'kill':
      return [{ kind: 'kill', broker, forMs }]
    case 'stop':
      return [{ kind: 'stop', broker, forMs }]
    case 'move': {
      // Mostly the coordinator.
      const { name: topic, partitions } = dice.pick(...topics, topics.at(-1)!)
      return [{ kind: 'moveLeader', topic, partition: dice.between(0, partitions - 1), broker }]
    }
    case 'cut':
      // A machine is off the network, or stands still, and comes back.
      return range(brokers, 1).map((id) => ({ kind: 'partition', a: host, b: hostOf(id), forMs }))
    default:
      return [networkPlan(dice, host, hostOf(broker), forMs)]
  }
}

/**
 * A leader that knows only a part of its topics gives away only that part, and notices later. If it
 * is a static member and is started anew before it has noticed, nobody ever does: it goes on with
 * the assignment it had, in Kafka as here. So with static members metadata is always whole.
 */
const requestPlan = (dice: Dice, brokers: number, hasStatic: boolean): Mischief => {
  const drawn = dice.pick(...APIS)
  const api = drawn === 'METADATA' && hasStatic ? 'FETCH' : drawn
  const fault = faultPlan(dice, api, brokers, ERRORS[api]!)
  if (!dice.chance(0.25)) return fault
  // What arrives when the group has gone on without who has sent it.
  const action = { kind: 'delay', ms: dice.pick(300, 800, 1500), when: 'beforeHandling' } as const
  return { ...fault, action }
}
