import { beforeEach, describe, expect, test } from 'vitest'
import { LeaderEpochFileCache } from '../../../src/broker/log/LeaderEpochFileCache.ts'
import { LogConfig } from '../../../src/broker/log/LogConfig.ts'
import { LogSegment } from '../../../src/broker/log/LogSegment.ts'
import { LogSegmentOffsetOverflowException } from '../../../src/broker/log/LogSegmentExceptions.ts'
import { ProducerStateManager } from '../../../src/broker/log/ProducerStateManager.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { utf8Bytes } from '../../../src/common/utf8.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { withRecords } from '../../../src/record/withRecords.ts'
import { covers } from '../../support/covers.ts'
import { batch, concat, NOW, PARTITION, type TestContext, testContext } from './helpers.ts'

let context: TestContext

beforeEach(() => {
  context = testContext()
  context.storage.makeDirectory('d')
})

const segmentAt = (baseOffset: number, indexInterval = 10): LogSegment =>
  new LogSegment({
    storage: context.storage,
    dir: 'd',
    baseOffset,
    config: new LogConfig({ 'index.interval.bytes': indexInterval, 'segment.index.bytes': 10_000 }),
    time: context.time,
    logger: context.logger,
  })

/** One batch whose records have consecutive offsets from `offset` on. */
const at = (offset: number, ...values: string[]): MemoryRecords =>
  batch(values, { baseOffset: offset })

const stamped = (offset: number, timestamp: number, value = 'v'): MemoryRecords =>
  withRecords({ baseOffset: offset }, { timestamp, key: null, value: utf8Bytes(value) })

const read = (segment: LogSegment, offset: number, maxSize = 10_000): [number, string][] | null => {
  const info = segment.read(offset, maxSize)
  if (info === undefined) return null
  const found: [number, string][] = []
  for (const each of MemoryRecords.readableRecords(info.records.toBytes()).batches()) {
    for (const record of each) found.push([record.offset, new TextDecoder().decode(record.value!)])
  }
  return found
}

const recover = (segment: LogSegment): { truncated: number; epochs: LeaderEpochFileCache } => {
  const { storage, logger } = context
  const epochs = new LeaderEpochFileCache(storage, 'd', logger)
  const producers = new ProducerStateManager({
    topicPartition: PARTITION,
    storage,
    dir: 'd',
    producerIdExpirationMs: 86_400_000,
    logger,
  })
  return { truncated: segment.recover(producers, epochs), epochs }
}

