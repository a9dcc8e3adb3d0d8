import { describe, expect, test } from 'vitest'
import { LogConfig } from '../../../src/broker/log/LogConfig.ts'
import { LogSegment } from '../../../src/broker/log/LogSegment.ts'
import { LogSegments } from '../../../src/broker/log/LogSegments.ts'
import { IllegalStateException } from '../../../src/common/errors.ts'
import { covers } from '../../support/covers.ts'
import { PARTITION, testContext } from './helpers.ts'

const context = testContext()
context.storage.makeDirectory('d')

const segment = (baseOffset: number): LogSegment =>
  new LogSegment({
    storage: context.storage,
    dir: 'd',
    baseOffset,
    config: new LogConfig(),
    time: context.time,
    logger: context.logger,
  })

const with_ = (...baseOffsets: number[]): LogSegments => {
  const segments = new LogSegments(PARTITION)
  for (const each of baseOffsets) segments.add(segment(each))
  return segments
}

const bases = (segments: readonly LogSegment[]): number[] => segments.map((each) => each.baseOffset)

describe('LogSegments', () => {
  test('adds, replaces and removes by base offset', () => {
    covers('LogSegmentsTest.testBasicOperations')
    const segments = new LogSegments(PARTITION)
    expect(segments.isEmpty()).toBe(true)
    expect(() => segments.activeSegment()).toThrow(IllegalStateException)
    const first = segment(0)
    const second = segment(1)
    expect(segments.add(second)).toBeUndefined()
    expect(segments.add(first)).toBeUndefined()
    expect(segments.numberOfSegments()).toBe(2)
    expect(segments.contains(0)).toBe(true)
    const other = segment(0)
    expect(segments.add(other)).toBe(first)
    expect(segments.get(0)).toBe(other)
    segments.remove(1)
    expect(segments.nonEmpty()).toBe(true)
    segments.clear()
    expect(segments.isEmpty()).toBe(true)
  })

  test('gives first, last, active and those in a range', () => {
    covers('LogSegmentsTest.testSegmentAccess')
    const segments = with_(1, 2, 3, 4)
    expect(segments.firstSegmentBaseOffset()).toBe(1)
    expect(segments.lastSegment()?.baseOffset).toBe(4)
    expect(segments.activeSegment()).toBe(segments.lastSegment())
    expect(bases(segments.values())).toEqual([1, 2, 3, 4])
    expect(bases(segments.values(2, 4))).toEqual([2, 3])
    expect(bases(segments.values(3, 3))).toEqual([])
    expect(bases(segments.values(0, 2))).toEqual([1])
    expect(bases(segments.nonActiveLogSegmentsFrom(2))).toEqual([2, 3])
    expect(bases(segments.nonActiveLogSegmentsFrom(5))).toEqual([])
  })

  test('finds the nearest on either side', () => {
    covers('LogSegmentsTest.testClosestMatchOperations', 'LogSegmentsTest.testHigherSegments')
    const segments = with_(1, 3, 5, 7)
    expect(segments.floorSegment(0)).toBeUndefined()
    expect(segments.floorSegment(2)?.baseOffset).toBe(1)
    expect(segments.floorSegment(3)?.baseOffset).toBe(3)
    expect(segments.lowerSegment(3)?.baseOffset).toBe(1)
    expect(segments.lowerSegment(1)).toBeUndefined()
    expect(segments.higherSegment(1)?.baseOffset).toBe(3)
    expect(segments.higherSegment(7)).toBeUndefined()
    expect(bases(segments.higherSegments(0))).toEqual([1, 3, 5, 7])
    expect(bases(segments.higherSegments(4))).toEqual([5, 7])
    expect(bases(segments.higherSegments(7))).toEqual([])
  })

  test('counts bytes beyond 32 bits', () => {
    covers('LogSegmentsTest.testSizeForLargeLogs')
    const large = Object.create(LogSegment.prototype, { size: { value: 2 ** 31 - 1 } })
    expect(LogSegments.sizeInBytes([large])).toBe(2 ** 31 - 1)
    expect(LogSegments.sizeInBytes([large, large, large])).toBe(3 * (2 ** 31 - 1))
  })

  test('closes all of them when closing one fails', () => {
    covers('LogSegmentsTest.testCloseClosesAllLogSegmentsOnExceptionWhileClosingOne')
    const closed: number[] = []
    const failing = (baseOffset: number, fails: boolean): LogSegment =>
      Object.create(LogSegment.prototype, {
        baseOffset: { value: baseOffset },
        close: {
          value: () => {
            if (fails) throw new Error(`failure ${baseOffset}`)
            closed.push(baseOffset)
          },
        },
      })
    const segments = new LogSegments(PARTITION)
    for (const [base, fails] of [
      [0, false],
      [1, true],
      [2, false],
    ] as const) {
      segments.add(failing(base, fails))
    }
    expect(() => segments.close()).toThrow('failure 1')
    expect(closed).toEqual([0, 2])
  })

  test('follows its directory to another name', () => {
    covers('LogSegmentsTest.testUpdateDir')
    const segments = with_(10)
    segments.updateParentDir('elsewhere')
    expect(segments.firstSegment()?.log.path).toBe('elsewhere/00000000000000000010.log')
  })
})
