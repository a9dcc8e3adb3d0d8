import { beforeEach, describe, expect, test } from 'vitest'
import { LeaderEpochFileCache } from '../../../src/broker/log/LeaderEpochFileCache.ts'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { covers } from '../../support/covers.ts'
import { type TestContext, testContext } from './helpers.ts'

const SUITE = 'LeaderEpochFileCacheTest'

let context: TestContext
let cache: LeaderEpochFileCache

const open = (): LeaderEpochFileCache =>
  new LeaderEpochFileCache(context.storage, 'd', context.logger)
const entries = (): [number, number][] =>
  cache.epochEntries().map(({ epoch, startOffset }) => [epoch, startOffset])
const end = (epoch: number, logEndOffset: number): [number, number] => {
  const found = cache.endOffsetFor(epoch, logEndOffset)
  return [found.epoch, found.endOffset]
}
const UNKNOWN = [-1, -1]

beforeEach(() => {
  context = testContext()
  context.storage.makeDirectory('d')
  cache = open()
})

describe('LeaderEpochFileCache, assigning', () => {
  test('remembers where an epoch begins, once', () => {
    covers(
      'LeaderEpochFileCacheTest.shouldAddEpochAndMessageOffsetToCache',
      'LeaderEpochFileCacheTest.shouldNotOverwriteOffsetForALeaderEpochOnceItHasBeenAssigned',
      'LeaderEpochFileCacheTest.shouldNotOverwriteLogEndOffsetForALeaderEpochOnceItHasBeenAssigned',
      'LeaderEpochFileCacheTest.shouldNotUpdateEpochAndStartOffsetIfItDidNotChange',
    )
    cache.assign(2, 10)
    expect(cache.latestEpoch()).toBe(2)
    expect(end(2, 11)).toEqual([2, 11])
    cache.assign(2, 11)
    expect(entries()).toEqual([[2, 10]])
  })

  test('drops what contradicts a new entry: offsets and epochs grow together', () => {
    covers(
      'LeaderEpochFileCacheTest.shouldEnforceMonotonicallyIncreasingStartOffsets',
      'LeaderEpochFileCacheTest.shouldEnforceMonotonicallyIncreasingEpochs',
      'LeaderEpochFileCacheTest.shouldEnforceOffsetsIncreaseMonotonically',
      'LeaderEpochFileCacheTest.shouldTruncateIfMatchingEpochButEarlierStartingOffset',
    )
    cache.assign(2, 9)
    cache.assign(3, 9)
    expect(entries()).toEqual([[3, 9]])
    cache.assign(4, 12)
    cache.assign(2, 20)
    expect(entries()).toEqual([[2, 20]])
    cache.assign(5, 30)
    cache.assign(5, 25)
    expect(entries()).toEqual([
      [2, 20],
      [5, 25],
    ])
    expect(() => cache.assign(-1, 5)).toThrow(IllegalArgumentException)
  })

  test('grows with many messages of few epochs', () => {
    covers(
      'LeaderEpochFileCacheTest.shouldIncreaseAndTrackEpochsAsFollowerReceivesManyMessages',
      'LeaderEpochFileCacheTest.shouldSupportEpochsThatDoNotStartFromZero',
    )
    for (const [epoch, offset] of [
      [2, 6],
      [2, 7],
      [3, 8],
      [3, 9],
      [5, 11],
    ] as const) {
      cache.assign(epoch, offset)
    }
    expect(entries()).toEqual([
      [2, 6],
      [3, 8],
      [5, 11],
    ])
  })

  test('has after a restart what it had before', () => {
    covers('LeaderEpochFileCacheTest.shouldPersistEpochsBetweenInstances')
    cache.assign(2, 6)
    cache.assign(3, 8)
    const before = entries()
    cache = open()
    expect(entries()).toEqual(before)
    expect(cache.wasMalformed).toBe(false)
  })

  test('takes a torn file for nothing and says so', () => {
    cache.assign(2, 6)
    context.storage.open('d/leader-epoch-checkpoint').truncate(5)
    cache = open()
    expect(cache.wasMalformed).toBe(true)
    expect(entries()).toEqual([])
    expect(context.logger.messages('warn')[0]).toMatch(/malformed/)
  })
})

