/** What Kafka's own clients say of their metrics, and how ours compare. */

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { MetricName } from '../../src/common/MetricName.ts'

/** By `"group name"`, and `"group name (topic)"` where a group has it for topics too. */
export type MetricFacts = Record<string, [tags: string[], description: string]>

type Client = 'producer' | 'consumer' | 'consumerGroup' | 'admin'

export const KAFKAS_METRICS = JSON.parse(
  readFileSync(new URL('../golden/metrics.json', import.meta.url), 'utf8'),
) as Readonly<Record<Client, MetricFacts>>

/** What means something else here, because there are no threads, or says more than Kafka's. */
export const OTHER_MEANINGS_OF_CONNECTIONS = [
  'io-ratio',
  'io-time-ns-total',
  'io-wait-ratio',
  'io-wait-time-ns-avg',
  'io-wait-time-ns-total',
  'request-latency-avg',
  'request-latency-max',
]

/** As in the golden file: with what tells those of topics and partitions apart. */
export const factKeyOf = ({ group, name, tags }: MetricName): string => {
  if (group !== 'consumer-fetch-manager-metrics') return `${group} ${name}`
  if ('partition' in tags) return `${group} ${name} (partition)`
  return `${group} ${name}${'topic' in tags ? ' (topic)' : ''}`
}

/**
 * Expects the names, groups and tags to be Kafka's.
 *
 * @returns which are described in other words, by name and sorted
 */
export const describedOtherwise = (names: Iterable<MetricName>, kafkas: MetricFacts): string[] => {
  const ours = new Map([...names].map((name) => [factKeyOf(name), name]))
  expect([...ours.keys()].sort()).toEqual(Object.keys(kafkas).sort())
  const otherwise = new Set<string>()
  for (const [key, [tags, description]] of Object.entries(kafkas)) {
    const name = ours.get(key)!
    expect([key, Object.keys(name.tags).sort()]).toEqual([key, tags])
    if (name.description !== description) otherwise.add(name.name)
  }
  return [...otherwise].sort()
}
