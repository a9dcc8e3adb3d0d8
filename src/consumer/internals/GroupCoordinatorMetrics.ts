/**
 * What a member of a group records of its talk with the coordinator: heartbeats, joins, syncs, and
 * the rebalances that they make up.
 *
 *     JoinGroup ── join-latency ──► SyncGroup ── sync-latency ──► done ── rebalance-latency
 *     Heartbeat ── heartbeat-latency
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator.GroupCoordinatorMetrics
 * @kafka org.apache.kafka.clients.consumer.internals.metrics.HeartbeatMetricsManager
 */

import type { MetricName } from '../../common/MetricName.ts'
import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import { Avg } from '../../common/metrics/stats/Avg.ts'
import { Max } from '../../common/metrics/stats/Max.ts'
import { Meter } from '../../common/metrics/stats/Meter.ts'
import { WindowedCount } from '../../common/metrics/stats/WindowedCount.ts'
import { secondsAgo } from './metricUnits.ts'
import { RebalanceMetricsManager } from './RebalanceMetricsManager.ts'

/** What a group of metrics is called after whose they are: `consumer-coordinator-metrics`. */
export const COORDINATOR_METRICS_SUFFIX = '-coordinator-metrics'

export interface GroupCoordinatorMetricsOptions {
  readonly metrics: Metrics
  /** `consumer` */
  readonly metricGrpPrefix: string
  /** When the last heartbeat was sent; 0: never. */
  readonly lastHeartbeatSendMs: () => number
}

export class GroupCoordinatorMetrics {
  readonly metricGrpName: string
  /** What begins with the first JoinGroup and ends with a SyncGroup. */
  readonly rebalances: RebalanceMetricsManager
  private readonly heartbeat: Sensor
  private readonly join: Sensor
  private readonly sync: Sensor

  constructor({ metrics, metricGrpPrefix, lastHeartbeatSendMs }: GroupCoordinatorMetricsOptions) {
    const group = metricGrpPrefix + COORDINATOR_METRICS_SUFFIX
    this.metricGrpName = group
    const name = (text: string, description: string) => metrics.metricName(text, group, description)

    this.heartbeat = metrics.sensor('heartbeat-latency')
    this.heartbeat.add(
      name(
        'heartbeat-response-time-max',
        'The max time taken to receive a response to a heartbeat request',
      ),
      new Max(),
    )
    this.heartbeat.addCompound(createMeter(name, 'heartbeat', 'heartbeats'))

    this.join = metrics.sensor('join-latency')
    this.join.add(name('join-time-avg', 'The average time taken for a group rejoin'), new Avg())
    this.join.add(name('join-time-max', 'The max time taken for a group rejoin'), new Max())
    this.join.addCompound(createMeter(name, 'join', 'group joins'))

    this.sync = metrics.sensor('sync-latency')
    this.sync.add(name('sync-time-avg', 'The average time taken for a group sync'), new Avg())
    this.sync.add(name('sync-time-max', 'The max time taken for a group sync'), new Max())
    this.sync.addCompound(createMeter(name, 'sync', 'group syncs'))

    this.rebalances = new RebalanceMetricsManager(metrics, group)
    const ago = name(
      'last-heartbeat-seconds-ago',
      'The number of seconds since the last coordinator heartbeat was sent',
    )
    metrics.addMetric(ago, {
      measure: (_config, nowMs) => secondsAgo(lastHeartbeatSendMs() || null, nowMs),
    })
  }

  /** A heartbeat was answered. */
  recordHeartbeatLatency(latencyMs: number): void {
    this.heartbeat.record(latencyMs)
  }

  /** A JoinGroup has succeeded. */
  recordJoinLatency(latencyMs: number): void {
    this.join.record(latencyMs)
  }

  /** A SyncGroup has succeeded. */
  recordSyncLatency(latencyMs: number): void {
    this.sync.record(latencyMs)
  }
}

/** How many per second, and in all. */
export const createMeter = (
  name: (text: string, description: string) => MetricName,
  base: string,
  what: string,
): Meter =>
  new Meter({
    rate: name(`${base}-rate`, `The number of ${what} per second`),
    total: name(`${base}-total`, `The total number of ${what}`),
    stat: new WindowedCount(),
  })
