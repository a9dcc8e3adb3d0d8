import { describe, expect, test } from 'vitest'
import { CoordinatorLoaderImpl } from '../../../src/broker/coordinator/CoordinatorLoader.ts'
import type { EmbeddedCluster } from '../../../src/broker/EmbeddedCluster.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { ControlRecordType } from '../../../src/record/ControlRecordType.ts'
import { EndTransactionMarker } from '../../../src/record/EndTransactionMarker.ts'
import type { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { withEndTransactionMarker, withRecords } from '../../../src/record/withRecords.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { createTopic, onCluster, type TestCluster, text } from '../brokerSupport.ts'
import { wordSerde } from './coordinatorSupport.ts'

const partition = (topic: string) => new TopicPartition(topic, 0)

const append = (cluster: EmbeddedCluster, topic: string, records: MemoryRecords): void => {
  const found = cluster.broker(1).replicaManager.getPartition(partition(topic))!
  found.appendRecordsToLeader(records, 'coordinator', -1)
}

/** One batch of these words. */
const words = (...all: string[]): MemoryRecords =>
  withRecords({}, ...all.map((word) => ({ timestamp: 1, key: text(word), value: text(word) })))

/** Loads a topic of words; `replayed` has what was heard, in order. */
const setUp = ({ cluster, environment }: TestCluster, loadBufferSize = 1000) => {
  const logger = new RecordingLogger()
  const replayed: string[] = []
  const loader = new CoordinatorLoaderImpl<string>({
    time: environment.time,
    logger,
    replicaManager: cluster.broker(1).replicaManager,
    serde: wordSerde,
    loadBufferSize,
  })
  const shard = {
    replay: (offset: number, producerId: bigint, _epoch: number, word: string) => {
      replayed.push(`${offset} ${word}${producerId === -1n ? '' : ` of ${producerId}`}`)
    },
    replayEndTransactionMarker: (producerId: bigint, _epoch: number, committed: boolean) => {
      replayed.push(`${committed ? 'commit' : 'abort'} ${producerId}`)
    },
  }
  const load = (topic: string) => {
    const future = loader.load(partition(topic), shard)
    return new Promise<string>((resolve) =>
      future.whenComplete((summary, error) =>
        resolve(summary === undefined ? String(error) : `${summary.numRecords} records`),
      ),
    )
  }
  return { loader, logger, replayed, load, shard }
}

describe('loading', () => {
  test(
    'of an empty log is done within the call',
    onCluster(async (test) => {
      await createTopic(await test.connect(), 'empty')
      const { loader, shard } = setUp(test)
      expect(loader.load(partition('empty'), shard).getNow()).toMatchObject({ numRecords: 0 })
    }),
  )

  test(
    'replays every record under its offset, one bufferful in a turn, one log after the other',
    onCluster(async (test) => {
      const client = await test.connect()
      for (const topic of ['a', 'b']) await createTopic(client, topic)
      append(test.cluster, 'a', words('one', 'two'))
      append(test.cluster, 'a', words('three'))
      append(test.cluster, 'b', words('four'))
      // A batch is larger than this, and is read all the same.
      const { replayed, load } = setUp(test, 10)
      const loads = [load('a'), load('b')]
      expect(replayed).toEqual(['0 one', '1 two'])
      expect(await Promise.all(loads)).toEqual(['3 records', '1 records'])
      expect(replayed).toEqual(['0 one', '1 two', '2 three', '0 four'])
    }),
  )

  test(
    'tells the ends of transactions, and whose records were in them',
    onCluster(async (test) => {
      await createTopic(await test.connect(), 'a')
      const producer = { producerId: 7n, producerEpoch: 0 }
      const inTransaction = withRecords(
        { ...producer, baseSequence: 0, isTransactional: true },
        { timestamp: 1, key: text('word'), value: null },
      )
      append(test.cluster, 'a', inTransaction)
      for (const [type, producerId] of [
        [ControlRecordType.COMMIT, 7n],
        [ControlRecordType.ABORT, 8n],
      ] as const) {
        const marker = { ...producer, producerId, timestamp: 2 }
        append(
          test.cluster,
          'a',
          withEndTransactionMarker(marker, new EndTransactionMarker(type, 0)),
        )
      }
      const { replayed, load } = setUp(test)
      expect(await load('a')).toBe('3 records')
      expect(replayed).toEqual(['0 word of 7', 'commit 7', 'abort 8'])
    }),
  )

  test(
    'skips kinds of records that it does not know, and ends at one that it cannot read',
    onCluster(async (test) => {
      const client = await test.connect()
      for (const topic of ['a', 'b']) await createTopic(client, topic)
      append(test.cluster, 'a', words('one', 'strange', 'two'))
      append(test.cluster, 'b', words('one', 'broken', 'two'))
      const { replayed, load, logger } = setUp(test)
      expect(await load('a')).toBe('3 records')
      expect(replayed).toEqual(['0 one', '2 two'])
      expect(logger.messages('warn')).toHaveLength(1)
      expect(await load('b')).toMatch(/Replaying the record at offset 1 of b-0 failed/)
    }),
  )

  test(
    'ends when the partition is not led here, or the broker stops',
    onCluster(async (test) => {
      await createTopic(await test.connect(), 'a')
      append(test.cluster, 'a', words('one'))
      append(test.cluster, 'a', words('two'))
      const { load, loader } = setUp(test, 10)
      expect(await load('nobody')).toMatch(/is not online or is no longer the leader/)
      const half = load('a')
      loader.close()
      expect(await half).toMatch(/closed/)
    }),
  )
})
