/**
 * What a consumer in a group records on top of `GroupCoordinatorMetrics`: its commits, and how many
 * partitions it has.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator.ConsumerCoordinatorMetrics
 * @kafka org.apache.kafka.clients.consumer.internals.metrics.OffsetCommitMetricsManager
 */

import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import { Avg } from '../../common/metrics/stats/Avg.ts'
import { Max } from '../../common/metrics/stats/Max.ts'
import { COORDINATOR_METRICS_SUFFIX, createMeter } from './GroupCoordinatorMetrics.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface ConsumerCoordinatorMetricsOptions {
  readonly metrics: Metrics
  /** `consumer` */
  readonly metricGrpPrefix: string
  readonly subscriptions: Pick<SubscriptionState, 'numAssignedPartitions'>
}

export class ConsumerCoordinatorMetrics {
  private readonly commit: Sensor

  constructor({ metrics, metricGrpPrefix, subscriptions }: ConsumerCoordinatorMetricsOptions) {
    const name = (text: string, description: string) =>
      metrics.metricName(text, metricGrpPrefix + COORDINATOR_METRICS_SUFFIX, description)
    this.commit = metrics.sensor('commit-latency')
    const average = name('commit-latency-avg', 'The average time taken for a commit request')
    this.commit.add(average, new Avg())
    const longest = name('commit-latency-max', 'The max time taken for a commit request')
    this.commit.add(longest, new Max())
    this.commit.addCompound(createMeter(name, 'commit', 'commit calls'))
    const assigned = name(
      'assigned-partitions',
      'The number of partitions currently assigned to this consumer',
    )
    metrics.addMetric(assigned, { measure: () => subscriptions.numAssignedPartitions() })
  }

  /** A commit was answered, well or not. */
  recordCommitLatency(latencyMs: number): void {
    this.commit.record(latencyMs)
  }
}
