import { describe, expect, test } from 'vitest'
import { CompletableFuture } from '../../../src/broker/coordinator/CompletableFuture.ts'
import { NotLeaderOrFollowerException } from '../../../src/common/errors/ApiExceptions.ts'
import { outcomeOf, RuntimeHarness, TP } from './coordinatorSupport.ts'

describe('an operation', () => {
  test('is written, then applied, then answered', () => {
    const harness = RuntimeHarness.loaded()
    harness.log.slow = true
    const future = harness.write('a', 'b')
    expect(harness.shard.words).toEqual([])
    expect(outcomeOf(future)).toBe('waits')
    harness.log.release()
    expect(harness.log.batches).toEqual([['a', 'b']])
    expect(harness.shard.words).toEqual(['a', 'b'])
    expect(outcomeOf(future)).toBe('')
  })

  test('sees everything that was asked for before it', () => {
    const harness = RuntimeHarness.loaded()
    harness.log.slow = true
    const [first, second, third] = [harness.write('a'), harness.read(), harness.write('b')]
    expect([first, second, third].map(outcomeOf)).toEqual(['waits', 'waits', 'waits'])
    harness.log.release()
    expect([first, second, third].map(outcomeOf)).toEqual(['', 'a', 'waits'])
    harness.log.release()
    expect(outcomeOf(third)).toBe('a')
    expect(harness.shard.words).toEqual(['a', 'b'])
  })

  test('that cannot be written is not applied, and its answer is why', () => {
    const harness = RuntimeHarness.loaded()
    harness.log.failure = new NotLeaderOrFollowerException('moved')
    expect(outcomeOf(harness.write('a'))).toBe('NotLeaderOrFollowerException')
    expect(harness.shard.words).toEqual([])
    harness.log.failure = undefined
    expect(outcomeOf(harness.write('b'))).toBe('')
    expect(harness.shard.words).toEqual(['b'])
  })

  test('that throws writes nothing, and the next one goes on', () => {
    const harness = RuntimeHarness.loaded()
    const failed = harness.runtime.scheduleWriteOperation('fail', TP, () => {
      throw new RangeError('no')
    })
    expect(outcomeOf(failed)).toBe('RangeError')
    expect(outcomeOf(harness.read())).toBe('')
    expect(harness.log.batches).toEqual([])
  })

  test('that another one asks for comes after it', () => {
    const harness = RuntimeHarness.loaded()
    const order: string[] = []
    const outer = harness.runtime.scheduleReadOperation('outer', TP, () => {
      harness.read().whenComplete(() => order.push('inner'))
      order.push('outer')
    })
    expect(outer.isDone()).toBe(true)
    expect(order).toEqual(['outer', 'inner'])
  })

  test('without replay hears first whether it is written', () => {
    const harness = RuntimeHarness.loaded()
    const order: string[] = []
    for (const failure of [undefined, new Error('disk')]) {
      harness.log.failure = failure
      const appendFuture = new CompletableFuture<void>()
      appendFuture.whenComplete((_, error) => order.push(`append ${error ?? 'done'}`))
      harness.runtime
        .scheduleWriteOperation('classic', TP, () => ({
          records: ['a'],
          appendFuture,
          replayRecords: false,
        }))
        .whenComplete((_, error) => order.push(`answer ${error ?? 'done'}`))
    }
    expect(order).toEqual([
      'append done',
      'answer done',
      'append Error: disk',
      'answer Error: disk',
    ])
    expect(harness.shard.words).toEqual([])
  })

  test('that the disk keeps waiting ends with its time, and counts when it is written after all', () => {
    const harness = RuntimeHarness.loaded()
    harness.log.slow = true
    const [first, second] = [harness.write('a'), harness.write('b')]
    void harness.time.sleep(4999)
    expect(outcomeOf(first)).toBe('waits')
    void harness.time.sleep(1)
    expect(outcomeOf(first)).toBe('TimeoutException')
    expect(outcomeOf(second)).toBe('TimeoutException')
    harness.log.release()
    // The first was on its way and is in the log; the second had not begun, and never does.
    expect(harness.shard.words).toEqual(['a'])
    expect(harness.log.words).toEqual(['a'])
    harness.log.slow = false
    expect(outcomeOf(harness.write('c'))).toBe('a')
  })

  test('is one batch, or an error when it is too large for one', () => {
    const harness = RuntimeHarness.loaded()
    harness.log.maxBytes = 150
    const words = Array.from({ length: 30 }, (_, i) => `word-${i}`)
    expect(outcomeOf(harness.write(...words))).toBe('RecordTooLargeException')
    expect(harness.log.batches).toEqual([])
    const split = harness.runtime.scheduleWriteOperation('split', TP, () => ({
      records: words,
      isAtomic: false,
    }))
    expect(split.isDone()).toBe(true)
    expect(harness.log.batches.length).toBeGreaterThan(1)
    expect(harness.shard.words).toEqual(words)
  })

  test('whose record cannot be applied makes it read everything again', () => {
    const harness = RuntimeHarness.loaded()
    harness.write('a')
    harness.shard.poison = 'x'
    expect(outcomeOf(harness.write('x'))).toBe('NotCoordinatorException')
    expect(harness.shards).toHaveLength(2)
    expect(harness.shards[0]!.events).toEqual(['loaded', 'unloaded'])
    expect(harness.shard.words).toEqual(['a', 'x'])
    expect(outcomeOf(harness.write('b'))).toBe('a x')
    expect(harness.logger.messages('error')).toHaveLength(1)
  })

  test('that somebody cannot take the answer of does not stop the others', () => {
    const harness = RuntimeHarness.loaded()
    harness.log.slow = true
    harness.write('a').whenComplete(() => {
      throw new Error('no connection')
    })
    const next = harness.read()
    harness.log.release()
    expect(outcomeOf(next)).toBe('a')
    expect(harness.logger.messages('error')).toHaveLength(1)
  })
})

