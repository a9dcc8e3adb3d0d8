/**
 * Who plays in a scene, and which partitions have a lane.
 */

import type { Scene } from '../../../../../lab/scene/Scene.ts'

export interface Cast {
  readonly producer: string
  readonly broker: string
  readonly consumer: string
  /** By partition: `greetings-0`. */
  readonly lanes: readonly string[]
  readonly topic: string
}

const MOST_LANES = 4

const first = (things: Readonly<Record<string, unknown>>, otherwise: string): string =>
  Object.keys(things)[0] ?? otherwise

const numberOf = (partition: string): number =>
  Number(partition.slice(partition.lastIndexOf('-') + 1))
const topicOf = (partition: string): string => partition.slice(0, partition.lastIndexOf('-'))

/** @param partitions how many the topic has, as far as the caller knows */
export const castOf = (scene: Scene, partitions: number): Cast => {
  const broker = first(scene.brokers, 'broker-1')
  const logs = scene.brokers[broker]
  const producer = first(scene.producers, 'producer')
  const known = [
    ...Object.keys(scene.producers[producer]?.deques ?? {}),
    ...Object.keys(logs?.logs ?? {}),
    ...Object.keys(logs?.lastRead ?? {}),
  ]
  const topic = Object.values(scene.records)[0]?.topic ?? topicOf(known[0] ?? '-0')
  const highest = Math.max(
    partitions - 1,
    ...known.filter((k) => topicOf(k) === topic).map(numberOf),
  )
  const count = Math.max(1, Math.min(MOST_LANES, highest + 1))
  const lanes = Array.from({ length: count }, (_, i) => `${topic}-${i}`)
  return { producer, broker, consumer: first(scene.consumers, 'consumer'), lanes, topic }
}
