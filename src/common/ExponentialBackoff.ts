/**
 * How long to wait before the next try: longer each time, never quite the same twice.
 *
 *     backoff(attempts) = initialInterval × multiplier^attempts × random(1 − jitter, 1 + jitter)
 *
 *     attempts    0      1      2      3      4          with 100, 2, 1000, 0.2:
 *               100 ±  200 ±  400 ±  800 ±  1000 −       20 % more or less, at most 1000
 *
 * Growing keeps a client that cannot get through from being a burden. The jitter keeps a thousand
 * clients that lost the same broker at the same moment from coming back at the same moment.
 *
 * I1  The result is never above `maxInterval`, jitter included.
 * I2  When `maxInterval` is not above `initialInterval`, every wait is `maxInterval` (or, equal,
 *     the initial one), and nothing is drawn.
 *
 * @kafka org.apache.kafka.common.utils.ExponentialBackoff
 */

import { IllegalArgumentException } from './errors.ts'
import type { Random } from './Random.ts'

export class ExponentialBackoff {
  readonly initialInterval: number
  private readonly multiplier: number
  private readonly maxInterval: number
  private readonly jitter: number
  private readonly random: Random
  /** The exponent at which `maxInterval` is reached; 0 when the wait never grows. */
  private readonly expMax: number

  /**
   * @param initialInterval the first wait, before jitter; milliseconds wherever it is used here
   * @param multiplier what each wait is longer than the one before it
   * @param maxInterval the longest wait, jitter included
   * @param jitter from 0 (none) to 1 (from nothing to double)
   */
  constructor(
    initialInterval: number,
    multiplier: number,
    maxInterval: number,
    jitter: number,
    random: Random,
  ) {
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException(`jitter must be between 0 and 1, but got ${jitter}`)
    }
    this.initialInterval = Math.min(maxInterval, initialInterval)
    this.multiplier = multiplier
    this.maxInterval = maxInterval
    this.jitter = jitter
    this.random = random
    this.expMax =
      maxInterval > initialInterval
        ? Math.log(maxInterval / Math.max(initialInterval, 1)) / Math.log(multiplier)
        : 0
  }

  /**
   * The wait, in whole milliseconds.
   *
   * @param attempts tries that failed before the one that is waited for now, 0 for the first wait
   */
  backoff(attempts: number): number {
    if (this.expMax === 0) return this.initialInterval
    const term = this.initialInterval * this.multiplier ** Math.min(attempts, this.expMax)
    const wait = Math.floor(term * this.randomFactor())
    return Math.min(wait, this.maxInterval)
  }

  private randomFactor(): number {
    if (this.jitter === 0) return 1
    return 1 - this.jitter + this.random.nextDouble() * 2 * this.jitter
  }
}
