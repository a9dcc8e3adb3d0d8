import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  CheckpointFile,
  MalformedCheckpointException,
  writeWhole,
} from '../../../src/broker/log/CheckpointFile.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import { OffsetCheckpointFile } from '../../../src/broker/log/OffsetCheckpointFile.ts'
import { PartitionMetadataFile } from '../../../src/broker/log/PartitionMetadataFile.ts'
import { readWhole } from '../../../src/broker/log/Storage.ts'
import { InconsistentTopicIdException } from '../../../src/common/errors/ApiExceptions.ts'
import { KafkaException } from '../../../src/common/errors.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { utf8Bytes, utf8Read } from '../../../src/common/utf8.ts'
import { cutFile, sizeOf } from './helpers.ts'

let storage: MemoryStorage

beforeEach(() => {
  storage = new MemoryStorage()
})

const contentOf = (path: string): string => {
  const bytes = readWhole(storage, path)!
  return utf8Read(bytes, 0, bytes.length)
}

describe('CheckpointFile', () => {
  const numbers = (): CheckpointFile<number> =>
    new CheckpointFile(storage, 'numbers', 0, {
      toLine: String,
      fromLine: (line) => (/^\d+$/.test(line) ? Number(line) : undefined),
    })

  test('without a file there are no entries', () => {
    expect(numbers().read()).toEqual([])
    expect(storage.list('')).toEqual([])
  })

  test('what was written last is read, all of it', () => {
    numbers().write([1, 22, 333])
    numbers().write([4])
    expect(contentOf('numbers')).toBe('0\n1\n4\n')
    expect(numbers().read()).toEqual([4])
    expect(storage.list('')).toEqual(['numbers'])
  })

  test('a file that is no whole checkpoint is malformed, whatever is wrong with it', () => {
    for (const content of [
      '',
      '1\n1\n4\n',
      'x\n1\n4\n',
      '0\n',
      '0\nmany\n4\n',
      '0\n2\n4\n',
      '0\n1\n4\n5\n',
      '0\n1\nfour\n',
      '\0\0\0\0',
    ]) {
      writeWhole(storage, 'numbers', utf8Bytes(content))
      expect(() => numbers().read(), JSON.stringify(content)).toThrow(MalformedCheckpointException)
    }
  })

  test('a write that fails leaves the old file', () => {
    numbers().write([1])
    storage.failWrites((path) => path === 'numbers.tmp')
    expect(() => numbers().write([2])).toThrow(/no space left/)
    storage.failWrites(undefined)
    expect(numbers().read()).toEqual([1])
  })

  test('what was flushed survives a power loss', async () => {
    numbers().write([1])
    await numbers().flush()
    const after = new CheckpointFile(storage.powerLoss(), 'numbers', 0, {
      toLine: String,
      fromLine: Number,
    })
    expect(after.read()).toEqual([1])
  })

  test('to flush a file that was never written is no error', async () => {
    await expect(numbers().flush()).resolves.toBeUndefined()
  })
})

describe('OffsetCheckpointFile', () => {
  const file = (): OffsetCheckpointFile => new OffsetCheckpointFile(storage, 'offsets')

  test('keeps one offset for each partition, in the format of Kafka', () => {
    file().write([
      [new TopicPartition('orders', 0), 1500],
      [new TopicPartition('with-dash', 12), 0],
    ])
    expect(contentOf('offsets')).toBe('0\n2\norders 0 1500\nwith-dash 12 0\n')
    expect(file().read()).toEqual(
      new Map([
        ['orders-0', 1500],
        ['with-dash-12', 0],
      ]),
    )
  })

  test('any offsets that are written are read again', () => {
    const entry = fc.tuple(
      fc.stringMatching(/^[a-zA-Z0-9._-]{1,20}$/),
      fc.nat(1000),
      fc.maxSafeNat(),
    )
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ([t, p]) => `${t}-${p}` }), (entries) => {
        file().write(entries.map(([topic, p, offset]) => [new TopicPartition(topic, p), offset]))
        expect([...file().read()]).toEqual(entries.map(([t, p, offset]) => [`${t}-${p}`, offset]))
      }),
      { numRuns: 50, seed: 1 },
    )
  })

  test('a file cut anywhere before its last line break is malformed, never half believed', () => {
    file().write([
      [new TopicPartition('orders', 0), 1500],
      [new TopicPartition('orders', 1), 1498],
    ])
    const size = sizeOf(storage, 'offsets')
    for (let cut = 0; cut < size; cut++) {
      const torn = storage.afterKill()
      cutFile(torn, 'offsets', cut)
      expect(() => new OffsetCheckpointFile(torn, 'offsets').read(), `cut at ${cut}`).toThrow(
        MalformedCheckpointException,
      )
    }
  })
})

describe('PartitionMetadataFile', () => {
  const id = Uuid.randomUuid(new SeededRandom(1))
  const other = Uuid.randomUuid(new SeededRandom(2))
  const file = (): PartitionMetadataFile => new PartitionMetadataFile(storage, 'orders-0')

  beforeEach(() => storage.makeDirectory('orders-0'))

  test('says which topic a directory belongs to', () => {
    expect(file().exists()).toBe(false)
    expect(file().topicIdOr(undefined)).toBeUndefined()
    expect(file().exists()).toBe(false)
    expect(file().topicIdOr(id)).toBe(id)
    expect(contentOf('orders-0/partition.metadata')).toBe(`version: 0\ntopic_id: ${id}\n`)
    expect(String(file().topicIdOr(undefined))).toBe(String(id))
    expect(String(file().topicIdOr(id))).toBe(String(id))
  })

  test('refuses another topic of the same name', () => {
    file().record(id)
    expect(() => file().topicIdOr(other)).toThrow(InconsistentTopicIdException)
    expect(() => file().topicIdOr(other)).toThrow(String(id))
  })

  test('a torn file says nothing', () => {
    file().record(id)
    const path = 'orders-0/partition.metadata'
    for (let cut = 0; cut < sizeOf(storage, path); cut++) {
      const torn = storage.afterKill()
      cutFile(torn, path, cut)
      expect(new PartitionMetadataFile(torn, 'orders-0').read(), `cut at ${cut}`).toBeUndefined()
    }
  })

  test('a version of another time is not guessed at', () => {
    writeWhole(storage, 'orders-0/partition.metadata', utf8Bytes(`version: 1\ntopic_id: ${id}\n`))
    expect(() => file().read()).toThrow(KafkaException)
  })
})
