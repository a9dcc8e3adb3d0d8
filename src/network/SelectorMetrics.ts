/**
 * What a `Selector` records: connections, bytes, requests, and how its time goes.
 *
 *     bytes-sent ──────┐
 *                      ├──► network-io-rate, network-io-total       of all connections
 *     bytes-received ──┘
 *     node-1.bytes-sent ──► outgoing-byte-rate, outgoing-byte-total      of one, with its node-id
 *
 * Everything here is per poll, read, write or request, nothing per record.
 *
 * In Java the I/O thread does nothing else, so `io-wait-ratio` says how idle it is. Here the wait
 * is over when the event loop comes back, and what else ran meanwhile is in it: the program's own
 * code, other clients. A high `io-wait-ratio` is no proof that this client has time to spare.
 * `io-ratio` means the same as in Java, for nobody interleaves with the work of a poll.
 *
 * I1  What was registered is removed by `close`.
 *
 * @kafka org.apache.kafka.common.network.Selector.SelectorMetrics
 * @simplified no connections by cipher (they come with TLS). Re-authentication has its metrics,
 *   and they stay at 0 until there is such a thing.
 */

import type { Logger } from '../common/Logger.ts'
import type { MetricName, MetricTags } from '../common/MetricName.ts'
import { IntGaugeSuite } from '../common/metrics/internals/IntGaugeSuite.ts'
import type { Metrics } from '../common/metrics/Metrics.ts'
import type { Sensor } from '../common/metrics/Sensor.ts'
import { Avg } from '../common/metrics/stats/Avg.ts'
import { CumulativeSum } from '../common/metrics/stats/CumulativeSum.ts'
import { Max } from '../common/metrics/stats/Max.ts'
import { Meter } from '../common/metrics/stats/Meter.ts'
import { WindowedCount } from '../common/metrics/stats/WindowedCount.ts'
import type { ClientInformation } from './ClientInformation.ts'

export interface SelectorMetricsOptions {
  readonly metrics: Metrics
  /** `producer` for the groups `producer-metrics` and `producer-node-metrics`. */
  readonly metricGrpPrefix: string
  /** Default: none but those of all metrics. */
  readonly metricTags?: MetricTags
  /** Whether each connection has metrics of its own. Default: `true`. */
  readonly metricsPerConnection?: boolean
}

interface Owner {
  readonly logger: Logger
  connectionCount(): number
}

/** The sensors of one connection. */
interface NodeSensors {
  readonly requestsSent: Sensor
  readonly bytesSent: Sensor
  readonly responsesReceived: Sensor
  readonly bytesReceived: Sensor
}

/** Kafka's bound on how many versions of clients are counted. */
const MAX_CLIENT_VERSIONS = 100

export class SelectorMetrics {
  private readonly metrics: Metrics
  private readonly metricTags: MetricTags
  private readonly metricsPerConnection: boolean
  private readonly metricGrpName: string
  private readonly perConnectionMetricGrpName: string
  private readonly tagsSuffix: string
  private readonly sensorNames: string[] = []
  private readonly connectionCountName: MetricName
  private readonly nodes = new Map<string, NodeSensors>()

  readonly connectionClosed: Sensor
  readonly connectionCreated: Sensor
  readonly successfulAuthentication: Sensor
  readonly successfulAuthenticationNoReauth: Sensor
  readonly failedAuthentication: Sensor
  readonly connectionsByClient: IntGaugeSuite<ClientInformation>
  private readonly bytesSent: Sensor
  private readonly bytesReceived: Sensor
  private readonly requestsSent: Sensor
  private readonly responsesReceived: Sensor
  private readonly selectTime: Sensor
  private readonly ioTime: Sensor

