/**
 * Which batches of a fetch response belong to transactions that were aborted.
 *
 * A log holds the records of open, committed and aborted transactions in the order in which they
 * were written. A reader of committed records is never shown what is still open (the broker ends
 * its answer before it). Of what is decided, the response lists the aborted transactions by
 * producer and first offset, and the log marks where each one ends:
 *
 *     offset   0    1    2    3    4    5    6
 *              A1   B1   A2   ✗A   B2   ✓B   C…       aborted: [A from 0]
 *              skip      skip ───┘ from here on A's records count again
 *
 * So the list is walked along with the batches: a transaction becomes active when its first offset
 * is passed, and ends with its producer's abort marker.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.CompletedFetch
 */

import type { AbortedTransaction } from '../../protocol/messages/Fetch.ts'
import { ControlRecordType } from '../../record/ControlRecordType.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'

export class AbortedTransactions {
  /** By first offset, those that have not begun yet. */
  private readonly toCome: AbortedTransaction[]
  private readonly abortedProducerIds = new Set<bigint>()

  constructor(listed: readonly AbortedTransaction[]) {
    this.toCome = [...listed].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Takes the next batch into account. @returns whether its records must not be shown */
  isAborted(batch: DefaultRecordBatch): boolean {
    if (!batch.hasProducerId) return false
    const { lastOffset, producerId } = batch
    while (this.toCome.length > 0 && this.toCome[0]!.firstOffset <= lastOffset) {
      this.abortedProducerIds.add(this.toCome.shift()!.producerId)
    }
    if (containsAbortMarker(batch)) {
      this.abortedProducerIds.delete(producerId)
      return false
    }
    return batch.isTransactional && this.abortedProducerIds.has(producerId)
  }
}

const containsAbortMarker = (batch: DefaultRecordBatch): boolean => {
  if (!batch.isControlBatch) return false
  const records = batch.iterator()
  return (
    records.hasNext() && ControlRecordType.parse(records.next().key) === ControlRecordType.ABORT
  )
}
