/**
 * What happens in one simulated run: which cluster, which producers with which settings, what they
 * send, and what goes wrong meanwhile. Everything is drawn from the seed before the run begins, so
 * that it can be told.
 */

import type { ApiName, FaultErrorName } from '../../src/broker/faults/Faults.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import type { LinkSettings } from '../../src/network/nio/MemoryLink.ts'
import type { ProducerConfigInput } from '../../src/producer/ProducerConfig.ts'
import { range } from '../cluster/clusterSupport.ts'
import { Dice } from './Dice.ts'
import {
  faultPlan,
  hostOf,
  linkPlan,
  type Mischief,
  networkPlan,
  storyOfMischief,
  storyOfTopic,
  type Timetable,
  type TopicPlan,
} from './mischief.ts'

export type Settings = Partial<ProducerConfigInput<Uint8Array, Uint8Array>>

/** One thing that a producer's program does. */
export type Step =
  | {
      readonly kind: 'send'
      readonly topic: string
      readonly partition: number | null
      readonly key: string | null
      readonly bytes: number
      /** Waits until the record is in its batch, as a careful program does. */
      readonly awaitAppended: boolean
    }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'flush' }

export type SendStep = Extract<Step, { kind: 'send' }>

export interface ProducerPlan {
  readonly name: string
  readonly settings: Settings
  readonly steps: readonly Step[]
  /** How long `close` may take; `undefined`: as long as it needs. */
  readonly closeTimeoutMs: number | undefined
}

export interface Plan {
  readonly seed: number
  /** Nothing goes wrong: everything must be acknowledged. */
  readonly calm: boolean
  readonly brokers: number
  readonly topics: readonly TopicPlan[]
  readonly link: Partial<LinkSettings>
  readonly producers: readonly ProducerPlan[]
  /** By time, milliseconds from the first send on. */
  readonly mischief: Timetable
}

/** Errors that a producer must get over by itself. */
const PRODUCE_ERRORS: readonly FaultErrorName[] = [
  'NOT_LEADER_OR_FOLLOWER',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS',
  'CORRUPT_MESSAGE',
  'NETWORK_EXCEPTION',
  'KAFKA_STORAGE_ERROR',
]

const METADATA_ERRORS: readonly FaultErrorName[] = [
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
]

const INIT_ERRORS: readonly FaultErrorName[] = [
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
]

export const planOf = (seed: number): Plan => {
  // A chance of its own: what is drawn while it runs does not depend on what is drawn here.
  const dice = new Dice(new SeededRandom(seed * 2 + 1))
  const calm = dice.chance(0.12)
  const brokers = dice.pick(1, 2, 2, 3, 4)
  const topics = range(dice.between(1, 3)).map((i): TopicPlan => topicPlan(dice, `t${i}`, calm))
  const producers = range(dice.pick(1, 1, 2, 3)).map((i) => producerPlan(dice, i, topics, calm))
  const hosts = [...producers.map(({ name }) => name), ...range(brokers, 1).map(hostOf)]
  const mischief = calm
    ? []
    : range(dice.between(1, 6))
        .map(() => ({
          atMs: dice.between(0, dice.pick(0, 50, 300, 1000)),
          what: mischiefPlan(dice, brokers, topics, hosts),
        }))
        .sort((a, b) => a.atMs - b.atMs)
  return { seed, calm, brokers, topics, link: linkPlan(dice, calm), producers, mischief }
}

const topicPlan = (dice: Dice, name: string, calm: boolean): TopicPlan => ({
  name,
  partitions: dice.between(1, 4),
  configs: {
    ...(dice.chance(0.15) && { 'flush.messages': '1' }),
    ...(dice.chance(0.25) && {
      'internal.segment.bytes': String(calm ? 64_000 : dice.pick(10_000, 64_000)),
    }),
    ...(!calm && dice.chance(0.1) && { 'max.message.bytes': String(dice.between(300, 3000)) }),
  },
})

const producerPlan = (
  dice: Dice,
  index: number,
  topics: readonly TopicPlan[],
  calm: boolean,
): ProducerPlan => {
  const batchSize = dice.pick(0, 100, 400, 2000, 16_384)
  const largest = dice.pick(0, 20, 200, 3 * Math.max(batchSize, 100))
  const bufferMemory = Math.max(batchSize, 3 * largest + 1000) * dice.pick(1, 2, 8)
  const steps: Step[] = []
  for (const _ of range(dice.pick(5, 20, 40, 80))) {
    steps.push(sendPlan(dice, topics, largest, calm))
    if (dice.chance(0.15)) steps.push({ kind: 'sleep', ms: dice.pick(0, 3, 20, 50, 100) })
    if (dice.chance(0.03)) steps.push({ kind: 'flush' })
  }
  return {
    name: `p${index}`,
    settings: settingsPlan(dice, batchSize, bufferMemory, calm),
    steps,
    closeTimeoutMs: calm ? undefined : dice.pick(undefined, undefined, undefined, 0, 200, 5000),
  }
}

