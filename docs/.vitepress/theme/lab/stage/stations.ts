/**
 * Which station of the stage a line of the story belongs to.
 */

import type { StoryLine } from '../../../../../lab/story.ts'

export type Station =
  | 'code'
  | 'interceptors'
  | 'metadata'
  | 'serializer'
  | 'partitioner'
  | 'accumulator'
  | 'pool'
  | 'sender'
  | 'client'
  | 'produce'
  | 'fetch'
  | 'queue'
  | 'handler'
  | 'log'
  | 'purgatory'
  | 'buffer'
  | 'deserializer'
  | 'given'

type Machine = 'producer' | 'broker' | 'consumer'

/** The longest beginning that fits counts. */
const STATIONS: Readonly<Record<string, Station>> = {
  'app.send': 'code',
  'app.acknowledged': 'code',
  'app.failed': 'code',
  'app.received': 'given',
  'producer.': 'code',
  'producer.interceptors': 'interceptors',
  'producer.waitOnMetadata': 'metadata',
  'producer.serialize': 'serializer',
  'producer.partition': 'partitioner',
  'producer.accumulator': 'accumulator',
  'producer.batch': 'accumulator',
  'producer.batch.complete': 'sender',
  'record.': 'accumulator',
  'producer.bufferPool': 'pool',
  'producer.sender': 'sender',
  'broker.processor': 'queue',
  'broker.requestChannel.sendRequest': 'queue',
  'broker.requestChannel': 'handler',
  'broker.handler': 'handler',
  'broker.apis': 'handler',
  'broker.replicaManager': 'handler',
  'broker.replicaManager.fetchMessages': 'purgatory',
  'broker.purgatory': 'purgatory',
  'broker.partition': 'log',
  'broker.log': 'log',
  'consumer.': 'given',
  'consumer.fetcher': 'buffer',
  'consumer.fetchBuffer': 'buffer',
  'consumer.fetchCollector': 'buffer',
  'consumer.completedFetch': 'deserializer',
  'consumer.deserialize': 'deserializer',
}

const byName = (name: string): Station | null => {
  const fitting = Object.keys(STATIONS).filter((start) => name.startsWith(start))
  const longest = fitting.sort((a, b) => b.length - a.length)[0]
  return longest === undefined ? null : STATIONS[longest]!
}

const CLIENTS: Readonly<Record<Machine, Station>> = {
  producer: 'client',
  broker: 'queue',
  consumer: 'buffer',
}

/** @param machine what the line's source is; `null` for one that the stage does not show */
export const stationOf = (line: StoryLine, machine: Machine | null): Station | null => {
  if (machine === null) return null
  if (line.name.startsWith('network.pipe')) return machine === 'consumer' ? 'fetch' : 'produce'
  if (line.name.startsWith('clients.') || line.name.startsWith('network.')) return CLIENTS[machine]
  return byName(line.name)
}
