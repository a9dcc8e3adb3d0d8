/** What a `Sender` goes by: its neighbours, settings of the producer, and the seams. */

import type { KafkaClient } from '../../clients/KafkaClient.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import type { ProducerMetadata } from './ProducerMetadata.ts'
import type { RecordAccumulator } from './RecordAccumulator.ts'
import type { SenderMetrics } from './SenderMetrics.ts'
import type { SenderTurns } from './SenderTurns.ts'
import type { TransactionManager } from './TransactionManager.ts'

export interface SenderOptions {
  readonly client: KafkaClient
  readonly metadata: ProducerMetadata
  readonly accumulator: RecordAccumulator
  readonly turns: SenderTurns
  /** One batch of a partition at a time: `max.in.flight.requests.per.connection` is 1. */
  readonly guaranteeMessageOrder: boolean
  readonly maxRequestSize: number
  /** -1, 0 or 1. */
  readonly acks: number
  readonly retries: number
  readonly requestTimeoutMs: number
  readonly retryBackoffMs: number
  /** Default: nothing is recorded. */
  readonly sensors?: SenderMetrics
  /** Producer id and sequences; `null`: the producer is not idempotent. */
  readonly transactionManager: TransactionManager | null
  readonly time: Time
  readonly logger: Logger
  readonly trace: Trace
}
