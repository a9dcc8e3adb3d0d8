/**
 * Offsets that were committed within a transaction which is still open: they are in the log, and
 * count only when its end says so.
 *
 *     producer 7 │ g / orders-0 = 12 │ … ── COMMIT ──► g / orders-0 = 12 is the group's offset
 *                                        └─ ABORT ───► never was
 *
 * I1  A producer is open at a partition exactly while it has an offset there.
 *
 * @kafka org.apache.kafka.coordinator.group.OffsetMetadataManager (its inner class
 *   OpenTransactions)
 */

import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'
import { Offsets } from './Offsets.ts'

export class PendingTransactionalOffsets {
  private readonly byProducer = new Map<bigint, Offsets>()

  get(
    producerId: bigint,
    groupId: string,
    topic: string,
    partition: number,
  ): OffsetAndMetadata | undefined {
    return this.byProducer.get(producerId)?.get(groupId, topic, partition)
  }

  put(
    producerId: bigint,
    groupId: string,
    topic: string,
    partition: number,
    offset: OffsetAndMetadata,
  ): void {
    let offsets = this.byProducer.get(producerId)
    if (offsets === undefined) {
      offsets = new Offsets()
      this.byProducer.set(producerId, offsets)
    }
    offsets.put(groupId, topic, partition, offset)
  }

  /** Whether a transaction is open that commits an offset of this group. */
  containsGroup(groupId: string): boolean {
    for (const offsets of this.byProducer.values()) {
      if (offsets.ofGroup(groupId) !== undefined) return true
    }
    return false
  }

  contains(groupId: string, topic: string, partition: number): boolean {
    for (const offsets of this.byProducer.values()) {
      if (offsets.get(groupId, topic, partition) !== undefined) return true
    }
    return false
  }

  /** Each partition of the group with an open transaction, once. */
  partitionsOf(groupId: string): Map<string, Set<number>> {
    const found = new Map<string, Set<number>>()
    for (const offsets of this.byProducer.values()) {
      for (const [topic, partitions] of offsets.ofGroup(groupId) ?? []) {
        const known = found.get(topic) ?? new Set<number>()
        for (const partition of partitions.keys()) known.add(partition)
        found.set(topic, known)
      }
    }
    return found
  }

  /** The offset was deleted: whatever its transactions come to, it stays deleted. */
  clear(groupId: string, topic: string, partition: number): void {
    for (const [producerId, offsets] of this.byProducer) {
      offsets.remove(groupId, topic, partition)
      if (offsets.groups().size === 0) this.byProducer.delete(producerId)
    }
  }

  /** The transaction has ended; returns what was in it. */
  take(producerId: bigint): Offsets | undefined {
    const offsets = this.byProducer.get(producerId)
    this.byProducer.delete(producerId)
    return offsets
  }

  all(): Iterable<Offsets> {
    return this.byProducer.values()
  }
}
