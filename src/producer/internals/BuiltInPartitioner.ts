/**
 * Chooses partitions of one topic for records that have neither partition nor key.
 *
 * Taking turns record by record would make as many small batches as there are partitions. So the
 * choice is **sticky**: records go to one partition until about a batch (`batch.size` bytes) has
 * gone there, then to another.
 *
 *     bytes   ├──── 16 KiB ────┤├──── 16 KiB ────┤├──── 16 KiB ────┤
 *     to      │  partition 2   ││  partition 0   ││  partition 5   │
 *
 * Which one comes next is a matter of luck, weighted by how long the queues are. A slow broker's
 * queue grows, so it is chosen less often (**adaptive**). From queue sizes to a choice, with three
 * partitions:
 *
 *     queue sizes            0   3   1
 *     largest + 1 − size     4   1   3       the weights
 *     running sum            4   5   8       the table
 *     random in [0, 8)      0–3  4  5–7      the first entry above it says which
 *
 * The caller peeks at the current partition, appends there, and then reports the bytes:
 * `peekCurrentPartitionInfo` → (`isPartitionChanged`?) → append → `updatePartitionInfo`. Between
 * peeking and appending `RecordAccumulator.append` may wait for memory, and somebody else may have
 * moved on: that is what the middle step asks.
 *
 * I1  A partition gets at least `stickyBatchSize` bytes, and less than twice that plus one record,
 *     before the switch.
 * I2  The table covers only partitions with a leader, and when it exists its last entry is above 0.
 *
 * @kafka org.apache.kafka.clients.producer.internals.BuiltInPartitioner
 */

import type { Cluster } from '../../common/Cluster.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import { murmur2, toPositive } from '../../common/murmur2.ts'
import type { Random } from '../../common/Random.ts'

/** The partition of the moment, and what it got so far. A switch makes a new one. */
export class StickyPartitionInfo {
  readonly partition: number
  producedBytes = 0

  constructor(partition: number) {
    this.partition = partition
  }
}

interface PartitionLoadStats {
  readonly cumulativeFrequencyTable: readonly number[]
  readonly partitionIds: readonly number[]
  /** Entries that count; the arrays may be longer. */
  readonly length: number
}

export class BuiltInPartitioner {
  private readonly topic: string
  private readonly stickyBatchSize: number
  private readonly random: Random
  private stickyPartitionInfo: StickyPartitionInfo | null = null
  /** `null`: all partitions are equally good. */
  private partitionLoadStats: PartitionLoadStats | null = null

  /** @param stickyBatchSize bytes after which another partition is chosen */
  constructor(topic: string, stickyBatchSize: number, random: Random) {
    if (stickyBatchSize < 1) {
      throw new IllegalArgumentException(`stickyBatchSize must be >= 1 but got ${stickyBatchSize}`)
    }
    this.topic = topic
    this.stickyBatchSize = stickyBatchSize
    this.random = random
  }

  /** The partition of a key: the same in every client of every language. */
  static partitionForKey(serializedKey: Uint8Array, numPartitions: number): number {
    return toPositive(murmur2(serializedKey)) % numPartitions
  }

  /** The partition of the moment; chosen now, when there is none. */
  peekCurrentPartitionInfo(cluster: Cluster): StickyPartitionInfo {
    if (this.stickyPartitionInfo === null) {
      this.stickyPartitionInfo = new StickyPartitionInfo(this.nextPartition(cluster))
    }
    return this.stickyPartitionInfo
  }

  /**
   * Whether somebody switched since `info` was peeked. `null`: the record's partition was not
   * chosen here.
   */
  isPartitionChanged(info: StickyPartitionInfo | null): boolean {
    return info !== null && this.stickyPartitionInfo !== info
  }

  /**
   * Counts `appendedBytes`, and switches when the partition has had enough.
   *
   * A switch in the middle of a batch leaves a fragment behind, which is sent as a small batch.
   * With a long `linger.ms` that would happen all the time: 12 KiB, then 4 KiB, then 12 KiB… So the
   * caller holds the switch back (`enableSwitch` false) while the last batch is not full. It cannot
   * do so for ever: at twice the size we switch anyway.
   */
  updatePartitionInfo(
    info: StickyPartitionInfo | null,
    appendedBytes: number,
    cluster: Cluster,
    enableSwitch = true,
  ): void {
    if (info === null) return
    info.producedBytes += appendedBytes
    const enough = enableSwitch ? this.stickyBatchSize : this.stickyBatchSize * 2
    if (info.producedBytes >= enough) {
      this.stickyPartitionInfo = new StickyPartitionInfo(this.nextPartition(cluster))
    }
  }

  /**
   * Makes the table from the queues' sizes, in place.
   *
   * @param queueSizes for each partition with a leader; `null` switches the weighting off
   * @param partitionIds whose size stands at the same index
   * @param length entries that count: partitions on brokers that do not respond were left out
   */
  updatePartitionLoadStats(
    queueSizes: number[] | null,
    partitionIds: number[] | null,
    length: number,
  ): void {
    this.partitionLoadStats = null
    // With one partition there is no choice; with one left of several there is: the others do not
    // respond.
    if (queueSizes === null || partitionIds === null || length < 1 || queueSizes.length < 2) return

    let largest = queueSizes[0]!
    let allEqual = true
    for (let i = 1; i < length; i++) {
      if (queueSizes[i] !== queueSizes[0]) allEqual = false
      largest = Math.max(largest, queueSizes[i]!)
    }
    if (allEqual && length === queueSizes.length) return

    let sum = 0
    for (let i = 0; i < length; i++) {
      sum += largest + 1 - queueSizes[i]!
      queueSizes[i] = sum
    }
    this.partitionLoadStats = { cumulativeFrequencyTable: queueSizes, partitionIds, length }
  }

  /**
   * The number below which a weighted choice is drawn; 0 while there is no weighting. For tests.
   */
  loadStatsRangeEnd(): number {
    const stats = this.partitionLoadStats
    return stats === null ? 0 : stats.cumulativeFrequencyTable[stats.length - 1]!
  }

  private nextPartition(cluster: Cluster): number {
    const random = this.random.nextInt(2 ** 31)
    const stats = this.partitionLoadStats
    if (stats !== null) return weightedChoice(stats, random)

    const available = cluster.availablePartitionsForTopic(this.topic)
    if (available.length > 0) return available[random % available.length]!.partition
    // None has a leader now: choose among all, and wait for one there.
    const partitions = cluster.partitionsForTopic(this.topic)
    return partitions[random % partitions.length]!.partition
  }
}

/** The partition of the first entry of the table that is above the random number, by halving. */
const weightedChoice = (stats: PartitionLoadStats, random: number): number => {
  const { cumulativeFrequencyTable: table, partitionIds, length } = stats
  const drawn = random % table[length - 1]!
  let low = 0
  let high = length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (table[middle]! > drawn) high = middle
    else low = middle + 1
  }
  return partitionIds[low]!
}
