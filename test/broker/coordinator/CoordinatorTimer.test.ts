import { describe, expect, test } from 'vitest'
import { outcomeOf, RuntimeHarness, TP } from './coordinatorSupport.ts'

/** A shard's timer, on a clock that a test moves. */
const setUp = () => {
  const harness = RuntimeHarness.loaded()
  const { timer } = harness.shard
  const say = (word: string) => () => ({ records: [word] })
  const sleep = (ms: number): void => void harness.time.sleep(ms)
  return { harness, timer, say, sleep }
}

describe('a timer', () => {
  test('writes its records when its time has come, once', () => {
    const { harness, timer, say, sleep } = setUp()
    timer.schedule('key', 100, true, say('now'))
    expect(timer.isScheduled('key')).toBe(true)
    sleep(99)
    expect(harness.log.words).toEqual([])
    sleep(1)
    expect(harness.log.words).toEqual(['now'])
    expect(harness.shard.words).toEqual(['now'])
    expect(timer.isScheduled('key')).toBe(false)
    sleep(1000)
    expect(harness.log.words).toEqual(['now'])
  })

  test('is replaced by another one of its name, unless that one only fills a gap', () => {
    const { harness, timer, say, sleep } = setUp()
    timer.schedule('key', 100, true, say('first'))
    timer.scheduleIfAbsent('key', 10, true, say('too many'))
    sleep(50)
    timer.schedule('key', 100, true, say('second'))
    sleep(99)
    expect(harness.log.words).toEqual([])
    sleep(1)
    expect(harness.log.words).toEqual(['second'])
    timer.scheduleIfAbsent('key', 10, true, say('third'))
    sleep(10)
    expect(harness.log.words).toEqual(['second', 'third'])
  })

  test('can be cancelled, also when it has fired and waits behind others', () => {
    const { harness, timer, say, sleep } = setUp()
    timer.schedule('early', 10, true, say('early'))
    timer.cancel('early')
    sleep(10)
    harness.log.slow = true
    const first = harness.write('a')
    timer.schedule('late', 10, true, say('late'))
    timer.schedule('replaced', 10, true, say('old'))
    sleep(10)
    timer.cancel('late')
    timer.schedule('replaced', 10, true, say('new'))
    harness.log.release()
    harness.log.slow = false
    expect(outcomeOf(first)).toBe('')
    expect(harness.log.words).toEqual(['a'])
    sleep(10)
    expect(harness.log.words).toEqual(['a', 'new'])
    timer.cancel('nobody')
  })

  test('that fails is tried again after its pause, when it is told to', () => {
    const { harness, timer, say, sleep } = setUp()
    harness.log.failure = new Error('disk')
    timer.schedule('stubborn', 10, true, say('stubborn'))
    timer.schedule('slow', 10, true, say('slow'), 2000)
    timer.schedule('once', 10, false, say('once'))
    sleep(10)
    expect(timer.isScheduled('stubborn')).toBe(true)
    expect(timer.isScheduled('once')).toBe(false)
    expect(harness.logger.messages('error')).toHaveLength(1)
    harness.log.failure = undefined
    sleep(499)
    expect(harness.log.words).toEqual([])
    sleep(1)
    expect(harness.log.words).toEqual(['stubborn'])
    sleep(1500)
    expect(harness.log.words).toEqual(['stubborn', 'slow'])
  })

  test('of a partition that has gone is not tried again', () => {
    const { harness, timer, say, sleep } = setUp()
    timer.schedule('key', 10, true, say('late'))
    harness.runtime.scheduleUnloadOperation(TP)
    sleep(10)
    expect(timer.isScheduled('key')).toBe(false)
    expect(harness.log.words).toEqual([])
    expect(harness.logger.messages('error')).toEqual([])
  })
})