describe('a partition', () => {
  test('is nobody’s business here until this broker leads it', () => {
    const harness = new RuntimeHarness()
    expect(outcomeOf(harness.read())).toBe('NotCoordinatorException')
    expect(harness.runtime.scheduleReadAllOperation('all', () => 1)).toEqual([])
  })

  test('asks for patience while it is loaded', () => {
    const harness = new RuntimeHarness()
    harness.log.loadsByHand = true
    harness.runtime.scheduleLoadOperation(TP, 0)
    expect(outcomeOf(harness.read())).toBe('CoordinatorLoadInProgressException')
    expect(harness.runtime.activeCoordinators()).toEqual([])
    harness.log.loading[0]!.complete({ startTimeMs: 0, endTimeMs: 1, numRecords: 0, numBytes: 0 })
    expect(outcomeOf(harness.read())).toBe('')
    expect(harness.runtime.activeCoordinators()).toEqual([TP])
    expect(harness.shard.events).toEqual(['loaded'])
  })

  test('that cannot be loaded is not coordinated, until somebody leads it anew', () => {
    const harness = new RuntimeHarness()
    harness.log.loadsByHand = true
    harness.runtime.scheduleLoadOperation(TP, 0)
    harness.log.loading[0]!.completeExceptionally(new Error('unreadable'))
    expect(outcomeOf(harness.read())).toBe('NotCoordinatorException')
    harness.runtime.scheduleLoadOperation(TP, 0)
    expect(harness.log.loading).toHaveLength(1)
    harness.log.loadsByHand = false
    harness.runtime.scheduleLoadOperation(TP, 1)
    expect(outcomeOf(harness.read())).toBe('')
  })

  test('stays as it is under a newer epoch of the same leader', () => {
    const harness = RuntimeHarness.loaded()
    harness.write('a')
    harness.runtime.scheduleLoadOperation(TP, 3)
    expect(harness.shards).toHaveLength(1)
    // What was decided before that comes too late.
    harness.runtime.scheduleUnloadOperation(TP, 2)
    expect(outcomeOf(harness.read())).toBe('a')
  })

  test('that goes to another broker answers whoever waits, and forgets its timers', () => {
    const harness = RuntimeHarness.loaded()
    const { shard } = harness
    shard.timer.schedule('late', 100, false, () => ({ records: ['late'] }))
    harness.log.slow = true
    const [first, second] = [harness.write('a'), harness.read()]
    harness.runtime.scheduleUnloadOperation(TP, 1)
    expect(outcomeOf(first)).toBe('NotCoordinatorException')
    expect(outcomeOf(second)).toBe('NotCoordinatorException')
    expect(shard.events).toEqual(['loaded', 'unloaded'])
    // The disk answers later: nobody is there any more.
    harness.log.release()
    expect(shard.words).toEqual([])
    void harness.time.sleep(1000)
    expect(harness.log.words).toEqual(['a'])
    expect(outcomeOf(harness.read())).toBe('NotCoordinatorException')
  })

  test('that comes back has what its log says', () => {
    const harness = RuntimeHarness.loaded()
    harness.write('a', 'b')
    harness.runtime.scheduleUnloadOperation(TP, 1)
    harness.runtime.scheduleLoadOperation(TP, 2)
    expect(harness.shards).toHaveLength(2)
    expect(outcomeOf(harness.read())).toBe('a b')
  })

  test('is closed with the broker, and never led again', () => {
    const harness = RuntimeHarness.loaded()
    harness.runtime.close()
    harness.runtime.close()
    expect(harness.shard.events).toEqual(['loaded', 'unloaded'])
    harness.runtime.scheduleLoadOperation(TP, 9)
    expect(outcomeOf(harness.write('a'))).toBe('NotCoordinatorException')
    expect(harness.logger.messages('error')).toEqual([])
  })
})
