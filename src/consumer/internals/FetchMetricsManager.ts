/**
 * What fetching records: how long a fetch took, how much it brought, how far each partition is from
 * both ends of its log.
 *
 *     log start          position          high watermark (or last stable offset)
 *         ├──── lead ────────┼────── lag ──────┤
 *
 * Lag that grows says that the consumer is too slow. Lead that goes to 0 says that records are
 * about to be deleted before they were read.
 *
 * A topic's sensors are made when its first records come, and stay. Those of a partition go when it
 * is not assigned any more (`maybeUpdateAssignment`): what it lags behind is another one's business
 * then. A topic with a period in its name is recorded twice, the second time with `_` for `.`: an
 * old name, which Kafka still gives.
 *
 * I1  Work is per fetch, per partition of a fetch and per `poll`, never per record.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.FetchMetricsManager
 */

import type { MetricTags } from '../../common/MetricName.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import { Avg } from '../../common/metrics/stats/Avg.ts'
import { Max } from '../../common/metrics/stats/Max.ts'
import { Meter } from '../../common/metrics/stats/Meter.ts'
import { Min } from '../../common/metrics/stats/Min.ts'
import { Value } from '../../common/metrics/stats/Value.ts'
import { WindowedCount } from '../../common/metrics/stats/WindowedCount.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { FetchMetricsRegistry } from './FetchMetricsRegistry.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

/** One sensor, or two for a topic with a period in its name. */
type Sensors = readonly Sensor[]

export class FetchMetricsManager {
  private readonly registry: FetchMetricsRegistry
  private readonly throttleTime: Sensor
  private readonly bytesFetched: Sensor
  private readonly recordsFetched: Sensor
  private readonly fetchLatency: Sensor
  private readonly recordsLag: Sensor
  private readonly recordsLead: Sensor
  private readonly topicBytes = new Map<string, Sensors>()
  private readonly topicRecords = new Map<string, Sensors>()
  private readonly partitionLag = new TopicPartitionMap<Sensors>()
  private readonly partitionLead = new TopicPartitionMap<Sensors>()
  private assignmentId = 0
  private assignedPartitions = new TopicPartitionSet()

  constructor(registry: FetchMetricsRegistry) {
    this.registry = registry
    const { metrics } = registry
    const name = registry.name.bind(registry)
    this.throttleTime = metrics.sensor('fetch-throttle-time')
    this.throttleTime.add(name('fetch-throttle-time-avg'), new Avg())
    this.throttleTime.add(name('fetch-throttle-time-max'), new Max())
    this.bytesFetched = metrics.sensor('bytes-fetched')
    this.bytesFetched.add(name('fetch-size-avg'), new Avg())
    this.bytesFetched.add(name('fetch-size-max'), new Max())
    this.bytesFetched.addCompound(
      new Meter({ rate: name('bytes-consumed-rate'), total: name('bytes-consumed-total') }),
    )
    this.recordsFetched = metrics.sensor('records-fetched')
    this.recordsFetched.add(name('records-per-request-avg'), new Avg())
    this.recordsFetched.addCompound(
      new Meter({ rate: name('records-consumed-rate'), total: name('records-consumed-total') }),
    )
    this.fetchLatency = metrics.sensor('fetch-latency')
    this.fetchLatency.add(name('fetch-latency-avg'), new Avg())
    this.fetchLatency.add(name('fetch-latency-max'), new Max())
    this.fetchLatency.addCompound(
      new Meter({
        rate: name('fetch-rate'),
        total: name('fetch-total'),
        stat: new WindowedCount(),
      }),
    )
    this.recordsLag = metrics.sensor('records-lag')
    this.recordsLag.add(name('records-lag-max'), new Max())
    this.recordsLead = metrics.sensor('records-lead')
    this.recordsLead.add(name('records-lead-min'), new Min())
  }

  /** Of the time that brokers hold a consumer back: a `NetworkClient` records it. */
  throttleTimeSensor(): Sensor {
    return this.throttleTime
  }

  /** @param node the connection's id, for the sensor that its selector has registered */
  recordLatency(node: string, requestLatencyMs: number): void {
    this.fetchLatency.record(requestLatencyMs)
    if (node === '') return
    this.registry.metrics.getSensor(`node-${node}.latency`)?.record(requestLatencyMs)
  }

  /** Of one answer. */
  recordBytesFetched(bytes: number): void {
    this.bytesFetched.record(bytes)
  }

  /** Of one answer. */
  recordRecordsFetched(records: number): void {
    this.recordsFetched.record(records)
  }

  /** Of one answer, and one of its topics. */
  recordTopicBytesFetched(topic: string, bytes: number): void {
    let sensors = this.topicBytes.get(topic)
    if (sensors === undefined) {
      sensors = this.sensors(topicBytesSensor(topic), tagsOfTopic(topic), (sensor, tags) => {
        const name = this.registry.topicName.bind(this.registry)
        sensor.add(name('fetch-size-avg', tags), new Avg())
        sensor.add(name('fetch-size-max', tags), new Max())
        const [rate, total] = ['bytes-consumed-rate', 'bytes-consumed-total'] as const
        sensor.addCompound(new Meter({ rate: name(rate, tags), total: name(total, tags) }))
      })
      this.topicBytes.set(topic, sensors)
    }
    record(sensors, bytes)
  }

