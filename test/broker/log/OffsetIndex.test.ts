import { beforeEach, describe, expect, test } from 'vitest'
import {
  CorruptIndexException,
  IndexOffsetOverflowException,
} from '../../../src/broker/log/AbstractIndex.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import { OffsetIndex } from '../../../src/broker/log/OffsetIndex.ts'
import { InvalidOffsetException } from '../../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { covers } from '../../support/covers.ts'

const BASE = 45
const PATH = '00000000000000000045.index'
const ENTRIES = 30

let storage: MemoryStorage
let index: OffsetIndex

const open = (maxIndexSize = ENTRIES * 8): OffsetIndex =>
  new OffsetIndex({ storage, path: PATH, baseOffset: BASE, maxIndexSize })

beforeEach(() => {
  storage = new MemoryStorage()
  index = open()
})

describe('OffsetIndex', () => {
  test('finds the largest entry at or before any offset', () => {
    covers('OffsetIndexTest.randomLookupTest', 'OffsetIndexTest.lookupExtremeCases')
    expect(index.lookup(0)).toEqual({ offset: BASE, position: 0 })
    expect(index.lookup(92)).toEqual({ offset: BASE, position: 0 })

    const random = new SeededRandom(42)
    const entries: { offset: number; position: number }[] = []
    let offset = BASE
    let position = 0
    for (let i = 0; i < ENTRIES; i++) {
      offset += 1 + random.nextInt(20)
      position += 1 + random.nextInt(2000)
      entries.push({ offset, position })
      index.append(offset, position)
    }
    for (let target = BASE - 5; target < offset + 5; target++) {
      const expected = entries.findLast((entry) => entry.offset <= target)
      expect(index.lookup(target)).toEqual(expected ?? { offset: BASE, position: 0 })
    }
  })

  test('looks into the cold part when the target is older than the last 8 KiB of entries', () => {
    index = open(5000 * 8)
    for (let i = 1; i <= 4000; i++) index.append(BASE + i * 2, i * 10)
    expect(index.lookup(BASE + 21)).toEqual({ offset: BASE + 20, position: 100 })
    expect(index.lookup(BASE + 7999)).toEqual({ offset: BASE + 7998, position: 39_990 })
    expect(index.lookup(BASE + 1)).toEqual({ offset: BASE, position: 0 })
  })

  test('gives its entries by number and nothing beyond', () => {
    covers('OffsetIndexTest.testEntry', 'OffsetIndexTest.testEntryOverflow')
    for (const n of [51, 52, 53, 54]) index.append(n, n - 51)
    expect(index.entry(0)).toEqual({ offset: 51, position: 0 })
    expect(index.entry(3)).toEqual({ offset: 54, position: 3 })
    expect(() => index.entry(4)).toThrow(IllegalArgumentException)
  })

  test('takes as many entries as it has room for, and then no more', () => {
    covers('OffsetIndexTest.appendTooMany')
    for (let i = 0; i < index.maxEntries(); i++) index.append(index.baseOffset + i + 1, i)
    expect(index.isFull()).toBe(true)
    expect(() => index.append(index.baseOffset + 100, 100)).toThrow(/full index/)
  })

  test('refuses an offset that does not grow', () => {
    covers('OffsetIndexTest.appendOutOfOrder')
    index.append(51, 0)
    expect(() => index.append(50, 1)).toThrow(InvalidOffsetException)
  })

  test('finds the first entry behind the end of a fetch', () => {
    covers('OffsetIndexTest.testFetchUpperBoundOffset')
    const first = { offset: BASE, position: 0 }
    expect(index.fetchUpperBoundOffset(first, 5)).toBeUndefined()
    const entries = [
      { offset: BASE + 1, position: 10 },
      { offset: BASE + 2, position: 23 },
      { offset: BASE + 3, position: 37 },
    ]
    for (const { offset, position } of entries) index.append(offset, position)
    expect(index.fetchUpperBoundOffset(first, 5)).toEqual(entries[0])
    expect(index.fetchUpperBoundOffset(first, 10)).toEqual(entries[0])
    expect(index.fetchUpperBoundOffset(first, 23)).toEqual(entries[1])
    expect(index.fetchUpperBoundOffset(first, 22)).toEqual(entries[1])
    expect(index.fetchUpperBoundOffset(entries[0]!, entries[1]!.position)).toEqual(entries[2])
    expect(index.fetchUpperBoundOffset(entries[2]!, 9)).toBeUndefined()
  })

  test('has after closing and opening what it had before', () => {
    covers('OffsetIndexTest.testReopen', 'OffsetIndexTest.forceUnmapTest')
    index.append(51, 0)
    index.append(52, 1)
    index.close()
    const reopened = open()
    expect(reopened.lastOffset()).toBe(52)
    expect(reopened.lookup(51)).toEqual({ offset: 51, position: 0 })
    // Closing gave up the room: a reopened index is full until it is given room again.
    expect(reopened.isFull()).toBe(true)
    reopened.resize(80)
    reopened.append(53, 2)
    expect(reopened.entries()).toBe(3)
  })

  test('forgets on truncation what is at or behind the offset', () => {
    covers('OffsetIndexTest.truncate')
    const fill = (): void => {
      for (let i = 1; i < 10; i++) index.append(BASE + i, i)
    }
    fill()
    index.truncateTo(BASE + 12)
    expect(index.lastOffset()).toBe(BASE + 9)
    index.append(BASE + 10, 10)
    index.truncateTo(BASE + 10)
    expect(index.lastOffset()).toBe(BASE + 9)
    index.truncateTo(BASE + 9)
    expect(index.lastOffset()).toBe(BASE + 8)
    index.truncateTo(BASE + 5)
    expect(index.lastOffset()).toBe(BASE + 4)
    index.truncate()
    expect(index.entries()).toBe(0)
    fill()
    expect(index.entries()).toBe(9)
  })

  test('writes over old entries of its file after a truncation', async () => {
    for (let i = 1; i <= 5; i++) index.append(BASE + i, i)
    await index.flush()
    index.truncateTo(BASE + 3)
    index.append(BASE + 7, 70)
    index.close()
    const reopened = open()
    expect(reopened.entries()).toBe(3)
    expect(reopened.entry(2)).toEqual({ offset: BASE + 7, position: 70 })
  })

  test('is sane when its last offset is the base offset, corrupt with half an entry', () => {
    covers('OffsetIndexTest.testSanityLastOffsetEqualToBaseOffset')
    index.append(BASE, 0)
    index.sanityCheck()
    index.close()
    const file = storage.open(PATH)
    file.write(8, new Uint8Array(3))
    expect(() => open().sanityCheck()).toThrow(CorruptIndexException)
  })

  test('has no entry for an offset that is too far away', () => {
    expect(index.canAppendOffset(BASE + 2 ** 31 - 1)).toBe(true)
    expect(index.canAppendOffset(BASE + 2 ** 31)).toBe(false)
    expect(() => index.append(BASE + 2 ** 31, 0)).toThrow(IndexOffsetOverflowException)
  })
})
