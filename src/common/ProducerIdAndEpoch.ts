/**
 * Who wrote a batch, as brokers know it: the number of a producer, and how often it began anew.
 *
 * The cluster gives the number; with a higher epoch a producer starts its sequences from 0 again
 * and shuts out whatever it sent under a lower one.
 *
 * @kafka org.apache.kafka.common.utils.ProducerIdAndEpoch
 */

const NO_PRODUCER_ID = -1n

export class ProducerIdAndEpoch {
  static readonly NONE = new ProducerIdAndEpoch(NO_PRODUCER_ID, -1)

  /** -1: none yet. */
  readonly producerId: bigint
  /** 0 to 32,767; -1: none yet. */
  readonly epoch: number

  constructor(producerId: bigint, epoch: number) {
    this.producerId = producerId
    this.epoch = epoch
  }

  isValid(): boolean {
    return this.producerId > NO_PRODUCER_ID
  }

  equals(other: ProducerIdAndEpoch): boolean {
    return this.producerId === other.producerId && this.epoch === other.epoch
  }

  toString(): string {
    return `(producerId=${this.producerId}, epoch=${this.epoch})`
  }
}
