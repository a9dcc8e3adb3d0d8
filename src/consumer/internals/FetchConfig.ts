/**
 * The settings of fetching, in one place, with units in the names.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.FetchConfig
 */

import type { IsolationLevel } from '../../common/IsolationLevel.ts'
import type { ConsumerConfig } from '../ConsumerConfig.ts'

export interface FetchConfig {
  /** `fetch.min.bytes`: the broker waits until there is so much … */
  readonly minBytes: number
  /** `fetch.max.wait.ms`: … but no longer than this. */
  readonly maxWaitMs: number
  /** `fetch.max.bytes`, of one response. */
  readonly maxBytes: number
  /** `max.partition.fetch.bytes`, of one partition in one response. */
  readonly fetchSize: number
  /** `max.poll.records`, of one `poll`. */
  readonly maxPollRecords: number
  /** `check.crcs`. */
  readonly checkCrcs: boolean
  /** `client.rack`; empty: nowhere. */
  readonly clientRackId: string
  readonly isolationLevel: IsolationLevel
}

export const fetchConfigOf = (config: ConsumerConfig): FetchConfig => ({
  minBytes: config.get('fetch.min.bytes'),
  maxWaitMs: config.get('fetch.max.wait.ms'),
  maxBytes: config.get('fetch.max.bytes'),
  fetchSize: config.get('max.partition.fetch.bytes'),
  maxPollRecords: config.get('max.poll.records'),
  checkCrcs: config.get('check.crcs'),
  clientRackId: config.get('client.rack'),
  isolationLevel: config.get('isolation.level'),
})