describe('LeaderEpochFileCache, where an epoch ends', () => {
  test('is unknown without entries and for an unknown epoch', () => {
    covers(
      'LeaderEpochFileCacheTest.shouldReturnUnsupportedIfNoEpochRecorded',
      'LeaderEpochFileCacheTest.shouldReturnUnsupportedIfNoEpochRecordedAndUndefinedEpochRequested',
      'LeaderEpochFileCacheTest.shouldReturnUndefinedOffsetIfUndefinedEpochRequested',
      'LeaderEpochFileCacheTest.shouldFetchLatestEpochOfEmptyCache',
      'LeaderEpochFileCacheTest.shouldFetchEndOffsetOfEmptyCache',
      `${SUITE}.shouldReturnInvalidOffsetIfEpochIsRequestedWhichIsNotCurrentlyTracked`,
    )
    expect(end(0, 0)).toEqual(UNKNOWN)
    expect(end(-1, 73)).toEqual(UNKNOWN)
    expect(cache.latestEpoch()).toBeUndefined()
    cache.assign(2, 100)
    cache.assign(3, 200)
    expect(end(-1, 0)).toEqual(UNKNOWN)
    expect(end(5, 300)).toEqual(UNKNOWN)
  })

  test("is the beginning of the next one, and of the latest the log's end", () => {
    covers(
      'LeaderEpochFileCacheTest.shouldReturnLogEndOffsetIfLatestEpochRequested',
      'LeaderEpochFileCacheTest.shouldReturnFirstEpochIfRequestedEpochLessThanFirstEpoch',
      `${SUITE}.shouldGetFirstOffsetOfSubsequentEpochWhenOffsetRequestedForPreviousEpoch`,
      `${SUITE}.shouldReturnNextAvailableEpochIfThereIsNoExactEpochForTheOneRequested`,
    )
    cache.assign(5, 11)
    cache.assign(6, 12)
    cache.assign(8, 15)
    expect(end(4, 20)).toEqual([4, 11])
    expect(end(5, 20)).toEqual([5, 12])
    expect(end(6, 20)).toEqual([6, 15])
    expect(end(7, 20)).toEqual([6, 15])
    expect(end(8, 20)).toEqual([8, 20])
  })

  test('knows the neighbours of an epoch and the epoch of an offset', () => {
    covers(
      'LeaderEpochFileCacheTest.testPreviousEpoch',
      'LeaderEpochFileCacheTest.testFindPreviousEpoch',
      'LeaderEpochFileCacheTest.testFindPreviousEntry',
      'LeaderEpochFileCacheTest.testFindNextEpoch',
      'LeaderEpochFileCacheTest.testGetEpochEntry',
      'LeaderEpochFileCacheTest.shouldFetchEpochForGivenOffset',
    )
    expect(cache.previousEpoch()).toBeUndefined()
    cache.assign(2, 10)
    expect(cache.previousEpoch()).toBeUndefined()
    cache.assign(4, 15)
    cache.assign(10, 20)
    expect(cache.previousEpoch()).toBe(4)
    expect(cache.previousEpoch(4)).toBe(2)
    expect(cache.previousEntry(10)).toEqual({ epoch: 4, startOffset: 15 })
    expect(cache.nextEpoch(2)).toBe(4)
    expect(cache.nextEpoch(5)).toBe(10)
    expect(cache.nextEpoch(10)).toBeUndefined()
    expect(cache.epochEntry(4)).toEqual({ epoch: 4, startOffset: 15 })
    expect(cache.epochEntry(3)).toBeUndefined()
    expect([9, 10, 14, 15, 25].map((offset) => cache.epochForOffset(offset))).toEqual([
      undefined,
      2,
      2,
      4,
      10,
    ])
  })
})

describe('LeaderEpochFileCache, truncating', () => {
  beforeEach(() => {
    cache.assign(2, 6)
    cache.assign(3, 8)
    cache.assign(4, 11)
  })

  test('drops epochs that began at or behind the new end', () => {
    covers(
      'LeaderEpochFileCacheTest.shouldDropEntriesOnEpochBoundaryWhenRemovingLatestEntries',
      'LeaderEpochFileCacheTest.shouldDropEntriesBetweenEpochBoundaryWhenRemovingNewest',
      'LeaderEpochFileCacheTest.shouldNotResetEpochHistoryHeadIfUndefinedPassed',
    )
    cache.truncateFromEnd(-1)
    expect(entries()).toHaveLength(3)
    cache.truncateFromEnd(9)
    expect(entries()).toEqual([
      [2, 6],
      [3, 8],
    ])
    cache.truncateFromEnd(8)
    expect(entries()).toEqual([[2, 6]])
  })

  test('moves the first epoch to the new start', () => {
    covers(
      'LeaderEpochFileCacheTest.shouldPreserveResetOffsetOnClearEarliestIfOneExists',
      'LeaderEpochFileCacheTest.shouldUpdateSavedOffsetWhenOffsetToClearToIsBetweenEpochs',
      'LeaderEpochFileCacheTest.shouldUpdateOffsetBetweenEpochBoundariesOnClearEarliest',
      'LeaderEpochFileCacheTest.shouldUpdateOffsetBetweenEpochBoundariesOnClearEarliest2',
      'LeaderEpochFileCacheTest.shouldNotClearAnythingIfOffsetToEarly',
      'LeaderEpochFileCacheTest.shouldNotClearAnythingIfOffsetToFirstOffset',
      'LeaderEpochFileCacheTest.shouldNotResetEpochHistoryTailIfUndefinedPassed',
    )
    cache.truncateFromStart(-1)
    cache.truncateFromStart(1)
    cache.truncateFromStart(6)
    expect(entries()).toEqual([
      [2, 6],
      [3, 8],
      [4, 11],
    ])
    cache.truncateFromStart(7)
    expect(entries()[0]).toEqual([2, 7])
    cache.truncateFromStart(8)
    expect(entries()).toEqual([
      [3, 8],
      [4, 11],
    ])
    cache.truncateFromStart(9)
    expect(entries()[0]).toEqual([3, 9])
  })

  test('keeps the latest epoch, whatever goes', () => {
    covers(
      'LeaderEpochFileCacheTest.shouldRetainLatestEpochOnClearAllEarliest',
      'LeaderEpochFileCacheTest.shouldRetainLatestEpochOnClearAllEarliestAndUpdateItsOffset',
      'LeaderEpochFileCacheTest.shouldWriteCheckpointOnTruncation',
    )
    cache.truncateFromStart(11)
    expect(entries()).toEqual([[4, 11]])
    cache.truncateFromStart(15)
    expect(entries()).toEqual([[4, 15]])
    cache = open()
    expect(entries()).toEqual([[4, 15]])
  })

  test('forgets everything when it is told to', () => {
    covers(
      'LeaderEpochFileCacheTest.shouldClearAllEntries',
      'LeaderEpochFileCacheTest.shouldClearEarliestOnEmptyCache',
      'LeaderEpochFileCacheTest.shouldClearLatestOnEmptyCache',
    )
    cache.clearAndFlush()
    expect(entries()).toEqual([])
    cache.truncateFromStart(7)
    cache.truncateFromEnd(7)
    expect(open().epochEntries()).toEqual([])
  })
})
