/** The two back-offs of metadata side by side: no answers, and answers that say nothing new. */

import { beforeEach, describe, expect, it } from 'vitest'
import { MetadataRefresh } from '../../src/clients/MetadataRefresh.ts'
import { ExponentialBackoff } from '../../src/common/ExponentialBackoff.ts'
import { SeededRandom } from '../../src/common/Random.ts'

const EXPIRE_MS = 300_000
const START_MS = 1_000_000

let refresh: MetadataRefresh

/** The same answer again, `times` times. */
const sameAgain = (times: number, nowMs = START_MS): void => {
  for (let i = 0; i < times; i++) refresh.succeeded(refresh.requestVersion, false, nowMs)
}

beforeEach(() => {
  const backoff = new ExponentialBackoff(100, 2, 10_000, 0, new SeededRandom(1))
  refresh = new MetadataRefresh(EXPIRE_MS, backoff)
})

describe('answers that say nothing new', () => {
  it('make the next question wait longer each time', () => {
    const waits = [1, 2, 3, 4].map(() => {
      sameAgain(1)
      return refresh.timeToAllowUpdate(START_MS)
    })
    expect(waits).toEqual([100, 200, 400, 800])
    refresh.madeProgress()
    expect(refresh.timeToAllowUpdate(START_MS)).toBe(100)
  })

  it('are forgotten when the picture has grown old: asking then is no sign of trouble', () => {
    sameAgain(5)
    const laterMs = START_MS + EXPIRE_MS
    expect(refresh.timeToNextUpdate(laterMs)).toBe(0)
    sameAgain(1, laterMs)
    expect(refresh.timeToAllowUpdate(laterMs)).toBe(100)
  })

  it('are forgotten when no answer comes: from then on the failures count', () => {
    sameAgain(5)
    refresh.failed(START_MS)
    expect(refresh.timeToAllowUpdate(START_MS)).toBe(100)
    for (let i = 0; i < 3; i++) refresh.failed(START_MS)
    expect(refresh.timeToAllowUpdate(START_MS)).toBe(800)
  })

  it('do not hold a new topic back', () => {
    sameAgain(5)
    refresh.requestUpdateForNewTopics()
    expect(refresh.timeToNextUpdate(START_MS)).toBe(0)
  })
})
