/**
 * How long the program's own `ConsumerRebalanceListener` takes. The whole group waits for it.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.metrics.RebalanceCallbackMetricsManager
 */

import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import { Avg } from '../../common/metrics/stats/Avg.ts'
import { Max } from '../../common/metrics/stats/Max.ts'
import { COORDINATOR_METRICS_SUFFIX } from './GroupCoordinatorMetrics.ts'

export class RebalanceCallbackMetricsManager {
  private readonly metrics: Metrics
  private readonly group: string
  private readonly revoked: Sensor
  private readonly assigned: Sensor
  private readonly lost: Sensor

  /** @param metricGrpPrefix `consumer` */
  constructor(metrics: Metrics, metricGrpPrefix: string) {
    this.metrics = metrics
    this.group = metricGrpPrefix + COORDINATOR_METRICS_SUFFIX
    this.revoked = this.latencyOf('partition-revoked')
    this.assigned = this.latencyOf('partition-assigned')
    this.lost = this.latencyOf('partition-lost')
  }

  recordPartitionsRevokedLatency(latencyMs: number): void {
    this.revoked.record(latencyMs)
  }

  recordPartitionsAssignedLatency(latencyMs: number): void {
    this.assigned.record(latencyMs)
  }

  recordPartitionsLostLatency(latencyMs: number): void {
    this.lost.record(latencyMs)
  }

  private latencyOf(callback: string): Sensor {
    const sensor = this.metrics.sensor(`${callback}-latency`)
    const name = (which: string, what: string) =>
      this.metrics.metricName(
        `${callback}-latency-${which}`,
        this.group,
        `The ${what} time taken for a ${callback} rebalance listener callback`,
      )
    sensor.add(name('avg', 'average'), new Avg())
    sensor.add(name('max', 'max'), new Max())
    return sensor
  }
}
