import { describe, expect, test } from 'vitest'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { covers } from '../support/covers.ts'

describe('Timer', () => {
  test('update shows what has passed; beyond the deadline nothing remains', async () => {
    covers('TimerTest.testTimerUpdate')
    const time = new MockTime()
    const timer = time.timer(500)
    expect([timer.getTimeoutMs(), timer.remainingMs(), timer.elapsedMs()]).toEqual([500, 500, 0])

    await time.sleep(100)
    expect(timer.remainingMs()).toBe(500)
    timer.update()
    expect([timer.remainingMs(), timer.elapsedMs()]).toEqual([400, 100])

    await time.sleep(400)
    timer.update(time.milliseconds())
    expect([timer.remainingMs(), timer.isExpired(), timer.isExpiredBy()]).toEqual([0, true, 0])

    await time.sleep(200)
    timer.update()
    expect([timer.remainingMs(), timer.elapsedMs(), timer.isExpiredBy()]).toEqual([0, 700, 200])
    expect(timer.notExpired()).toBe(false)
  })

  test('updateAndReset starts a new span now', async () => {
    covers('TimerTest.testTimerUpdateAndReset')
    const timer = new MockTime().timer(500)
    await timer.sleep(200)
    timer.updateAndReset(400)
    expect([timer.getTimeoutMs(), timer.remainingMs(), timer.elapsedMs()]).toEqual([400, 400, 0])

    await timer.sleep(400)
    expect(timer.isExpired()).toBe(true)
    timer.updateAndReset(200)
    expect([timer.remainingMs(), timer.isExpired()]).toEqual([200, false])
  })

  test('reset starts from the last update, not from the clock', async () => {
    covers('TimerTest.testTimerResetUsesCurrentTime')
    const time = new MockTime()
    const timer = time.timer(500)
    await timer.sleep(200)
    await time.sleep(300)
    timer.reset(500)
    expect(timer.remainingMs()).toBe(500)

    timer.update()
    expect(timer.remainingMs()).toBe(200)
  })

  test('a deadline can be set itself; one in the past leaves nothing', async () => {
    covers('TimerTest.testTimerResetDeadlineUsesCurrentTime')
    const time = new MockTime()
    const timer = time.timer(500)
    await timer.sleep(300)
    timer.resetDeadline(time.milliseconds() + 200)
    expect([timer.getTimeoutMs(), timer.remainingMs()]).toEqual([200, 200])

    await timer.sleep(100)
    expect([timer.getTimeoutMs(), timer.remainingMs()]).toEqual([200, 100])

    timer.resetDeadline(time.milliseconds() - 50)
    expect([timer.getTimeoutMs(), timer.remainingMs(), timer.isExpired()]).toEqual([0, 0, true])
  })

  test('a time-out without end stays in the range of safe integers', () => {
    covers('TimerTest.testTimeoutOverflow')
    for (const endless of [Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
      const timer = new MockTime().timer(endless)
      expect(timer.remainingMs()).toBe(Number.MAX_SAFE_INTEGER - timer.currentTimeMs())
      expect(timer.elapsedMs()).toBe(0)
    }
  })

  test('a clock that goes back is not followed', () => {
    covers('TimerTest.testNonMonotonicUpdate')
    const timer = new MockTime().timer(100)
    const nowMs = timer.currentTimeMs()
    timer.update(nowMs - 1)

    expect([timer.currentTimeMs(), timer.remainingMs(), timer.elapsedMs()]).toEqual([nowMs, 100, 0])
  })

  test('sleep ends at the deadline', async () => {
    covers('TimerTest.testTimerSleep')
    const time = new MockTime()
    const timer = time.timer(500)
    const startMs = timer.currentTimeMs()
    await timer.sleep(200)
    expect(timer.currentTimeMs()).toBe(startMs + 200)

    await timer.sleep(1000)
    expect(timer.currentTimeMs()).toBe(startMs + 500)
    expect(time.milliseconds()).toBe(startMs + 500)
    expect(timer.isExpired()).toBe(true)
  })

  test('a negative time-out or deadline cannot be', () => {
    const timer = new MockTime().timer(1)

    expect(() => timer.reset(-1)).toThrow(IllegalArgumentException)
    expect(() => timer.reset(Number.NaN)).toThrow(IllegalArgumentException)
    expect(() => timer.resetDeadline(-1)).toThrow(IllegalArgumentException)
  })
})
