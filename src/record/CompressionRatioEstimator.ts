/**
 * How well do the records of a topic compress? A guess that learns.
 *
 * A batch is full when it has reached `batch.size` bytes *on the wire*. With a codec that is known
 * only after compressing, so the fullness of a growing batch is estimated: bytes written × the
 * ratio that earlier batches of this topic came out with.
 *
 * The two errors do not cost the same. A batch that comes out smaller than guessed wastes a little
 * room; one that comes out larger may be refused by the broker and must be split. So the guess
 * follows bad news at once and good news slowly:
 *
 *     observed > estimate    to max(estimate + 0.05, observed)
 *     observed < estimate    to max(estimate - 0.005, observed)
 *
 * I1  An estimate never falls below a ratio just observed.
 *
 * @kafka org.apache.kafka.common.record.internal.CompressionRatioEstimator
 * @simplified Java keeps one table for the whole process, in a static field; here whoever builds
 *   batches owns an estimator (two producers in one process know nothing of each other). Ratios are
 *   doubles, not floats.
 */

import { CompressionType } from './CompressionType.ts'

/** How much an estimate may fall after one batch. */
export const COMPRESSION_RATIO_IMPROVING_STEP = 0.005
/** How much an estimate rises at least after one batch. */
export const COMPRESSION_RATIO_DETERIORATE_STEP = 0.05

export class CompressionRatioEstimator {
  /** By topic; the index in the array is the codec's id. */
  private readonly ratios = new Map<string, number[]>()

  /**
   * Learns from a batch that was closed.
   *
   * @param observedRatio bytes after compression ÷ bytes before, both without the batch header
   * @returns the new estimate
   */
  updateEstimation(topic: string, type: CompressionType, observedRatio: number): number {
    const ratios = this.ratiosOf(topic)
    const current = ratios[type.id]!
    if (observedRatio > current) {
      ratios[type.id] = Math.max(current + COMPRESSION_RATIO_DETERIORATE_STEP, observedRatio)
    } else if (observedRatio < current) {
      ratios[type.id] = Math.max(current - COMPRESSION_RATIO_IMPROVING_STEP, observedRatio)
    }
    return ratios[type.id]!
  }

  /** The ratio to reckon with; 1 for a topic that was never seen. */
  estimation(topic: string, type: CompressionType): number {
    return this.ratiosOf(topic)[type.id]!
  }

  /** Forgets what was learnt about a topic: its batches came out larger than the broker takes. */
  resetEstimation(topic: string): void {
    this.ratios.delete(topic)
  }

  setEstimation(topic: string, type: CompressionType, ratio: number): void {
    this.ratiosOf(topic)[type.id] = ratio
  }

  private ratiosOf(topic: string): number[] {
    let ratios = this.ratios.get(topic)
    if (ratios === undefined) {
      ratios = CompressionType.values().map((type) => type.rate)
      this.ratios.set(topic, ratios)
    }
    return ratios
  }
}
