import { beforeEach, describe, expect, test } from 'vitest'
import { CorruptIndexException } from '../../../src/broker/log/AbstractIndex.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import { TimeIndex } from '../../../src/broker/log/TimeIndex.ts'
import { InvalidOffsetException } from '../../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException, IllegalStateException } from '../../../src/common/errors.ts'
import { covers } from '../../support/covers.ts'
import { overwrite } from './helpers.ts'

const MAX_ENTRIES = 30
const BASE_OFFSET = 45
const PATH = 'orders.timeindex'

describe('TimeIndex', () => {
  let storage: MemoryStorage
  let index: TimeIndex

  const open = (): TimeIndex =>
    new TimeIndex({
      storage,
      path: PATH,
      baseOffset: BASE_OFFSET,
      maxIndexSize: MAX_ENTRIES * 12,
    })

  /** 10 → 55, 20 → 65, … */
  const append = (entries: number): void => {
    for (let i = 1; i <= entries; i++) index.maybeAppend(i * 10, i * 10 + BASE_OFFSET)
  }

  beforeEach(() => {
    storage = new MemoryStorage()
    index = open()
  })

  test('a time is found from the last entry at or before it', () => {
    covers('TimeIndexTest.testLookUp')
    expect(index.lookup(100)).toEqual({ timestamp: -1, offset: BASE_OFFSET })
    append(MAX_ENTRIES - 1)

    expect(index.lookup(9)).toEqual({ timestamp: -1, offset: BASE_OFFSET })
    expect(index.lookup(25)).toEqual({ timestamp: 20, offset: 65 })
    expect(index.lookup(30)).toEqual({ timestamp: 30, offset: 75 })
  })

  test('entries are read by their place', () => {
    covers('TimeIndexTest.testEntry', 'TimeIndexTest.testEntryOverflow')
    expect(() => index.entry(0)).toThrow(IllegalArgumentException)
    append(4)

    expect([0, 1, 2, 3].map((slot) => index.entry(slot))).toEqual([
      { timestamp: 10, offset: 55 },
      { timestamp: 20, offset: 65 },
      { timestamp: 30, offset: 75 },
      { timestamp: 40, offset: 85 },
    ])
  })

  test('cutting at an offset removes the entries at and behind it', () => {
    covers('TimeIndexTest.testTruncate')
    append(MAX_ENTRIES - 1)
    index.truncate()
    expect(index.entries()).toBe(0)
    expect(index.lastEntry()).toEqual({ timestamp: -1, offset: BASE_OFFSET })

    append(MAX_ENTRIES - 1)
    index.truncateTo(65)
    expect(index.lastEntry()).toEqual({ timestamp: 10, offset: 55 })
    index.truncateTo(BASE_OFFSET + 10)
    expect(index.entries()).toBe(0)
  })

  test('the last free entry is only for a segment that ends', () => {
    covers('TimeIndexTest.testAppend', 'TimeIndexTest.testIsFull')
    expect(index.isFull()).toBe(false)
    append(MAX_ENTRIES - 1)

    expect(index.isFull()).toBe(true)
    expect(() => index.maybeAppend(10_000, 1_000)).toThrow(IllegalArgumentException)
    expect(() => index.maybeAppend(10_000, (MAX_ENTRIES - 2) * 10, true)).toThrow(
      InvalidOffsetException,
    )
    index.maybeAppend(10_000, 1_000, true)
    expect(index.lastEntry()).toEqual({ timestamp: 10_000, offset: 1_000 })
  })

  test('a time that is not later adds no entry, an earlier one is refused', () => {
    append(2)
    index.maybeAppend(20, 200)
    expect(index.entries()).toBe(2)
    expect(() => index.maybeAppend(19, 200)).toThrow(IllegalStateException)
  })

  test('an index whose end contradicts its beginning is corrupt', () => {
    covers('TimeIndexTest.testSanityCheck')
    index.sanityCheck()
    append(5)
    index.sanityCheck()
    index.close()
    expect(() => open().sanityCheck()).not.toThrow()

    overwrite(storage, PATH, 4 * 12, new Uint8Array([0, 0, 0, 0, 0, 0, 0, 9]))
    expect(() => open().sanityCheck()).toThrow(/last timestamp is 9 which is less than the first/)

    overwrite(storage, PATH, 4 * 12, new Uint8Array([0, 0, 0, 0, 0, 0, 0, 50, 255, 255, 255, 255]))
    expect(() => open().sanityCheck()).toThrow(/last offset is 44 which is less than the first/)

    overwrite(storage, PATH, 4 * 12, new Uint8Array([0, 0, 0, 0, 0, 0, 0, 50, 0, 0, 0, 50, 1]))
    expect(() => open().sanityCheck()).toThrow(CorruptIndexException)
  })

  test('bytes that are no time at all are corrupt, not a crash', () => {
    append(2)
    index.close()
    overwrite(storage, PATH, 12, new Uint8Array([0x80, 1, 2, 3, 4, 5, 6, 7]))
    expect(() => open().sanityCheck()).toThrow(CorruptIndexException)
  })

  test('the last entry of an empty index is no time at the base offset', () => {
    covers('TimeIndexTest.testLastEntry')
    expect(index.lastEntry()).toEqual({ timestamp: -1, offset: BASE_OFFSET })
    index.maybeAppend(1, BASE_OFFSET + 1)
    expect(index.lastEntry()).toEqual({ timestamp: 1, offset: BASE_OFFSET + 1 })
  })

  test('resizing says whether it changed anything, and drops what has no room', () => {
    covers('TimeIndexTest.testResize')
    append(20)
    expect(index.resize(MAX_ENTRIES * 12)).toBe(false)
    expect(index.resize(15 * 12)).toBe(true)
    expect(index.lastEntry()).toEqual({ timestamp: 150, offset: 195 })
    expect(index.resize(MAX_ENTRIES * 2 * 12)).toBe(true)
    expect(index.entries()).toBe(15)
  })

  test('an entry is 8 bytes of time and 4 of offset difference', () => {
    covers('TimeIndexTest.testEntrySize', 'TimeIndexTest.testParseEntry')
    index.maybeAppend(1_750_000_000_000, BASE_OFFSET + 1)
    expect(index.sizeInBytes()).toBe(12)
    expect(index.entry(0)).toEqual({ timestamp: 1_750_000_000_000, offset: BASE_OFFSET + 1 })
    index.close()
    const file = storage.open(PATH)
    const written = new DataView(file.read(0, 12).slice().buffer)
    expect(written.getBigInt64(0)).toBe(1_750_000_000_000n)
    expect(written.getInt32(8)).toBe(1)
  })

  test('a reopened index goes on where it was', () => {
    append(3)
    index.close()
    index = open()
    expect(index.lastEntry()).toEqual({ timestamp: 30, offset: 75 })
    index.resize(MAX_ENTRIES * 12)
    index.maybeAppend(40, 85)
    expect(index.lookup(45)).toEqual({ timestamp: 40, offset: 85 })
  })
})
