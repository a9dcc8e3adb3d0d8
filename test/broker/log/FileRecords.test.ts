import { beforeEach, describe, expect, test } from 'vitest'
import { FileRecords, type FileRecordsSlice } from '../../../src/broker/log/FileRecords.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import type { Storage, StorageFile } from '../../../src/broker/log/Storage.ts'
import { IllegalArgumentException, KafkaException } from '../../../src/common/errors.ts'
import { utf8Bytes, utf8Read } from '../../../src/common/utf8.ts'
import { type RecordsOptions, withRecords } from '../../../src/record/withRecords.ts'
import { covers } from '../../support/covers.ts'

const MAX_INT = 2 ** 31 - 1
const VALUES = ['abcd', 'efgh', 'ijkl', 'mnopqr', 'stuv']

/** A memory disk that notes how its files are used. */
class WatchedStorage extends MemoryStorage {
  readonly reads: number[] = []
  readonly truncated: number[] = []

  override open(path: string): StorageFile {
    const file = super.open(path)
    return {
      ...bound(file),
      read: (position, length) => {
        this.reads.push(length)
        return file.read(position, length)
      },
      truncate: (size) => {
        this.truncated.push(size)
        file.truncate(size)
      },
    }
  }
}

const bound = (file: StorageFile): StorageFile => ({
  read: (position, length) => file.read(position, length),
  write: (position, bytes) => file.write(position, bytes),
  size: () => file.size(),
  truncate: (size) => file.truncate(size),
  flush: () => file.flush(),
  close: () => file.close(),
})

/** A disk whose one file says that it has `size` bytes. */
const storageOf = (size: number): Storage => {
  const storage = new MemoryStorage()
  const open = (path: string): StorageFile => ({ ...bound(storage.open(path)), size: () => size })
  return Object.assign(Object.create(storage), { open }) as Storage
}

const batch = (value: string, options: RecordsOptions = {}): Uint8Array =>
  withRecords(options, { timestamp: 1, value: utf8Bytes(value) }).bytes

let storage: WatchedStorage
let file: FileRecords

beforeEach(() => {
  storage = new WatchedStorage()
  file = new FileRecords(storage, 'a.log')
  for (const [baseOffset, value] of VALUES.entries()) file.append(batch(value, { baseOffset }))
  storage.reads.length = 0
})

const values = (of: FileRecords | FileRecordsSlice): string[] =>
  [...of.records()].map(({ value }) => utf8Read(value!, 0, value!.length))

const sizes = (): number[] => [...file.batches()].map((each) => each.sizeInBytes)

describe('FileRecords', () => {
  test('its size is that of the file, however much is appended', () => {
    expect(file.sizeInBytes).toBe(storage.open('a.log').size())
    for (let i = 0; i < 20; i++) {
      file.append(batch('abcd'))
      expect(file.sizeInBytes).toBe(storage.open('a.log').size())
    }
    covers('FileRecordsTest.testFileSize')
  })

  test('a new file is empty', () => {
    expect(new FileRecords(storage, 'new.log').sizeInBytes).toBe(0)
    expect(storage.open('new.log').size()).toBe(0)
    covers('FileRecordsTest.testPreallocateFalse')
  })

  test('does not grow over what four bytes can count', () => {
    const full = new FileRecords(storageOf(MAX_INT), 'full.log')
    expect(() => full.append(batch('x'))).toThrow(IllegalArgumentException)
    expect(full.sizeInBytes).toBe(MAX_INT)
    covers('FileRecordsTest.testAppendProtectsFromOverflow')
  })

  test('does not open a file that is larger', () => {
    expect(() => new FileRecords(storageOf(MAX_INT + 5), 'large.log')).toThrow(KafkaException)
    covers('FileRecordsTest.testOpenOversizeFile')
  })

  test('what is behind the last whole batch does not disturb reading', () => {
    const raw = storage.open('a.log')
    for (const size of [0, 2, 4, 5, 6]) {
      raw.write(raw.size(), new Uint8Array(size))
      expect(values(file)).toEqual(VALUES)
      expect(values(new FileRecords(storage, 'a.log'))).toEqual(VALUES)
    }
    covers('FileRecordsTest.testIterationOverPartialAndTruncation')
  })

  test('reading does not move the place that is appended to', () => {
    const iteration = file.records()
    iteration.next()
    file.append(batch('more', { baseOffset: 5 }))
    expect([...iteration]).toHaveLength(VALUES.length - 1)
    expect(values(file)).toEqual([...VALUES, 'more'])
    covers('FileRecordsTest.testIterationDoesntChangePosition')
  })
})

