/** Chance, in the words in which a plan is drawn. */

import type { Random } from '../../src/common/Random.ts'

export class Dice {
  readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[this.random.nextInt(choices.length)]!
  }

  /** From `from` to `to`, both possible. */
  between(from: number, to: number): number {
    return from + this.random.nextInt(to - from + 1)
  }

  chance(of: number): boolean {
    return this.random.nextDouble() < of
  }
}
