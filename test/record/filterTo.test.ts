import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { RECORD_BATCH_OVERHEAD, writeEmptyHeader } from '../../src/record/BatchHeader.ts'
import { ControlRecordType } from '../../src/record/ControlRecordType.ts'
import type { Compression } from '../../src/record/compress/Compression.ts'
import { EndTransactionMarker } from '../../src/record/EndTransactionMarker.ts'
import { type BatchRetention, filterTo, type RecordFilter } from '../../src/record/filterTo.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { MemoryRecordsBuilder } from '../../src/record/MemoryRecordsBuilder.ts'
import { TimestampType } from '../../src/record/TimestampType.ts'
import {
  type RecordsOptions,
  withEndTransactionMarker,
  withRecords,
} from '../../src/record/withRecords.ts'
import { covers } from '../support/covers.ts'
import { bufferOf, bytes, COMPRESSIONS, NOW, plain, simple } from './helpers.ts'

/** Keeps records that have a key; a batch without one goes. */
const RETAIN_NON_NULL_KEYS: RecordFilter = {
  currentTimeMs: 0,
  deleteRetentionMs: 0,
  checkBatchRetention: () => retention('deleteEmpty'),
  shouldRetainRecord: (_batch, record) => record.hasKey,
}

const retention = (batchRetention: BatchRetention, containsMarkerForEmptyTxn = false) => ({
  batchRetention,
  containsMarkerForEmptyTxn,
})

type Short = [timestamp: number, key: string | null, value: string | null]

/** One batch behind the other: each with its options and its records. */
const recordsOf = (
  compression: Compression,
  ...batches: [RecordsOptions, ...Short[]][]
): MemoryRecords => {
  const parts = batches.map(([options, ...records]) => {
    const simples = records.map((record) => simple(...record))
    return withRecords({ ...options, compression }, ...simples).bytes
  })
  return MemoryRecords.readableRecords(bufferOf(...parts))
}

const filtered = (records: MemoryRecords, filter: RecordFilter, room = 2048) => {
  const destination = ByteBuffer.allocate(room)
  const result = filterTo(records, filter, destination)
  const kept = MemoryRecords.readableRecords(result.outputBuffer.flip())
  for (const batch of kept.batches()) batch.ensureValid()
  return { destination, result, kept, batches: [...kept.batches()] }
}

const offsetsOf = (records: MemoryRecords) =>
  [...records.batches()].map(({ baseOffset, lastOffset }) => [baseOffset, lastOffset])

const short = (records: MemoryRecords) =>
  [...records.records()]
    .map(plain)
    .map((each) => [each.offset, each.timestamp, each.key, each.value])