describe('LogSegment', () => {
  test('takes only offsets that its index can say', () => {
    covers('LogSegmentTest.testAppendForLogSegmentOffsetOverflowException')
    for (const [base, largest] of [
      [0, -2_147_483_648],
      [0, 2_147_483_648],
      [1, 0],
      [100, 10],
      [2_147_483_648, 0],
      [2_147_483_648, 4_294_967_296],
    ] as const) {
      const segment = segmentAt(base)
      expect(() => segment.append(largest, at(0, 'hello'))).toThrow(
        LogSegmentOffsetOverflowException,
      )
      segment.closeHandlers()
    }
  })

  test('has nothing to read while it is empty', () => {
    covers('LogSegmentTest.testReadOnEmptySegment')
    expect(read(segmentAt(40), 40, 300)).toBeNull()
  })

  test('reads from its first batch when an earlier offset is asked for', () => {
    covers('LogSegmentTest.testReadBeforeFirstOffset')
    const segment = segmentAt(40)
    segment.append(53, at(50, 'hello', 'there', 'little', 'bee'))
    expect(read(segment, 41)?.[0]).toEqual([50, 'hello'])
  })

  test('reads the whole batch when an offset in its middle is asked for', () => {
    covers('LogSegmentTest.testReadFromMiddleOfBatch')
    const segment = segmentAt(40)
    segment.append(53, at(50, 'hello', 'there', 'little', 'bee'))
    const info = segment.read(52, 300, segment.size, true)
    expect(info?.fetchOffsetMetadata.messageOffset).toBe(50)
    expect(read(segment, 52)).toHaveLength(4)
  })

  test('has nothing behind its last offset', () => {
    covers('LogSegmentTest.testReadAfterLast')
    const segment = segmentAt(40)
    segment.append(51, at(50, 'hello', 'there'))
    expect(read(segment, 52, 200)).toBeNull()
  })

  test('goes on behind a gap that compaction left', () => {
    covers('LogSegmentTest.testReadFromGap')
    const segment = segmentAt(40)
    segment.append(51, at(50, 'hello', 'there'))
    segment.append(61, at(60, 'alpha', 'beta'))
    expect(read(segment, 55)?.[0]).toEqual([60, 'alpha'])
  })

  test('gives the first batch whole when it is asked to, and a part of it otherwise', () => {
    const segment = segmentAt(40)
    segment.append(40, at(40, 'x'.repeat(500)))
    const cut = segment.read(40, 100)
    expect(cut?.firstEntryIncomplete).toBe(true)
    expect(cut?.records.sizeInBytes).toBe(100)
    const whole = segment.read(40, 100, segment.size, true)
    expect(whole?.firstEntryIncomplete).toBe(false)
    expect(whole?.records.sizeInBytes).toBe(segment.size)
  })

  test('gives no bytes when none of it may be seen', () => {
    covers('LogSegmentTest.testReadWhenNoMaxPosition')
    const segment = segmentAt(40)
    segment.append(53, at(50, 'hello', 'there'))
    const info = segment.read(50, 100, null, true)
    expect(info?.records.sizeInBytes).toBe(0)
    expect(info?.fetchOffsetMetadata.messageOffset).toBe(50)
  })

  test('cuts batches off its end and goes on behind the cut', () => {
    covers('LogSegmentTest.testTruncate')
    const segment = segmentAt(40)
    let offset = 40
    for (let i = 0; i < 30; i++) {
      segment.append(offset, at(offset, 'hello'))
      segment.append(offset + 1, at(offset + 1, 'hello'))
      expect(read(segment, offset)?.map(([o]) => o)).toEqual([offset, offset + 1])
      segment.truncateTo(offset + 1)
      expect(read(segment, offset)).toEqual([[offset, 'hello']])
      offset += 1
    }
  })

  test('is empty and young again when everything is cut off', () => {
    covers('LogSegmentTest.testTruncateFull', 'LogSegmentTest.testTruncateEmptySegment')
    const segment = segmentAt(40)
    segment.append(41, at(40, 'hello', 'there'))
    context.time.setCurrentTimeMs(context.time.milliseconds() + 500)
    expect(segment.timeWaitedForRoll(context.time.milliseconds(), -1)).toBe(-1 - NOW)
    segment.truncateTo(0)
    expect(segment.timeWaitedForRoll(context.time.milliseconds(), -1)).toBe(0)
    expect(segment.offsetIndex.isFull()).toBe(false)
    expect(segment.timeIndex.isFull()).toBe(false)
    expect(read(segment, 0, 1024)).toBeNull()
    segment.append(41, at(40, 'hello', 'there'))
  })

  test('cuts at an offset that falls into a gap', () => {
    covers('LogSegmentTest.shouldTruncateEvenIfOffsetPointsToAGapInTheLog')
    const segment = segmentAt(40)
    const offset = 40
    segment.append(offset, at(offset, 'first message'))
    segment.append(offset + 3, at(offset + 3, 'message after gap'))
    segment.truncateTo(offset + 1)
    expect(read(segment, offset)).toEqual([[offset, 'first message']])
  })

  test('knows its largest timestamp again after a cut', () => {
    covers('LogSegmentTest.testReloadLargestTimestampAndNextOffsetAfterTruncation')
    const segment = segmentAt(40, 2 * stamped(0, 0).sizeInBytes - 1)
    let offset = 40
    for (let i = 0; i < 30; i++, offset++) segment.append(offset, stamped(offset, offset))
    expect(segment.readNextOffset()).toBe(offset)
    segment.truncateTo(41)
    expect(segment.timeIndex.entries()).toBe(0)
    expect(segment.largestTimestamp()).toBe(40)
    expect(segment.readNextOffset()).toBe(41)
  })

  test('finds records by their time', () => {
    covers('LogSegmentTest.testFindOffsetByTimestamp')
    const size = stamped(0, 0, 'msg00').sizeInBytes
    const segment = segmentAt(40, size * 2 - 1)
    for (let i = 40; i < 50; i++) segment.append(i, stamped(i, i * 10, `msg${i}`))
    expect(segment.largestTimestamp()).toBe(490)
    expect(segment.findOffsetByTimestamp(420)?.offset).toBe(42)
    expect(segment.findOffsetByTimestamp(421)?.offset).toBe(43)
    expect(segment.findOffsetByTimestamp(430)?.offset).toBe(43)
    expect(segment.findOffsetByTimestamp(491)).toBeUndefined()
    expect(segment.findOffsetByTimestamp(401)?.offset).toBe(41)
    expect(segment.findOffsetByTimestamp(399)?.offset).toBe(40)
    expect(segment.findOffsetByTimestamp(399, 45)?.offset).toBe(45)
  })

  test('says which offset comes next', () => {
    covers('LogSegmentTest.testNextOffsetCalculation')
    const segment = segmentAt(40)
    expect(segment.readNextOffset()).toBe(40)
    segment.append(52, at(50, 'hello', 'there', 'you'))
    expect(segment.readNextOffset()).toBe(53)
  })

  test('renames its files together', () => {
    covers('LogSegmentTest.testChangeFileSuffixes')
    const segment = segmentAt(40)
    segment.append(40, at(40, 'v'))
    segment.close()
    const again = segmentAt(40)
    again.changeFileSuffixes('', '.deleted')
    expect(again.hasSuffix('.deleted')).toBe(true)
    expect(context.storage.list('d')).toEqual([
      '00000000000000000040.index.deleted',
      '00000000000000000040.log.deleted',
      '00000000000000000040.timeindex.deleted',
    ])
    again.deleteIfExists()
    expect(context.storage.list('d')).toEqual([])
  })

  test('makes corrupt indexes anew', () => {
    covers(
      'LogSegmentTest.testRecoveryFixesCorruptIndex',
      'LogSegmentTest.testRecoveryFixesCorruptTimeIndex',
    )
    const random = new SeededRandom(7)
    let segment = segmentAt(0)
    for (let i = 0; i < 100; i++) segment.append(i, stamped(i, i * 10))
    segment.close()
    for (const name of ['00000000000000000000.index', '00000000000000000000.timeindex']) {
      const file = context.storage.open(`d/${name}`)
      file.write(0, random.nextBytes(file.size()))
    }
    segment = segmentAt(0)
    expect(recover(segment).truncated).toBe(0)
    for (let i = 0; i < 100; i++) {
      expect(read(segment, i, 1)).toEqual([])
      expect(segment.read(i, 1, segment.size, true)?.records.sizeInBytes).toBe(
        stamped(0, 0).sizeInBytes,
      )
      expect(segment.findOffsetByTimestamp(i * 10)?.offset).toBe(i)
      if (i < 99) expect(segment.findOffsetByTimestamp(i * 10 + 1)?.offset).toBe(i + 1)
    }
  })

  test('cuts a corrupt batch and everything behind it, wherever it is', () => {
    covers('LogSegmentTest.testRecoveryWithCorruptMessage')
    const random = new SeededRandom(3)
    for (let round = 0; round < 10; round++) {
      context = testContext()
      context.storage.makeDirectory('d')
      const segment = segmentAt(0)
      for (let i = 0; i < 20; i++) segment.append(i, at(i, String(i).padStart(10, '0')))
      const corrupt = random.nextInt(20)
      const { position, size } = segment.log.searchForOffsetFromPosition(corrupt, 0)!
      const byte = position + 20 + random.nextInt(size - 20)
      const file = context.storage.open(segment.log.path)
      const wrong = file.read(byte, 1)[0]! ^ 0xff
      file.write(byte, Uint8Array.of(wrong))
      recover(segment)
      const left = read(segment, 0) ?? []
      expect(left.map(([offset]) => offset)).toEqual(Array.from({ length: corrupt }, (_, i) => i))
    }
  })

  test('learns the leader epochs again from its batches', () => {
    covers('LogSegmentTest.testRecoveryRebuildsEpochCache')
    const segment = segmentAt(0)
    segment.append(105, batch(['a', 'b'], { baseOffset: 104, partitionLeaderEpoch: 0 }))
    segment.append(107, batch(['a', 'b'], { baseOffset: 106, partitionLeaderEpoch: 1 }))
    segment.append(109, batch(['a', 'b'], { baseOffset: 108, partitionLeaderEpoch: 1 }))
    segment.append(111, batch(['a', 'b'], { baseOffset: 110, partitionLeaderEpoch: 2 }))
    expect(recover(segment).epochs.epochEntries()).toEqual([
      { epoch: 0, startOffset: 104 },
      { epoch: 1, startOffset: 106 },
      { epoch: 2, startOffset: 110 },
    ])
  })

  test('counts its age from the first batch', () => {
    covers('LogSegmentTest.testGetFirstBatchTimestamp')
    const segment = segmentAt(1)
    expect(segment.getFirstBatchTimestamp()).toBe(Number.POSITIVE_INFINITY)
    segment.append(1, stamped(1, 1000, 'one'))
    segment.append(2, stamped(2, 2000, 'two'))
    expect(segment.getFirstBatchTimestamp()).toBe(1000)
  })

  test('indexes each batch of an append by its own place', () => {
    covers('LogSegmentTest.testIndexForMultipleBatchesInMemoryRecords')
    const segment = segmentAt(0, 1)
    const size = stamped(0, 1).sizeInBytes
    segment.append(2, concat(stamped(0, 1), stamped(1, 2), stamped(2, 3)))
    expect(segment.offsetIndex.entries()).toBe(2)
    expect(segment.offsetIndex.entry(0)).toEqual({ offset: 1, position: size })
    expect(segment.offsetIndex.entry(1)).toEqual({ offset: 2, position: 2 * size })
    expect(segment.timeIndex.entry(1)).toEqual({ timestamp: 3, offset: 2 })
  })

  test('keeps the largest timestamp so far when times go back inside an append', () => {
    covers('LogSegmentTest.testNonMonotonicTimestampForMultipleBatchesInMemoryRecords')
    const segment = segmentAt(0, 1)
    segment.append(2, concat(stamped(0, 1), stamped(1, 3), stamped(2, 2)))
    expect(segment.maxTimestampSoFar()).toBe(3)
    expect(segment.timeIndex.lastEntry()).toEqual({ timestamp: 3, offset: 1 })
    expect(segment.findOffsetByTimestamp(2)?.offset).toBe(1)
  })
})