  /** Of one answer, and one of its topics. */
  recordTopicRecordsFetched(topic: string, records: number): void {
    let sensors = this.topicRecords.get(topic)
    if (sensors === undefined) {
      sensors = this.sensors(topicRecordsSensor(topic), tagsOfTopic(topic), (sensor, tags) => {
        const name = this.registry.topicName.bind(this.registry)
        sensor.add(name('records-per-request-avg', tags), new Avg())
        const [rate, total] = ['records-consumed-rate', 'records-consumed-total'] as const
        sensor.addCompound(new Meter({ rate: name(rate, tags), total: name(total, tags) }))
      })
      this.topicRecords.set(topic, sensors)
    }
    record(sensors, records)
  }

  /** @param lag how many records are still to be read */
  recordPartitionLag(partition: TopicPartition, lag: number): void {
    this.recordsLag.record(lag)
    let sensors = this.partitionLag.get(partition)
    if (sensors === undefined) {
      sensors = this.sensors(lagSensor(partition), tagsOfPartition(partition), (sensor, tags) => {
        const name = this.registry.partitionName.bind(this.registry)
        sensor.add(name('records-lag', tags), new Value())
        sensor.add(name('records-lag-max', tags), new Max())
        sensor.add(name('records-lag-avg', tags), new Avg())
      })
      this.partitionLag.set(partition, sensors)
    }
    record(sensors, lag)
  }

  /** @param lead how many records of the log have been read, or could have been */
  recordPartitionLead(partition: TopicPartition, lead: number): void {
    this.recordsLead.record(lead)
    let sensors = this.partitionLead.get(partition)
    if (sensors === undefined) {
      sensors = this.sensors(leadSensor(partition), tagsOfPartition(partition), (sensor, tags) => {
        const name = this.registry.partitionName.bind(this.registry)
        sensor.add(name('records-lead', tags), new Value())
        sensor.add(name('records-lead-min', tags), new Min())
        sensor.add(name('records-lead-avg', tags), new Avg())
      })
      this.partitionLead.set(partition, sensors)
    }
    record(sensors, lead)
  }

  /**
   * Before a fetch: forgets the partitions that are gone, and shows of new ones where they are read
   * from.
   */
  maybeUpdateAssignment(subscriptions: SubscriptionState): void {
    const newAssignmentId = subscriptions.assignmentId()
    if (this.assignmentId === newAssignmentId) return
    const assigned = subscriptions.assignedPartitions()
    for (const partition of this.assignedPartitions) {
      if (!assigned.has(partition)) this.forget(partition)
    }
    for (const partition of assigned) {
      if (this.assignedPartitions.has(partition)) continue
      for (const tags of tagsOfPartition(partition)) {
        this.registry.metrics.addMetricIfAbsent(this.preferredReadReplica(tags), {
          value: () => subscriptions.preferredReadReplica(partition, 0) ?? -1,
        })
      }
    }
    this.assignedPartitions = assigned
    this.assignmentId = newAssignmentId
  }

  private forget(partition: TopicPartition): void {
    const { metrics } = this.registry
    for (const sensors of [this.partitionLag, this.partitionLead]) {
      for (const { name } of sensors.get(partition) ?? []) metrics.removeSensor(name)
      sensors.delete(partition)
    }
    for (const tags of tagsOfPartition(partition)) {
      metrics.removeMetric(this.preferredReadReplica(tags))
    }
  }

  private preferredReadReplica(tags: MetricTags) {
    return this.registry.partitionName('preferred-read-replica', tags)
  }

  /** A sensor for each set of tags; the second one has the name of a metric that is to go. */
  private sensors(
    name: string,
    tagSets: readonly MetricTags[],
    addMetrics: (sensor: Sensor, tags: MetricTags) => void,
  ): Sensors {
    return tagSets.map((tags, i) => {
      const sensor = this.registry.metrics.sensor(i === 0 ? name : `${name}.deprecated`)
      addMetrics(sensor, tags)
      return sensor
    })
  }
}

const record = (sensors: Sensors, value: number): void => {
  for (let i = 0; i < sensors.length; i++) sensors[i]!.record(value)
}

const topicBytesSensor = (topic: string): string => `topic.${topic}.bytes-fetched`
const topicRecordsSensor = (topic: string): string => `topic.${topic}.records-fetched`
const lagSensor = (partition: TopicPartition): string => `${partition}.records-lag`
const leadSensor = (partition: TopicPartition): string => `${partition}.records-lead`

/** By its name; a second time, if it has periods, with underscores for them. */
const tagsOfTopic = (topic: string): MetricTags[] =>
  topic.includes('.') ? [{ topic }, { topic: topic.replaceAll('.', '_') }] : [{ topic }]

const tagsOfPartition = ({ topic, partition }: TopicPartition): MetricTags[] =>
  tagsOfTopic(topic).map((tags) => ({ ...tags, partition: `${partition}` }))
