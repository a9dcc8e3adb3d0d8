/**
 * A bound that a metric must keep, from above or from below.
 *
 * @kafka org.apache.kafka.common.metrics.Quota
 */
export class Quota {
  readonly bound: number
  private readonly upper: boolean

  private constructor(bound: number, upper: boolean) {
    this.bound = bound
    this.upper = upper
  }

  static upperBound(bound: number): Quota {
    return new Quota(bound, true)
  }

  static lowerBound(bound: number): Quota {
    return new Quota(bound, false)
  }

  isUpperBound(): boolean {
    return this.upper
  }

  /** The bound itself is still acceptable. */
  acceptable(value: number): boolean {
    return this.upper ? value <= this.bound : value >= this.bound
  }

  equals(other: Quota): boolean {
    return this.bound === other.bound && this.upper === other.upper
  }

  toString(): string {
    return `${this.upper ? 'upper' : 'lower'}=${this.bound}`
  }
}
