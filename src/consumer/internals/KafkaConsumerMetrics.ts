/**
 * How the program uses its consumer: how often it polls, how much of the time it leaves for
 * waiting, how long its calls took.
 *
 *     poll ├─ waits ─┤      ├─ waits ─┤        poll-idle-ratio-avg: the waits' part of all
 *                     handler          handler
 *          │◄─ time-between-poll ─►│           above max.poll.interval.ms the group goes on
 *                                              without this member
 *
 * I1  What was registered is removed by `close`.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.metrics.KafkaConsumerMetrics
 * @simplified two polls within one millisecond have no ratio; Java records 0 / 0, and the average
 *   is no number for a minute.
 */

import type { MetricName } from '../../common/MetricName.ts'
import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import { Avg } from '../../common/metrics/stats/Avg.ts'
import { CumulativeSum } from '../../common/metrics/stats/CumulativeSum.ts'
import { Max } from '../../common/metrics/stats/Max.ts'
import { nanoseconds, secondsAgo } from './metricUnits.ts'

/** The group of most of a consumer's metrics. */
export const CONSUMER_METRIC_GROUP = 'consumer-metrics'

export class KafkaConsumerMetrics {
  private readonly metrics: Metrics
  private readonly sensorNames: string[] = []
  private readonly lastPollName: MetricName
  private readonly timeBetweenPoll: Sensor
  private readonly pollIdle: Sensor
  private readonly commitSync: Sensor
  private readonly committed: Sensor
  /** When the last poll began; `null` before the first one. */
  private lastPollMs: number | null = null
  private pollStartMs = 0
  private timeSinceLastPollMs = 0

  constructor(metrics: Metrics) {
    this.metrics = metrics
    this.lastPollName = this.name(
      'last-poll-seconds-ago',
      'The number of seconds since the last poll() invocation.',
    )
    metrics.addMetric(this.lastPollName, {
      measure: (_config, nowMs) => secondsAgo(this.lastPollMs, nowMs),
    })
    this.timeBetweenPoll = this.sensor('time-between-poll')
    const between = (which: string) =>
      this.name(
        `time-between-poll-${which}`,
        `The ${which === 'avg' ? 'average' : which} delay between invocations of poll() in ` +
          'milliseconds.',
      )
    this.timeBetweenPoll.add(between('avg'), new Avg())
    this.timeBetweenPoll.add(between('max'), new Max())
    this.pollIdle = this.sensor('poll-idle-ratio-avg')
    const idle = this.name(
      'poll-idle-ratio-avg',
      "The average fraction of time the consumer's poll() is idle as opposed to waiting for the " +
        'user code to process records.',
    )
    this.pollIdle.add(idle, new Avg())
    this.commitSync = this.timeOf('commit-sync', 'commitSync')
    this.committed = this.timeOf('committed', 'committed')
  }

  recordPollStart(pollStartMs: number): void {
    this.pollStartMs = pollStartMs
    this.timeSinceLastPollMs = this.lastPollMs === null ? 0 : pollStartMs - this.lastPollMs
    this.timeBetweenPoll.record(this.timeSinceLastPollMs, pollStartMs)
    this.lastPollMs = pollStartMs
  }

  recordPollEnd(pollEndMs: number): void {
    const pollTimeMs = pollEndMs - this.pollStartMs
    const wholeMs = pollTimeMs + this.timeSinceLastPollMs
    if (wholeMs > 0) this.pollIdle.record(pollTimeMs / wholeMs, pollEndMs)
  }

  recordCommitSync(durationMs: number): void {
    this.commitSync.record(nanoseconds(durationMs))
  }

  recordCommitted(durationMs: number): void {
    this.committed.record(nanoseconds(durationMs))
  }

  /** I1. */
  close(): void {
    this.metrics.removeMetric(this.lastPollName)
    for (const name of this.sensorNames) this.metrics.removeSensor(name)
  }

  private timeOf(name: string, method: string): Sensor {
    const sensorName = `${name}-time-ns-total`
    const sensor = this.sensor(sensorName)
    const description = `The total time the consumer has spent in ${method} in nanoseconds`
    sensor.add(this.name(sensorName, description), new CumulativeSum())
    return sensor
  }

  private sensor(name: string): Sensor {
    this.sensorNames.push(name)
    return this.metrics.sensor(name)
  }

  private name(name: string, description: string): MetricName {
    return this.metrics.metricName(name, CONSUMER_METRIC_GROUP, description)
  }
}
