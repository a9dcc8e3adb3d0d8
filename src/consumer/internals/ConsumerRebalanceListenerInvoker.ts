/**
 * Calls the program's `ConsumerRebalanceListener`: says so in the log, measures how long it takes,
 * and brings back what it throws instead of throwing it.
 *
 * A rebalance must come to its end whatever the listener does. So the coordinator takes the error,
 * finishes its own work (the assignment is changed, the assignor told), and throws at the very end.
 * Only a `WakeupException` goes straight through: it is meant for the caller of `poll`, which will
 * come back and go on where it was.
 *
 * I1  A listener that returns a promise is waited for; the next one is not called before.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerRebalanceListenerInvoker
 */

import { KafkaException, WakeupException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { ConsumerRebalanceListener } from '../ConsumerRebalanceListener.ts'
import type { RebalanceCallbackMetricsManager } from './RebalanceCallbackMetricsManager.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface ConsumerRebalanceListenerInvokerOptions {
  readonly logger: Logger
  readonly subscriptions: SubscriptionState
  readonly time: Time
  readonly metricsManager: RebalanceCallbackMetricsManager
}

type Method = keyof ConsumerRebalanceListener

export class ConsumerRebalanceListenerInvoker {
  private readonly logger: Logger
  private readonly subscriptions: SubscriptionState
  private readonly time: Time
  private readonly metricsManager: RebalanceCallbackMetricsManager

  constructor(options: ConsumerRebalanceListenerInvokerOptions) {
    this.logger = options.logger
    this.subscriptions = options.subscriptions
    this.time = options.time
    this.metricsManager = options.metricsManager
  }

  /** @returns what the listener threw, else `null`; so do the other two */
  async invokePartitionsAssigned(assigned: readonly TopicPartition[]): Promise<Error | null> {
    this.logger.info(`Adding newly assigned partitions: [${assigned.join(', ')}]`)
    return this.invoke('onPartitionsAssigned', assigned, (latencyMs) =>
      this.metricsManager.recordPartitionsAssignedLatency(latencyMs),
    )
  }

  async invokePartitionsRevoked(revoked: readonly TopicPartition[]): Promise<Error | null> {
    this.logger.info(`Revoke previously assigned partitions [${revoked.join(', ')}]`)
    this.sayWhichWerePaused(revoked)
    return this.invoke('onPartitionsRevoked', revoked, (latencyMs) =>
      this.metricsManager.recordPartitionsRevokedLatency(latencyMs),
    )
  }

  async invokePartitionsLost(lost: readonly TopicPartition[]): Promise<Error | null> {
    this.logger.info(`Lost previously assigned partitions [${lost.join(', ')}]`)
    this.sayWhichWerePaused(lost)
    return this.invoke('onPartitionsLost', lost, (latencyMs) =>
      this.metricsManager.recordPartitionsLostLatency(latencyMs),
    )
  }

  private async invoke(
    method: Method,
    partitions: readonly TopicPartition[],
    recordLatency: (latencyMs: number) => void,
  ): Promise<Error | null> {
    const listener = this.subscriptions.rebalanceListener()
    if (listener === null) return null
    try {
      const startMs = this.time.milliseconds()
      await call(listener, method, partitions)
      recordLatency(this.time.milliseconds() - startMs)
      return null
    } catch (error) {
      if (error instanceof WakeupException) throw error
      this.logger.error(
        `The listener ${listener.constructor.name} failed in ${method} for partitions ` +
          `[${partitions.join(', ')}]`,
        error,
      )
      return error instanceof Error ? error : new KafkaException(String(error), { cause: error })
    }
  }

  private sayWhichWerePaused(partitions: readonly TopicPartition[]): void {
    const paused = partitions.filter((partition) => this.subscriptions.isPaused(partition))
    if (paused.length === 0) return
    this.logger.info(`Partitions [${paused.join(', ')}] lose their pause flag, for they go.`)
  }
}

/** A listener that knows nothing of loss takes it for a revocation. */
const call = (
  listener: ConsumerRebalanceListener,
  method: Method,
  partitions: readonly TopicPartition[],
): void | Promise<void> => {
  // Each gets a copy: what one does with it is nobody else's business.
  const own = [...partitions]
  if (method === 'onPartitionsLost' && listener.onPartitionsLost === undefined) {
    return listener.onPartitionsRevoked?.(own)
  }
  return listener[method]?.(own)
}
