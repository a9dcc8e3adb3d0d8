import { describe, expect, it } from 'vitest'
import { LEAST_ROUNDS, Schedule } from '../../bench/Schedule.ts'

/** Five rounds of ten runs, twice; each round takes `roundMs` when it is made. */
const roundsMade = (budgetMs: number, roundMs: number): number[] => {
  let nowMs = 0
  const schedule = new Schedule(budgetMs, 100, () => nowMs)
  return [1, 2].map(() => {
    let made = 0
    for (let round = 0; round < 5; round++) {
      const isMade = schedule.hasTimeFor(round)
      schedule.passed(10)
      if (!isMade) continue
      nowMs += roundMs
      made++
    }
    return made
  })
}

describe('a long run', () => {
  it('makes all rounds when there is time for them', () => {
    expect(roundsMade(1000, 100)).toEqual([5, 5])
  })

  it('leaves out rounds when it is behind, in every workload', () => {
    const made = roundsMade(1000, 140)
    expect(made.every((rounds) => rounds < 5 && rounds >= LEAST_ROUNDS)).toBe(true)
  })

  it('makes at least three rounds, whatever they take', () => {
    expect(roundsMade(1000, 10_000)).toEqual([LEAST_ROUNDS, LEAST_ROUNDS])
  })

  it('makes all rounds without a budget', () => {
    expect(roundsMade(Number.POSITIVE_INFINITY, 10_000)).toEqual([5, 5])
  })
})