describe.each(COMPRESSIONS)('filterTo ($name)', ({ compression }) => {
  test('keeps what the filter keeps, and says what it read and wrote', () => {
    const records = recordsOf(
      compression,
      [{}, [10, null, 'a']],
      [{ baseOffset: 1 }, [11, '1', 'b'], [12, null, 'c']],
      [{ baseOffset: 3 }, [13, null, 'd'], [20, '4', 'e'], [15, '5', 'f']],
      [{ baseOffset: 6 }, [16, '6', 'g']],
    )
    const { result, kept, batches } = filtered(records, RETAIN_NON_NULL_KEYS)
    expect(result).toMatchObject({
      messagesRead: 7,
      messagesRetained: 4,
      bytesRead: records.sizeInBytes,
      bytesRetained: kept.sizeInBytes,
      maxTimestamp: 20,
      shallowOffsetOfMaxTimestamp: 5,
      maxOffset: 6,
    })
    expect(offsetsOf(kept)).toEqual([
      [1, 2],
      [3, 5],
      [6, 6],
    ])
    expect(batches.map((batch) => batch.maxTimestamp)).toEqual([11, 20, 16])
    for (const batch of batches) {
      expect(batch.compressionType).toBe(compression.type)
      expect(batch.timestampType).toBe(TimestampType.CREATE_TIME)
    }
    expect(short(kept)).toEqual([
      [1, 11, '1', 'b'],
      [4, 20, '4', 'e'],
      [5, 15, '5', 'f'],
      [6, 16, '6', 'g'],
    ])
    covers('MemoryRecordsTest.testFilterTo')
  })

  test('keeps the epoch of the leader', () => {
    const batch: [RecordsOptions, ...Short[]] = [
      { partitionLeaderEpoch: 67 },
      ...([
        [10, null, 'a'],
        [11, '1', 'b'],
        [12, null, 'c'],
      ] as Short[]),
    ]
    const { batches } = filtered(recordsOf(compression, batch), RETAIN_NON_NULL_KEYS)
    expect(batches.map((each) => each.partitionLeaderEpoch)).toEqual([67])
    covers('MemoryRecordsTest.testFilterToPreservesPartitionLeaderEpoch')
  })

  test('keeps the producer, its epoch and the sequence numbers', () => {
    const idempotent = { producerId: 23n, producerEpoch: 5, baseSequence: 10 }
    const transactional = { producerId: 99_384n, producerEpoch: 234, baseSequence: 15 }
    const records = recordsOf(
      compression,
      [{}, [10, null, 'a'], [11, '1', 'b'], [12, null, 'c']],
      [{ ...idempotent, baseOffset: 3 }, [13, null, 'd'], [14, '4', 'e'], [15, '5', 'f']],
      [
        { ...transactional, isTransactional: true, baseOffset: 3 },
        [16, '6', 'g'],
        [17, '7', 'h'],
        [18, null, 'i'],
      ],
    )
    const { batches } = filtered(records, RETAIN_NON_NULL_KEYS)
    expect(batches).toHaveLength(3)
    const [first, second, third] = batches
    expect(first).toMatchObject({
      countOrNull: 1,
      baseOffset: 0,
      lastOffset: 2,
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      lastSequence: -1,
      isTransactional: false,
    })
    expect([...first!].map(({ sequence, timestamp }) => [sequence, timestamp])).toEqual([[-1, 11]])
    expect(second).toMatchObject({
      ...idempotent,
      countOrNull: 2,
      baseOffset: 3,
      lastOffset: 5,
      lastSequence: 12,
      isTransactional: false,
    })
    expect([...second!].map(({ sequence, timestamp }) => [sequence, timestamp])).toEqual([
      [11, 14],
      [12, 15],
    ])
    expect(third).toMatchObject({
      ...transactional,
      countOrNull: 2,
      baseOffset: 3,
      lastOffset: 5,
      lastSequence: 17,
      isTransactional: true,
    })
    expect([...third!].map(({ sequence, timestamp }) => [sequence, timestamp])).toEqual([
      [15, 16],
      [16, 17],
    ])
    covers('MemoryRecordsTest.testFilterToPreservesProducerInfo')
  })

  test("keeps the broker's clock", () => {
    const options = { timestampType: TimestampType.LOG_APPEND_TIME, logAppendTime: NOW }
    const records = recordsOf(
      compression,
      [options, [10, null, 'a']],
      [{ ...options, baseOffset: 1 }, [11, '1', 'b'], [12, null, 'c']],
      [{ ...options, baseOffset: 3 }, [13, null, 'd'], [14, '4', 'e'], [15, '5', 'f']],
    )
    const { batches } = filtered(records, RETAIN_NON_NULL_KEYS)
    expect(batches).toHaveLength(2)
    for (const batch of batches) {
      expect(batch.compressionType).toBe(compression.type)
      expect(batch.timestampType).toBe(TimestampType.LOG_APPEND_TIME)
      expect(batch.maxTimestamp).toBe(NOW)
    }
    covers('MemoryRecordsTest.testFilterToPreservesLogAppendTime')
  })

  test('keeps the offsets of a batch that lost records before', () => {
    const builder = new MemoryRecordsBuilder({ buffer: ByteBuffer.allocate(2048), compression })
    builder.appendWithOffset(5, 10, null, bytes('a'))
    builder.appendWithOffset(8, 11, bytes('1'), bytes('b'))
    builder.appendWithOffset(10, 12, null, bytes('c'))
    const { kept } = filtered(builder.build(), RETAIN_NON_NULL_KEYS)
    expect(offsetsOf(kept)).toEqual([[0, 10]])
    expect(short(kept)).toEqual([[8, 11, '1', 'b']])
    covers('MemoryRecordsTest.testFilterToAlreadyCompactedLog')
  })

  test('drops whole batches without looking at their records', () => {
    const records = recordsOf(
      compression,
      [{}, [10, '1', 'a']],
      [{ baseOffset: 1 }, [11, '2', 'b'], [12, '3', 'c']],
      [{ baseOffset: 3 }, [13, '4', 'd'], [20, '5', 'e'], [15, '6', 'f']],
      [{ baseOffset: 6 }, [16, '7', 'g']],
    )
    const { kept, result } = filtered(records, {
      ...RETAIN_NON_NULL_KEYS,
      checkBatchRetention: ({ lastOffset }) =>
        retention(lastOffset === 2 || lastOffset === 6 ? 'delete' : 'deleteEmpty'),
      shouldRetainRecord: () => true,
    })
    expect(offsetsOf(kept)).toEqual([
      [0, 0],
      [3, 5],
    ])
    expect(result.messagesRead).toBe(4)
    expect(result.bytesRead).toBe(records.sizeInBytes)
    covers('MemoryRecordsTest.testFilterToBatchDiscard')
  })

  test('leaves the header of a batch whose records are gone, when it is told to', () => {
    for (const isTransactional of [true, false]) {
      const options = {
        producerId: 23n,
        producerEpoch: 5,
        baseSequence: 10,
        baseOffset: 3,
        partitionLeaderEpoch: 293,
        isTransactional,
      }
      const records = recordsOf(compression, [options, [11, '2', 'b'], [12, '3', 'c']])
      const { result, batches } = filtered(records, {
        ...RETAIN_NON_NULL_KEYS,
        checkBatchRetention: () => retention('retainEmpty'),
        shouldRetainRecord: () => false,
      })
      expect(result).toMatchObject({
        messagesRead: 2,
        bytesRead: records.sizeInBytes,
        maxOffset: 4,
        messagesRetained: 0,
        bytesRetained: RECORD_BATCH_OVERHEAD,
        maxTimestamp: 12,
        shallowOffsetOfMaxTimestamp: 4,
      })
      expect(batches).toHaveLength(1)
      expect(batches[0]).toMatchObject({
        ...options,
        countOrNull: 0,
        maxTimestamp: 12,
        timestampType: TimestampType.CREATE_TIME,
        lastOffset: 4,
        lastSequence: 11,
      })
    }
    covers('MemoryRecordsTest.testFilterToEmptyBatchRetention')
  })

  test('goes on where it stopped when the room was too small', () => {
    const long = 'x'.repeat(128)
    const records = recordsOf(
      compression,
      [{}, [10, null, 'a']],
      [{ baseOffset: 1 }, [11, '1', long], [12, '2', 'c'], [13, null, 'd']],
      [{ baseOffset: 4 }, [14, null, 'e'], [15, '5', 'f'], [16, '6', 'g']],
      [{ baseOffset: 7 }, [17, '7', long]],
    )
    const kept: unknown[][] = []
    for (let at = 0; at < records.sizeInBytes; ) {
      const rest = records.slice(at, records.sizeInBytes)
      const round = filtered(rest, RETAIN_NON_NULL_KEYS, 64)
      if (round.result.outputBuffer !== round.destination)
        expect(round.destination.position).toBe(0)
      kept.push(...short(round.kept))
      at += round.result.bytesRead
    }
    expect(kept.map(([offset, , key]) => [offset, key])).toEqual([
      [1, '1'],
      [2, '2'],
      [5, '5'],
      [6, '6'],
      [7, '7'],
    ])
    covers('MemoryRecordsTest.testFilterToWithUndersizedBuffer')
  })

  test('says when tombstones may go, the first time that it keeps one', () => {
    const deleteHorizonMs = 1_073_741_823
    const records = recordsOf(compression, [
      { partitionLeaderEpoch: 998 },
      [5, '0', '0'],
      [10, '1', null],
      [15, '2', '2'],
    ])
    const filter: RecordFilter = {
      currentTimeMs: deleteHorizonMs - 1,
      deleteRetentionMs: 1,
      checkBatchRetention: () => retention('retainEmpty'),
      shouldRetainRecord: () => true,
    }
    const { batches, kept } = filtered(records, filter)
    expect(batches.map((batch) => batch.deleteHorizonMs)).toEqual([deleteHorizonMs])
    expect([...kept.records()].map(({ timestamp }) => timestamp)).toEqual([5, 10, 15])
    // The second time the horizon stays, and so does the batch, byte for byte.
    const again = filtered(kept, { ...filter, currentTimeMs: deleteHorizonMs + 1000 })
    expect(again.kept.bytes).toEqual(kept.bytes)
    // And when the batch loses a record.
    const fewer = filtered(kept, { ...filter, shouldRetainRecord: (_, { offset }) => offset > 0 })
    expect(fewer.batches[0]?.deleteHorizonMs).toBe(deleteHorizonMs)
    expect([...fewer.kept.records()].map(({ timestamp }) => timestamp)).toEqual([10, 15])
    covers('MemoryRecordsTest.testBaseTimestampToDeleteHorizonConversion')
  })
})