describe('a slice of FileRecords', () => {
  test('holds what was asked for, and ends where the file does', () => {
    const size = file.sizeInBytes
    const [first, second] = sizes() as [number, number]
    const all = file.slice(0, size)
    expect(all.sizeInBytes).toBe(size)
    expect(values(all)).toEqual(VALUES)
    for (const wanted of [size - first, size, MAX_INT]) {
      const rest = file.slice(first, wanted)
      expect(rest.sizeInBytes).toBe(size - first)
      expect(values(rest)).toEqual(VALUES.slice(1))
    }
    for (const wanted of [size, MAX_INT]) {
      const rest = file.slice(1, size - 1).slice(first - 1, wanted)
      expect(rest.sizeInBytes).toBe(size - first)
      expect(values(rest)).toEqual(VALUES.slice(1))
    }
    const one = file.slice(first, second)
    expect(one.sizeInBytes).toBe(second)
    expect(values(one)).toEqual([VALUES[1]])
    covers('FileRecordsTest.testRead')
  })

  test('cannot begin behind the end, or be less than nothing', () => {
    const size = file.sizeInBytes
    expect(() => file.slice(size + 1, 15)).toThrow('exceeds end position')
    expect(() => file.slice(-1, 15)).toThrow('Invalid position: -1')
    expect(() => file.slice(0, -1)).toThrow('Invalid size: -1')
    expect(file.slice(size, 15).sizeInBytes).toBe(0)
    covers('FileRecordsTest.testOutOfRangeSlice')
  })

  test('of a slice begins where the slice does', () => {
    const [a, b, c, d] = sizes() as [number, number, number, number]
    const fourth = file.slice(a + b + c, file.sizeInBytes)
    expect(values(fourth)).toEqual(VALUES.slice(3))
    const fifth = fourth.slice(d, fourth.sizeInBytes - d)
    expect(fifth.sizeInBytes).toBe(fourth.sizeInBytes - d)
    expect(values(fifth)).toEqual(VALUES.slice(4))
    covers('FileRecordsTest.testSliceForAlreadySlicedFileRecords')
  })

  test('does not grow with the file', () => {
    for (let i = 0; i < 200; i++) {
      const size = file.sizeInBytes
      const slice = file.slice(0, size)
      file.append(batch('more', { baseOffset: 5 + i }))
      expect(slice.sizeInBytes).toBe(size)
      expect(slice.toBytes()).toHaveLength(size)
    }
    covers('FileRecordsTest.testSliceSizeLimitWithConcurrentWrite')
  })

  test('gives whole batches only', () => {
    const start = file.searchForOffsetFromPosition(1, 0)!.position
    const size = sizes()[1]!
    expect(values(file.slice(start, size))).toEqual([VALUES[1]])
    expect(values(file.slice(start, size - 1))).toEqual([])
    covers('FileRecordsTest.testIteratorWithLimits')
  })

  test('that was half sent gives the rest and no more', () => {
    const size = file.sizeInBytes
    const sent = Math.floor(size / 3)
    const slice = file.slice(0, size)
    expect(slice.slice(0, sent).toBytes()).toHaveLength(sent)
    expect(slice.slice(sent, size - sent + 1).toBytes()).toHaveLength(size - sent)
    covers('FileRecordsTest.testBytesLengthOfWriteTo')
  })
})

describe('cutting FileRecords', () => {
  test('leaves what is before', () => {
    const second = file.searchForOffsetFromPosition(1, 0)!.position
    expect(file.truncateTo(second)).toBeGreaterThan(0)
    expect(values(file)).toEqual([VALUES[0]])
    expect(file.sizeInBytes).toBe(second)
    expect(storage.truncated).toEqual([second])
    covers(
      'FileRecordsTest.testTruncate',
      'FileRecordsTest.testTruncateIfSizeIsDifferentToTargetSize',
    )
  })

  test('to the size that it has does not touch the file', () => {
    expect(file.truncateTo(file.sizeInBytes)).toBe(0)
    expect(storage.truncated).toEqual([])
    covers('FileRecordsTest.testTruncateNotCalledIfSizeIsSameAsTargetSize')
  })

  test('to a size that it has not is refused', () => {
    expect(() => file.truncateTo(file.sizeInBytes + 1)).toThrow(KafkaException)
    expect(() => file.truncateTo(-1)).toThrow(KafkaException)
    expect(storage.truncated).toEqual([])
    covers('FileRecordsTest.testTruncateNotCalledIfSizeIsBiggerThanTargetSize')
  })

  test('happens at close, for what a failed write left behind', () => {
    const { sizeInBytes } = file
    storage.open('a.log').write(sizeInBytes, new Uint8Array(100))
    file.close()
    expect(storage.open('a.log').size()).toBe(sizeInBytes)
  })
})

