import { beforeEach, describe, expect, test } from 'vitest'
import type { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import type { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import {
  InvalidProducerEpochException,
  OutOfOrderSequenceException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { covers } from '../../support/covers.ts'
import { batch, batchOf, concat, openLog, type TestContext, testContext } from './helpers.ts'

let context: TestContext

beforeEach(() => {
  context = testContext()
})

const append = (log: UnifiedLog, ...values: string[]): number =>
  log.appendAsLeader(batch(values), 0).firstOffset

describe('UnifiedLog, idempotent producers', () => {
  test('a batch sent before is answered with the offset it has, not written again', () => {
    covers('UnifiedLogTest.testDuplicateAppends')
    const log = openLog(context)
    for (let seq = 0; seq < 20; seq++) {
      const info = log.appendAsLeader(batchOf(1n, 0, seq * 2, ['a', 'b']), 0)
      expect(info.firstOffset).toBe(seq * 2)
    }
    for (let back = 15; back < 20; back++) {
      const info = log.appendAsLeader(batchOf(1n, 0, back * 2, ['a', 'b']), 0)
      expect(info.isDuplicate).toBe(true)
      expect([info.firstOffset, info.lastOffset]).toEqual([back * 2, back * 2 + 1])
    }
    expect(log.logEndOffset).toBe(40)
    // Older than the last five: nobody knows any more whether it is the same.
    expect(() => log.appendAsLeader(batchOf(1n, 0, 0, ['a', 'b']), 0)).toThrow(
      OutOfOrderSequenceException,
    )
    // The same first sequence with another length is no duplicate.
    expect(() => log.appendAsLeader(batchOf(1n, 0, 38, ['a']), 0)).toThrow(
      OutOfOrderSequenceException,
    )
  })

  test('several in flight keep their order, and a gap is refused without a trace', () => {
    const log = openLog(context)
    log.appendAsLeader(batchOf(1n, 0, 0), 0)
    expect(() => log.appendAsLeader(batchOf(1n, 0, 2), 0)).toThrow(OutOfOrderSequenceException)
    log.appendAsLeader(batchOf(1n, 0, 1), 0)
    log.appendAsLeader(batchOf(1n, 0, 2), 0)
    expect(log.logEndOffset).toBe(3)
    expect(log.producerStateManager.lastEntry(1n)?.lastSeq).toBe(2)
  })

  test('an older epoch is fenced', () => {
    covers('UnifiedLogTest.testOldProducerEpoch')
    const log = openLog(context)
    log.appendAsLeader(batchOf(1n, 1, 0), 0)
    expect(() => log.appendAsLeader(batchOf(1n, 0, 0), 0)).toThrow(InvalidProducerEpochException)
  })

  test('several producers in what a leader sent are told apart', () => {
    covers(
      'UnifiedLogTest.testMultipleProducerIdsPerMemoryRecord',
      'UnifiedLogTest.testActiveProducers',
    )
    const log = openLog(context)
    const parts = [1n, 2n, 3n, 4n].map((pid, i) => batchOf(pid, 0, 0, ['v'], { baseOffset: i }))
    log.appendAsFollower(concat(...parts), 0)
    expect([...log.producerStateManager.activeProducers().keys()]).toEqual([1n, 2n, 3n, 4n])
    expect(log.appendAsLeader(batchOf(3n, 0, 0), 0).firstOffset).toBe(2)
  })

  test('transactional records are refused: no transaction can be under way', () => {
    const log = openLog(context)
    const records = batchOf(1n, 0, 0, ['v'], { isTransactional: true })
    expect(() => log.appendAsLeader(records, 0)).toThrow(/not part of an ongoing transaction/)
  })

  test('are remembered after a restart in order, and after a crash', () => {
    covers(
      'UnifiedLogTest.testProducerIdMapOffsetUpdatedForNonIdempotentData',
      'UnifiedLogTest.testProducerIdMapTruncateTo',
    )
    const log = openLog(context)
    log.appendAsLeader(batchOf(1n, 0, 0), 0)
    append(log, 'plain')
    log.appendAsLeader(batchOf(1n, 0, 1), 0)
    expect(log.producerStateManager.mapEndOffset()).toBe(3)

    const crashed = testContext((context.storage as MemoryStorage).afterKill(), context.time)
    const recovered = openLog(crashed)
    expect(recovered.appendAsLeader(batchOf(1n, 0, 1), 0).firstOffset).toBe(2)
    recovered.appendAsLeader(batchOf(1n, 0, 2), 0)

    log.close()
    const reopened = openLog(context, {}, { hadCleanShutdown: true, recoveryPoint: 3 })
    expect(reopened.appendAsLeader(batchOf(1n, 0, 1), 0).isDuplicate).toBe(true)
    expect(() => reopened.appendAsLeader(batchOf(1n, 0, 7), 0)).toThrow(OutOfOrderSequenceException)

    reopened.truncateTo(1)
    reopened.appendAsLeader(batchOf(1n, 0, 1), 0)
    expect(reopened.logEndOffset).toBe(2)
  })
})