  constructor(options: SelectorMetricsOptions, owner: Owner) {
    this.metrics = options.metrics
    this.metricTags = options.metricTags ?? {}
    this.metricsPerConnection = options.metricsPerConnection ?? true
    this.metricGrpName = `${options.metricGrpPrefix}-metrics`
    this.perConnectionMetricGrpName = `${options.metricGrpPrefix}-node-metrics`
    this.tagsSuffix = Object.entries(this.metricTags).flat().join('-')

    this.connectionClosed = this.meter(
      'connections-closed',
      'connection-close',
      'connections closed',
    )
    this.connectionCreated = this.meter(
      'connections-created',
      'connection-creation',
      'new connections established',
    )
    this.successfulAuthentication = this.meter(
      'successful-authentication',
      'successful-authentication',
      'connections with successful authentication',
    )
    this.failedAuthentication = this.meter(
      'failed-authentication',
      'failed-authentication',
      'connections with failed authentication',
    )
    this.successfulAuthenticationNoReauth = this.reauthentication()

    const bytesTransferred = this.sensor('bytes-sent-received')
    this.count(
      bytesTransferred,
      'network-io',
      'network operations (reads or writes) on all connections',
    )
    this.bytesSent = this.sensor('bytes-sent', [bytesTransferred])
    this.addMeter(this.bytesSent, 'outgoing-byte', 'outgoing bytes sent to all servers')
    this.bytesReceived = this.sensor('bytes-received', [bytesTransferred])
    this.addMeter(this.bytesReceived, 'incoming-byte', 'bytes read off all sockets')
    this.requestsSent = this.sensor('requests-sent')
    this.count(this.requestsSent, 'request', 'requests sent')
    this.sizes(this.requestsSent, this.metricGrpName, this.metricTags)
    this.responsesReceived = this.sensor('responses-received')
    this.count(this.responsesReceived, 'response', 'responses received')
    this.selectTime = this.selectTimeSensor()
    this.ioTime = this.ioTimeSensor()

    this.connectionsByClient = this.byClient(owner.logger)
    this.connectionCountName = this.name(
      'connection-count',
      'The current number of active connections.',
    )
    this.metrics.addMetric(this.connectionCountName, { measure: () => owner.connectionCount() })
  }

  // ---- what happens

  /** The wait of one poll, and its work, milliseconds. */
  recordPoll(waitMs: number, ioMs: number, nowMs: number): void {
    this.selectTime.record(Math.round(waitMs * 1e6), nowMs, false)
    this.ioTime.record(Math.round(ioMs * 1e6), nowMs, false)
  }

  recordBytesSent(connectionId: string, bytes: number, nowMs: number): void {
    this.bytesSent.record(bytes, nowMs, false)
    this.nodes.get(connectionId)?.bytesSent.record(bytes, nowMs)
  }

  recordCompletedSend(connectionId: string, totalBytes: number, nowMs: number): void {
    this.requestsSent.record(totalBytes, nowMs, false)
    this.nodes.get(connectionId)?.requestsSent.record(totalBytes, nowMs)
  }

  recordBytesReceived(connectionId: string, bytes: number, nowMs: number): void {
    this.bytesReceived.record(bytes, nowMs, false)
    this.nodes.get(connectionId)?.bytesReceived.record(bytes, nowMs)
  }

  recordCompletedReceive(connectionId: string, totalBytes: number, nowMs: number): void {
    this.responsesReceived.record(totalBytes, nowMs, false)
    this.nodes.get(connectionId)?.responsesReceived.record(totalBytes, nowMs)
  }

  /** Metrics of one connection; they stay when it goes, for it comes again. */
  maybeRegisterConnectionMetrics(connectionId: string): void {
    if (!this.metricsPerConnection || connectionId === '' || this.nodes.has(connectionId)) return
    const tags = { ...this.metricTags, 'node-id': `node-${connectionId}` }
    const group = this.perConnectionMetricGrpName
    const sensor = (what: string) => this.namedSensor(`node-${connectionId}.${what}`)

    const requestsSent = sensor('requests-sent')
    this.count(requestsSent, 'request', 'requests sent', group, tags)
    this.sizes(requestsSent, group, tags)
    const bytesSent = sensor('bytes-sent')
    this.addMeter(bytesSent, 'outgoing-byte', 'outgoing bytes', group, tags)
    const responsesReceived = sensor('responses-received')
    this.count(responsesReceived, 'response', 'responses received', group, tags)
    const bytesReceived = sensor('bytes-received')
    this.addMeter(bytesReceived, 'incoming-byte', 'incoming bytes', group, tags)
    // Whoever sends requests records how long they took (`SenderMetrics.recordLatency`).
    const latency = sensor('latency')
    const latencyName = (which: string, what: string) =>
      this.name(`request-latency-${which}`, `The ${what} request latency in ms`, group, tags)
    latency.add(latencyName('avg', 'average'), new Avg())
    latency.add(latencyName('max', 'maximum'), new Max())
    this.nodes.set(connectionId, { requestsSent, bytesSent, responsesReceived, bytesReceived })
  }

  /** I1. */
  close(): void {
    this.metrics.removeMetric(this.connectionCountName)
    for (const name of this.sensorNames) this.metrics.removeSensor(name)
    this.sensorNames.length = 0
    this.nodes.clear()
    this.connectionsByClient.close()
  }

  // ---- what is made of it