describe('searching FileRecords', () => {
  test('finds the batch that ends at an offset or behind it', () => {
    file = new FileRecords(storage, 'b.log')
    for (const baseOffset of [0, 1, 2, 50]) file.append(batch('value', { baseOffset }))
    const size = file.sizeInBytes / 4
    const at = (offset: number, index: number) => ({ offset, position: index * size, size })
    expect(file.searchForOffsetFromPosition(0, 0)).toEqual(at(0, 0))
    expect(file.searchForOffsetFromPosition(1, 0)).toEqual(at(1, 1))
    expect(file.searchForOffsetFromPosition(1, size)).toEqual(at(1, 1))
    expect(file.searchForOffsetFromPosition(3, 3 * size)).toEqual(at(50, 3))
    expect(file.searchForOffsetFromPosition(50, 3 * size)).toEqual(at(50, 3))
    covers('FileRecordsTest.testSearch')
  })

  // Each batch: its first and its last offset. The test in Java also counts calls of `lastOffset`;
  // there a second read of the file, here a field of the header that was read anyway.
  test.each([
    ['1', 'the first batch begins at it', [[5, 7]], 5, 0],
    ['1', 'the first batch begins behind it', [[10, 12]], 5, 0],
    ['2', 'the first batch ends at it', [[3, 5]], 5, 0],
    [
      '3',
      'the last batch ends at it',
      [
        [5, 12],
        [15, 20],
      ],
      20,
      1,
    ],
    [
      '4',
      'it is inside the batch before the last',
      [
        [5, 12],
        [15, 20],
      ],
      10,
      0,
    ],
    [
      '5',
      'all batches end before it',
      [
        [5, 7],
        [8, 9],
      ],
      10,
      undefined,
    ],
    [
      '6',
      'the last batch begins before it and ends behind',
      [
        [5, 7],
        [8, 12],
      ],
      10,
      1,
    ],
    [
      '6',
      'the last batch begins at it',
      [
        [5, 7],
        [10, 12],
      ],
      10,
      1,
    ],
    [
      '7',
      'it is between two batches',
      [
        [5, 10],
        [15, 20],
      ],
      13,
      1,
    ],
  ] as const)('%s: finds the right batch when %s', (number, _when, batches, target, found) => {
    file = new FileRecords(storage, 'c.log')
    const positions: number[] = []
    for (const [baseOffset, lastOffset] of batches) {
      positions.push(file.sizeInBytes)
      const values = Array.from({ length: lastOffset - baseOffset + 1 }, () => ({
        timestamp: 1,
        value: new Uint8Array(200),
      }))
      file.append(withRecords({ baseOffset }, ...values).bytes)
    }
    storage.reads.length = 0
    const position = file.searchForOffsetFromPosition(target, 0)?.position
    expect(position).toBe(found === undefined ? undefined : positions[found])
    expect(storage.reads.every((length) => length === 61)).toBe(true)
    covers(`FileRecordsTest.testSearchForOffsetFromPosition${number}`)
  })

  test('finds the first record that is as young as asked for', () => {
    file = new FileRecords(storage, 'd.log')
    for (const [timestamp, baseOffset, partitionLeaderEpoch] of [
      [10, 5, 0],
      [11, 6, 1],
    ] as const) {
      const options = { baseOffset, partitionLeaderEpoch }
      file.append(withRecords(options, { timestamp, value: new Uint8Array(0) }).bytes)
    }
    const first = { timestamp: 10, offset: 5, leaderEpoch: 0 }
    expect(file.searchForTimestamp(9, 0, 0)).toEqual(first)
    expect(file.searchForTimestamp(10, 0, 0)).toEqual(first)
    expect(file.searchForTimestamp(11, 0, 0)).toEqual({ timestamp: 11, offset: 6, leaderEpoch: 1 })
    expect(file.searchForTimestamp(12, 0, 0)).toBeUndefined()
    covers('FileRecordsTest.testSearchForTimestamp')
  })
})
