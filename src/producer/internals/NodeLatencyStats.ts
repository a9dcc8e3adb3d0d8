/**
 * Since when has a broker had something to get and not taken it?
 *
 * `readyTimeMs` moves whenever there are batches for it, `drainTimeMs` only when they could be
 * sent. How far the second lags behind the first says how long the broker has not responded.
 *
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator.NodeLatencyStats
 */

import { CopyOnWriteMap } from '../../common/CopyOnWriteMap.ts'

export class NodeLatencyStats {
  /** When the broker last had batches ready for it. */
  readyTimeMs: number
  /** When batches could last be sent to it. */
  drainTimeMs: number

  constructor(nowMs: number) {
    this.readyTimeMs = nowMs
    this.drainTimeMs = nowMs
  }
}

/** The stats of all brokers, by id. */
export class NodeStats extends CopyOnWriteMap<number, NodeLatencyStats> {
  readonly partitionAvailabilityTimeoutMs: number

  /** @param partitionAvailabilityTimeoutMs 0: nobody asks, so nothing is kept */
  constructor(partitionAvailabilityTimeoutMs: number) {
    super()
    this.partitionAvailabilityTimeoutMs = partitionAvailabilityTimeoutMs
  }

  /** There is something for a broker; `canDrain` says whether it can be sent. */
  update(nodeId: number, nowMs: number, canDrain: boolean): void {
    if (this.partitionAvailabilityTimeoutMs <= 0) return
    const stats = this.computeIfAbsent(nodeId, () => new NodeLatencyStats(nowMs))
    if (canDrain) stats.drainTimeMs = nowMs
    stats.readyTimeMs = nowMs
  }

  /** Whether a broker takes what there is for it. */
  isAvailable(nodeId: number): boolean {
    if (this.partitionAvailabilityTimeoutMs <= 0) return true
    const stats = this.get(nodeId)
    if (stats === undefined) return true
    return stats.readyTimeMs - stats.drainTimeMs <= this.partitionAvailabilityTimeoutMs
  }
}