  private selectTimeSensor(): Sensor {
    const sensor = this.sensor('select-time')
    this.count(sensor, 'select', 'times the I/O layer checked for new I/O to perform')
    const average = this.name(
      'io-wait-time-ns-avg',
      'The average time in nanoseconds from the beginning of a wait for sockets until the event ' +
        'loop comes back. Other work of the program is in it.',
    )
    sensor.add(average, new Avg())
    this.ioRatio(sensor, 'io-wait', 'waiting for sockets, other work of the program included')
    return sensor
  }

  private ioTimeSensor(): Sensor {
    const sensor = this.sensor('io-time')
    const average = this.name(
      'io-time-ns-avg',
      'The average length of time for I/O per select call in nanoseconds.',
    )
    sensor.add(average, new Avg())
    this.ioRatio(sensor, 'io', 'doing I/O')
    return sensor
  }

  private ioRatio(sensor: Sensor, baseName: string, action: string): void {
    const rate = this.name(`${baseName}-ratio`, `The fraction of time spent ${action}`)
    const total = this.name(
      `${baseName}-time-ns-total`,
      `The total time spent ${action}, in nanoseconds`,
    )
    sensor.addCompound(new Meter({ rate, total, unit: 'NANOSECONDS' }))
  }

  /** Returns the one that counts peers who cannot re-authenticate. */
  private reauthentication(): Sensor {
    this.meter(
      'successful-reauthentication',
      'successful-reauthentication',
      'successful re-authentication of connections',
    )
    this.meter(
      'failed-reauthentication',
      'failed-reauthentication',
      'failed re-authentication of connections',
    )
    const latency = this.sensor('reauthentication-latency')
    const latencyName = (which: string, what: string) =>
      this.name(
        `reauthentication-latency-${which}`,
        `The ${what} latency observed due to re-authentication`,
      )
    latency.add(latencyName('max', 'max'), new Max())
    latency.add(latencyName('avg', 'average'), new Avg())
    const without = this.sensor('successful-authentication-no-reauth')
    const total = this.name(
      'successful-authentication-no-reauth-total',
      'The total number of connections with successful authentication where the client does not ' +
        'support re-authentication',
    )
    without.add(total, new CumulativeSum())
    return without
  }

  private byClient(logger: Logger): IntGaugeSuite<ClientInformation> {
    return new IntGaugeSuite({
      logger,
      suiteName: 'clients',
      metrics: this.metrics,
      textOf: (client) => client.toString(),
      metricNameOf: ({ softwareName, softwareVersion }) =>
        this.metrics.metricName(
          'connections',
          this.metricGrpName,
          'The number of connections with this client and version.',
          {
            clientSoftwareName: softwareName,
            clientSoftwareVersion: softwareVersion,
            ...this.metricTags,
          },
        ),
      maxEntries: MAX_CLIENT_VERSIONS,
    })
  }

  /** A sensor that is a rate and a total of 1 each. */
  private meter(sensorName: string, baseName: string, descriptiveName: string): Sensor {
    const sensor = this.sensor(sensorName)
    this.addMeter(sensor, baseName, descriptiveName)
    return sensor
  }

  private addMeter(
    sensor: Sensor,
    baseName: string,
    descriptiveName: string,
    group = this.metricGrpName,
    tags = this.metricTags,
    stat?: WindowedCount,
  ): void {
    const name = (suffix: string, description: string) =>
      this.name(`${baseName}-${suffix}`, description, group, tags)
    const rate = name('rate', `The number of ${descriptiveName} per second`)
    const total = name('total', `The total number of ${descriptiveName}`)
    sensor.addCompound(new Meter({ rate, total, ...(stat && { stat }) }))
  }

  /** How often, whatever was recorded. */
  private count(
    sensor: Sensor,
    baseName: string,
    descriptiveName: string,
    group = this.metricGrpName,
    tags = this.metricTags,
  ): void {
    this.addMeter(sensor, baseName, descriptiveName, group, tags, new WindowedCount())
  }

  private sizes(sensor: Sensor, group: string, tags: MetricTags): void {
    const average = 'The average size of requests sent.'
    sensor.add(this.name('request-size-avg', average, group, tags), new Avg())
    const largest = 'The maximum size of any request sent.'
    sensor.add(this.name('request-size-max', largest, group, tags), new Max())
  }

  private name(
    name: string,
    description: string,
    group = this.metricGrpName,
    tags = this.metricTags,
  ): MetricName {
    return this.metrics.metricName(name, group, description, tags)
  }

  private sensor(name: string, parents: readonly Sensor[] = []): Sensor {
    return this.namedSensor(`${name}:${this.tagsSuffix}`, parents)
  }

  private namedSensor(name: string, parents: readonly Sensor[] = []): Sensor {
    this.sensorNames.push(name)
    return this.metrics.sensor(name, parents)
  }
}
