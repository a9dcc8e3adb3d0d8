/**
 * All batches whose outcome is not known: waiting, on the wire, or to be sent again.
 *
 * `flush` waits for those that are here when it is called, a forced close aborts them all. Both
 * take a copy, because completing a batch removes it from here.
 *
 * @kafka org.apache.kafka.clients.producer.internals.IncompleteBatches
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { ProduceRequestResult } from './ProduceRequestResult.ts'
import type { ProducerBatch } from './ProducerBatch.ts'

export class IncompleteBatches {
  private readonly incomplete = new Set<ProducerBatch>()

  add(batch: ProducerBatch): void {
    this.incomplete.add(batch)
  }

  remove(batch: ProducerBatch): void {
    if (!this.incomplete.delete(batch)) {
      throw new IllegalStateException(`${batch} was to be completed, but it is not incomplete`)
    }
  }

  copyAll(): ProducerBatch[] {
    return [...this.incomplete]
  }

  /** What to wait for; not the batches, so that their buffers can be used again meanwhile. */
  requestResults(): ProduceRequestResult[] {
    return Array.from(this.incomplete, (batch) => batch.produceFuture)
  }

  get size(): number {
    return this.incomplete.size
  }

  isEmpty(): boolean {
    return this.incomplete.size === 0
  }

  toString(): string {
    return `IncompleteBatches(${this.incomplete.size})`
  }
}
