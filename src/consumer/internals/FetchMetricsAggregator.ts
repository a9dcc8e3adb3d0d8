/**
 * Adds up what one answer to a fetch has brought, while its partitions are read one after another.
 *
 * Records are opened when somebody wants them, so how many an answer held is known only when the
 * last of its partitions has been read, or dropped:
 *
 *     answer ── orders-0 ✓ 120 records
 *            ├─ orders-1 ✓  80 records
 *            └─ bills-0  …                   nothing is recorded yet
 *
 * I1  An answer is recorded once, when its last partition has reported.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.FetchMetricsAggregator
 * @simplified a partition counts once; in Java a damaged one counts with each poll.
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { FetchMetricsManager } from './FetchMetricsManager.ts'

interface FetchMetrics {
  bytes: number
  records: number
}

export class FetchMetricsAggregator {
  private readonly metricsManager: FetchMetricsManager
  private readonly unrecordedPartitions: TopicPartitionSet
  private readonly fetchMetrics: FetchMetrics = { bytes: 0, records: 0 }
  private readonly perTopicFetchMetrics = new Map<string, FetchMetrics>()

  /** @param partitions all that the answer has */
  constructor(metricsManager: FetchMetricsManager, partitions: Iterable<TopicPartition>) {
    this.metricsManager = metricsManager
    this.unrecordedPartitions = new TopicPartitionSet(partitions)
  }

  /** A partition is done: so much of it was handed out. */
  record(partition: TopicPartition, bytes: number, records: number): void {
    // A damaged one is looked at, and reports, with each poll.
    if (!this.unrecordedPartitions.delete(partition)) return
    add(this.fetchMetrics, bytes, records)
    let ofTopic = this.perTopicFetchMetrics.get(partition.topic)
    if (ofTopic === undefined) {
      ofTopic = { bytes: 0, records: 0 }
      this.perTopicFetchMetrics.set(partition.topic, ofTopic)
    }
    add(ofTopic, bytes, records)
    if (this.unrecordedPartitions.size === 0) this.recordMetrics()
  }

  /** I1. */
  private recordMetrics(): void {
    this.metricsManager.recordBytesFetched(this.fetchMetrics.bytes)
    this.metricsManager.recordRecordsFetched(this.fetchMetrics.records)
    for (const [topic, { bytes, records }] of this.perTopicFetchMetrics) {
      this.metricsManager.recordTopicBytesFetched(topic, bytes)
      this.metricsManager.recordTopicRecordsFetched(topic, records)
    }
  }
}

const add = (sums: FetchMetrics, bytes: number, records: number): void => {
  sums.bytes += bytes
  sums.records += records
}