describe('filterTo, of an empty batch', () => {
  const header = {
    producerId: 23n,
    producerEpoch: 5,
    baseSequence: 10,
    baseOffset: 3,
    lastOffset: 3,
    partitionLeaderEpoch: 293,
    timestampType: TimestampType.CREATE_TIME,
    timestamp: NOW,
    isTransactional: false,
    isControlBatch: false,
  }
  const empty = (): MemoryRecords => {
    const buffer = ByteBuffer.allocate(RECORD_BATCH_OVERHEAD)
    writeEmptyHeader(buffer, header)
    return MemoryRecords.readableRecords(buffer.flip())
  }
  const filter = (batchRetention: BatchRetention): RecordFilter => ({
    ...RETAIN_NON_NULL_KEYS,
    checkBatchRetention: () => retention(batchRetention),
    shouldRetainRecord: () => false,
  })

  test('keeps it when it is told to', () => {
    const { result, kept } = filtered(empty(), filter('retainEmpty'))
    expect(result).toMatchObject({
      messagesRead: 0,
      bytesRead: RECORD_BATCH_OVERHEAD,
      maxOffset: 3,
      messagesRetained: 0,
      bytesRetained: RECORD_BATCH_OVERHEAD,
      maxTimestamp: NOW,
      shallowOffsetOfMaxTimestamp: 3,
    })
    expect(kept.sizeInBytes).toBe(RECORD_BATCH_OVERHEAD)
    covers('MemoryRecordsTest.testEmptyBatchRetention')
  })

  test.each(['delete', 'deleteEmpty'] as const)('else it goes (%s)', (batchRetention) => {
    const { kept, result } = filtered(empty(), filter(batchRetention))
    expect(kept.sizeInBytes).toBe(0)
    expect(result.maxOffset).toBe(-1)
    covers('MemoryRecordsTest.testEmptyBatchDeletion')
  })
})

test('filterTo keeps the marker of an empty transaction, and says when it may go', () => {
  const marker = withEndTransactionMarker(
    { baseOffset: 7, timestamp: 5, producerId: 9n, producerEpoch: 2, partitionLeaderEpoch: 4 },
    new EndTransactionMarker(ControlRecordType.COMMIT, 21),
  )
  const { batches } = filtered(marker, {
    currentTimeMs: NOW,
    deleteRetentionMs: 1000,
    checkBatchRetention: () => retention('retainEmpty', true),
    shouldRetainRecord: () => true,
  })
  expect(batches).toHaveLength(1)
  const [batch] = batches
  expect(batch).toMatchObject({
    baseOffset: 7,
    producerId: 9n,
    producerEpoch: 2,
    partitionLeaderEpoch: 4,
    isControlBatch: true,
    isTransactional: true,
    deleteHorizonMs: NOW + 1000,
  })
  const [record] = [...batch!]
  expect(record).toMatchObject({ offset: 7, timestamp: 5 })
  const kept = EndTransactionMarker.deserialize(record!)
  expect([kept.controlType, kept.coordinatorEpoch]).toEqual([ControlRecordType.COMMIT, 21])
})
