import { beforeEach, describe, expect, test } from 'vitest'
import { DelayedOperation } from '../../src/broker/purgatory/DelayedOperation.ts'
import { DelayedOperationPurgatory } from '../../src/broker/purgatory/DelayedOperationPurgatory.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

class Waiting extends DelayedOperation {
  completable = false
  failing = false
  completions = 0
  expirations = 0

  constructor(delayMs: number) {
    super(delayMs)
  }

  tryComplete(): boolean {
    if (this.failing) throw new Error('cannot be looked at')
    return this.completable && this.forceComplete()
  }

  onExpiration(): void {
    this.expirations++
  }

  protected onComplete(): void {
    this.completions++
  }
}

let time: MockTime
let logger: RecordingLogger
let purgatory: DelayedOperationPurgatory<Waiting>

beforeEach(() => {
  time = new MockTime()
  logger = new RecordingLogger()
  purgatory = new DelayedOperationPurgatory(time, logger)
})

describe('DelayedOperationPurgatory', () => {
  test('does at once what can be done at once', () => {
    const operation = new Waiting(1000)
    operation.completable = true
    expect(purgatory.tryCompleteElseWatch(operation, ['a'])).toBe(true)
    expect([operation.completions, purgatory.numDelayed(), purgatory.watched()]).toEqual([1, 0, 0])
  })

  test('looks at whoever waits for a key when something happens to it', () => {
    covers('DelayedOperationTest.testRequestSatisfaction')
    const a = new Waiting(1000)
    const b = new Waiting(1000)
    expect(purgatory.checkAndComplete('a')).toBe(0)
    expect(purgatory.tryCompleteElseWatch(a, ['a'])).toBe(false)
    expect(purgatory.checkAndComplete('a')).toBe(0)
    expect(purgatory.tryCompleteElseWatch(b, ['b'])).toBe(false)
    a.completable = true
    b.completable = true
    expect(purgatory.checkAndComplete('a')).toBe(1)
    expect(purgatory.checkAndComplete('a')).toBe(0)
    expect(purgatory.checkAndComplete('b')).toBe(1)
    expect([a.completions, b.completions]).toEqual([1, 1])
  })

  test('does what has waited for too long, once, and says that it expired', () => {
    covers('DelayedOperationTest.testRequestExpiry')
    const late = new Waiting(20)
    const early = new Waiting(200_000)
    purgatory.tryCompleteElseWatch(late, ['a'])
    purgatory.tryCompleteElseWatch(early, ['b'])
    void time.sleep(19)
    expect(late.completions).toBe(0)
    void time.sleep(1)
    expect([late.completions, late.expirations]).toEqual([1, 1])
    early.completable = true
    purgatory.checkAndComplete('b')
    void time.sleep(300_000)
    expect([early.completions, early.expirations]).toEqual([1, 0])
  })

  test('keeps nothing of what is done, under none of its keys', () => {
    covers('DelayedOperationTest.testRequestPurge')
    const first = new Waiting(100_000)
    const second = new Waiting(100_000)
    const third = new Waiting(100)
    purgatory.tryCompleteElseWatch(first, ['a'])
    purgatory.tryCompleteElseWatch(second, ['a', 'b'])
    purgatory.tryCompleteElseWatch(third, ['a', 'b', 'c'])
    expect([purgatory.numDelayed(), purgatory.watched()]).toEqual([3, 6])
    second.completable = true
    purgatory.checkAndComplete('b')
    expect([purgatory.numDelayed(), purgatory.watched()]).toEqual([2, 4])
    void time.sleep(100)
    expect([purgatory.numDelayed(), purgatory.watched()]).toEqual([1, 1])
    first.forceComplete()
    purgatory.checkAndComplete('a')
    expect([purgatory.numDelayed(), purgatory.watched()]).toEqual([0, 0])
  })

  test('lets go undone of whoever waits for a key', () => {
    covers(
      'DelayedOperationTest.shouldCancelForKeyReturningCancelledOperations',
      'DelayedOperationTest.shouldReturnNilOperationsOnCancelForKeyWhenKeyDoesntExist',
    )
    const operations = [new Waiting(10), new Waiting(10)]
    for (const operation of operations) purgatory.tryCompleteElseWatch(operation, ['a'])
    const other = new Waiting(10)
    purgatory.tryCompleteElseWatch(other, ['b'])
    expect(purgatory.cancelForKey('a')).toEqual(operations)
    expect(purgatory.cancelForKey('nothing')).toEqual([])
    void time.sleep(20)
    expect(operations.map((each) => each.completions)).toEqual([0, 0])
    expect(other.completions).toBe(1)
  })

  test('goes on when one of them fails', () => {
    const broken = new Waiting(1000)
    const whole = new Waiting(1000)
    purgatory.tryCompleteElseWatch(broken, ['a'])
    purgatory.tryCompleteElseWatch(whole, ['a'])
    broken.failing = true
    whole.completable = true
    expect(purgatory.checkAndComplete('a')).toBe(1)
    expect(logger.messages('error')).toHaveLength(1)
  })

  test('ends all waiting when it is shut down', () => {
    const operations = [new Waiting(1000), new Waiting(1000)]
    for (const operation of operations) purgatory.tryCompleteElseWatch(operation, ['a', 'b'])
    purgatory.shutdown()
    expect(operations.map((each) => each.completions)).toEqual([1, 1])
    expect([purgatory.numDelayed(), purgatory.watched()]).toEqual([0, 0])
  })
})
