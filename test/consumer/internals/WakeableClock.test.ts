/** A sleep that somebody else can end, and what is left of it then: nothing. */

import { expect, test } from 'vitest'
import { macrotask } from '#platform'
import { MockTime } from '../../../src/common/MockTime.ts'
import { Simulation } from '../../../src/common/Simulation.ts'
import { SystemTime } from '../../../src/common/SystemTime.ts'
import { Timer } from '../../../src/common/Timer.ts'
import { WakeableClock } from '../../../src/consumer/internals/WakeableClock.ts'

test('a wake-up ends all sleeps that go on, at once, and leaves nothing to wait for', () => {
  const time = new Simulation({ seed: 1 })
  return time.run(async () => {
    const clock = new WakeableClock(time)
    const startMs = time.milliseconds()
    const sleeps = Promise.all([clock.sleep(5000), new Timer(clock, 60_000).sleep(9000)])
    await time.sleep(10)
    clock.wake()
    await sleeps
    expect(time.milliseconds() - startMs).toBe(10)
    expect(time.nextStepMs()).toBeUndefined()
  })
})

test('a wake-up that nobody sleeps for is not kept for the next sleep', () => {
  const time = new Simulation({ seed: 1 })
  return time.run(async () => {
    const clock = new WakeableClock(time)
    clock.wake()
    const startMs = time.milliseconds()
    await clock.sleep(50)
    clock.wake()
    await clock.sleep(50)
    expect(time.milliseconds() - startMs).toBe(100)
  })
})

test.each([
  ['the virtual one', () => new Simulation({ seed: 1 })],
  ['the machine’s own', () => new SystemTime()],
])('on %s, a sleep that has ended no longer listens to its alarm', async (_, newTime) => {
  const time = newTime()
  const alarm = new AbortController()
  let listeners = 0
  const { signal } = alarm
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--
    removeEventListener.apply(signal, args)
  }
  const slept = time.sleep(0, signal)
  expect(listeners).toBe(1)
  await (time instanceof Simulation ? time.step() : slept)
  await slept
  expect(listeners).toBe(0)

  const woken = time.sleep(1_000_000, signal)
  alarm.abort()
  await woken
  expect(listeners).toBe(0)
  await time.sleep(1_000_000, signal)
  expect(listeners).toBe(0)
})

test('a clock that is moved by hand has slept before anybody could wake it', async () => {
  const time = new MockTime()
  const clock = new WakeableClock(time)
  const startMs = time.milliseconds()
  const slept = clock.sleep(5000)
  clock.wake()
  await slept
  await macrotask()
  expect(time.milliseconds() - startMs).toBe(5000)
})