const sendPlan = (
  dice: Dice,
  topics: readonly TopicPlan[],
  largest: number,
  calm: boolean,
): Step => {
  const { name, partitions } = dice.pick(...topics)
  const how = dice.pick('partition', 'partition', 'key', 'any')
  return {
    kind: 'send',
    topic: name,
    partition: how === 'partition' ? dice.between(0, partitions - 1) : null,
    key: how === 'key' ? `key-${dice.between(0, 9)}` : null,
    bytes: dice.chance(0.1) ? 0 : dice.between(0, largest),
    // Who never waits may run into the limit of what may wait, and that is no misfortune.
    awaitAppended: calm || dice.chance(0.3),
  }
}

const settingsPlan = (
  dice: Dice,
  batchSize: number,
  bufferMemory: number,
  calm: boolean,
): Settings => {
  const acks = dice.pick('all', 'all', 'all', '1', '0') as 'all' | '1' | '0'
  const retries = calm || dice.chance(0.7) ? undefined : dice.pick(0, 1, 3)
  const mayBeIdempotent = acks === 'all' && retries !== 0
  const lingerMs = dice.pick(0, 0, 5, 50)
  const requestTimeoutMs = calm ? 30_000 : dice.pick(200, 1000, 3000)
  const leastDeliveryMs = lingerMs + requestTimeoutMs
  return {
    'batch.size': batchSize,
    'linger.ms': lingerMs,
    'buffer.memory': bufferMemory,
    acks,
    ...(retries !== undefined && { retries }),
    'enable.idempotence': mayBeIdempotent && dice.chance(0.75),
    'max.in.flight.requests.per.connection': dice.between(1, 5),
    'compression.type': dice.pick('none', 'none', 'none', 'gzip', 'snappy', 'lz4'),
    'request.timeout.ms': requestTimeoutMs,
    'delivery.timeout.ms': calm ? 120_000 : leastDeliveryMs + dice.pick(0, 500, 3000, 20_000),
    'max.block.ms': calm ? 120_000 : dice.pick(0, 50, 1000, 20_000),
    'retry.backoff.ms': dice.pick(5, 50, 200),
    'reconnect.backoff.ms': dice.pick(5, 50),
    'reconnect.backoff.max.ms': 200,
    'socket.connection.setup.timeout.ms': 1000,
  }
}

const mischiefPlan = (
  dice: Dice,
  brokers: number,
  topics: readonly TopicPlan[],
  hosts: readonly string[],
): Mischief => {
  const broker = dice.between(1, brokers)
  const [a, b] = [dice.pick(...hosts), hostOf(broker)]
  const topic = dice.pick(...topics)
  const forMs = dice.pick(10, 200, 1000, 3000)
  switch (dice.pick('fault', 'fault', 'fault', 'kill', 'stop', 'move', 'move', 'network')) {
    case 'fault':
      return requestPlan(dice, brokers)
    case 'kill':
      return { kind: 'kill', broker, forMs }
    case 'stop':
      return { kind: 'stop', broker, forMs }
    case 'move':
      return {
        kind: 'moveLeader',
        topic: topic.name,
        partition: dice.between(0, topic.partitions - 1),
        broker,
      }
    default:
      return networkPlan(dice, a, b, forMs)
  }
}

const requestPlan = (dice: Dice, brokers: number): Mischief => {
  const api = dice.pick<ApiName>('PRODUCE', 'PRODUCE', 'PRODUCE', 'METADATA', 'INIT_PRODUCER_ID')
  const errors =
    api === 'PRODUCE' ? PRODUCE_ERRORS : api === 'METADATA' ? METADATA_ERRORS : INIT_ERRORS
  return faultPlan(dice, api, brokers, errors)
}

/** The plan for people. */
export const storyOf = (plan: Plan): string => {
  const lines = [
    `seed ${plan.seed}${plan.calm ? ', nothing goes wrong' : ''}: ${plan.brokers} broker(s)`,
    `link ${JSON.stringify(plan.link)}`,
    ...plan.topics.map(storyOfTopic),
    ...plan.producers.map(
      ({ name, settings, steps, closeTimeoutMs }) =>
        `producer ${name}: ${steps.filter(({ kind }) => kind === 'send').length} records, ` +
        `close(${closeTimeoutMs ?? ''}), ${JSON.stringify(settings)}`,
    ),
    ...storyOfMischief(plan.mischief),
  ]
  return lines.join('\n')
}
