import { beforeEach, describe, expect, test } from 'vitest'
import {
  GroupCoordinatorConfig,
  type GroupCoordinatorConfigInput,
} from '../../../src/broker/group/GroupCoordinatorConfig.ts'
import type { CoordinatorRecord } from '../../../src/broker/group/GroupCoordinatorRecord.ts'
import { GroupCoordinatorRecordHelpers } from '../../../src/broker/group/GroupCoordinatorRecordHelpers.ts'
import {
  GROUP_EXPIRATION_KEY,
  GroupCoordinatorShard,
} from '../../../src/broker/group/GroupCoordinatorShard.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { RecordBatch } from '../../../src/record/RecordBatch.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { GROUP_ID, metadataRecordOf, requestContext } from './GroupHarness.ts'
import { MockCoordinatorTimer } from './MockCoordinatorTimer.ts'

const { newOffsetCommitRecord, newOffsetCommitTombstoneRecord, newGroupMetadataTombstoneRecord } =
  GroupCoordinatorRecordHelpers

const DAY_MS = 24 * 60 * 60_000
const CHECK_MS = 10 * 60_000

let time: MockTime
let timer: MockCoordinatorTimer<CoordinatorRecord>
let shard: GroupCoordinatorShard
let nextOffset: number

const newShard = (settings: GroupCoordinatorConfigInput = {}): void => {
  const logger = new RecordingLogger()
  time = new MockTime()
  timer = new MockCoordinatorTimer(time)
  nextOffset = 0
  shard = new GroupCoordinatorShard({
    logger,
    time,
    random: new SeededRandom(1),
    trace: new TraceBus(time, logger).from('broker-1'),
    timer,
    config: GroupCoordinatorConfig.of(settings),
  })
}

beforeEach(() => newShard())

const replay = (...records: readonly CoordinatorRecord[]): void => {
  for (const record of records) shard.replay(nextOffset++, RecordBatch.NO_PRODUCER_ID, -1, record)
}

const committed = (group: string, partition: number, commitTimestampMs = time.milliseconds()) =>
  newOffsetCommitRecord(group, 'orders', partition, {
    recordOffset: -1,
    committedOffset: 100 + partition,
    leaderEpoch: -1,
    metadata: '',
    commitTimestampMs,
    expireTimestampMs: -1,
    topicId: Uuid.ZERO_UUID,
  })

const offsetsOf = (groupId: string): number[] => {
  const all = { groupId, memberId: null, memberEpoch: -1, topics: null }
  const [topic] = shard.fetchOffsets(all, false).topics ?? []
  return (topic?.partitions ?? []).map(({ committedOffset }) => committedOffset!)
}

const groupIds = (): string[] => shard.listGroups([], []).map(({ groupId }) => groupId)

describe('deleting groups', () => {
  test('takes their offsets along, in one batch, and answers for each', () => {
    const stable = {
      memberId: 'member',
      groupInstanceId: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
      rebalanceTimeout: 1000,
      sessionTimeout: 1000,
      subscription: new Uint8Array(0),
      assignment: new Uint8Array(0),
    }
    replay(metadataRecordOf({ protocol: 'range', leader: 'member', members: [stable] }))
    replay(committed('idle', 0), committed('idle', 1), committed('kept', 0))
    const groups = ['idle', GROUP_ID, 'unknown']
    const { records, response, isAtomic = true } = shard.deleteGroups(requestContext(2), groups)
    expect(response).toEqual([
      { groupId: 'idle', errorCode: Errors.NONE.code },
      { groupId: GROUP_ID, errorCode: Errors.NON_EMPTY_GROUP.code },
      { groupId: 'unknown', errorCode: Errors.GROUP_ID_NOT_FOUND.code },
    ])
    expect(records).toEqual([
      newOffsetCommitTombstoneRecord('idle', 'orders', 0),
      newOffsetCommitTombstoneRecord('idle', 'orders', 1),
      newGroupMetadataTombstoneRecord('idle'),
    ])
    expect(isAtomic).toBe(true)
    replay(...records)
    expect(groupIds()).toEqual([GROUP_ID, 'kept'])
    expect(offsetsOf('idle')).toEqual([])
  })
})

describe('growing old', () => {
  test('is looked for again and again, and takes a group along with its last offset', () => {
    newShard({ 'offsets.retention.minutes': 2 * 24 * 60 })
    replay(committed('old', 0), committed('half', 0))
    void time.sleep(DAY_MS)
    replay(committed('half', 1))
    shard.onLoaded()
    expect(timer.remainingMs(GROUP_EXPIRATION_KEY)).toBe(CHECK_MS)

    void time.sleep(CHECK_MS)
    const [early] = timer.poll()
    expect(early).toMatchObject({ key: GROUP_EXPIRATION_KEY, result: { records: [] } })
    expect(timer.remainingMs(GROUP_EXPIRATION_KEY)).toBe(CHECK_MS)

    void time.sleep(DAY_MS)
    const [{ result }] = timer.poll() as [ReturnType<typeof timer.poll>[number]]
    expect(result.isAtomic).toBe(false)
    expect(result.records).toEqual([
      newOffsetCommitTombstoneRecord('old', 'orders', 0),
      newGroupMetadataTombstoneRecord('old'),
      newOffsetCommitTombstoneRecord('half', 'orders', 0),
    ])
    replay(...result.records)
    expect(groupIds()).toEqual(['half'])
    expect(offsetsOf('half')).toEqual([101])
  })

  test('is not looked for by a coordinator that has lost the partition', () => {
    shard.onLoaded()
    shard.onUnloaded()
    expect(timer.size()).toBe(0)
  })

  test('of a topic that is gone needs no time', () => {
    replay(committed('one', 0), committed('two', 3))
    const { records } = shard.onTopicsDeleted([{ id: Uuid.ONE_UUID, name: 'orders' }])
    expect(records).toEqual([
      newOffsetCommitTombstoneRecord('one', 'orders', 0),
      newOffsetCommitTombstoneRecord('two', 'orders', 3),
    ])
  })
})

describe('a log that brokers before 0.9 began', () => {
  test('is understood', () => {
    replay({
      type: 'LEGACY_OFFSET_COMMIT',
      key: { group: 'ancient', topic: 'orders', partition: 0 },
      value: { version: 0, message: { offset: 7, metadata: '', commitTimestamp: 1 } },
    })
    expect(offsetsOf('ancient')).toEqual([7])
    replay({
      type: 'LEGACY_OFFSET_COMMIT',
      key: { group: 'ancient', topic: 'orders', partition: 0 },
      value: null,
    })
    expect(offsetsOf('ancient')).toEqual([])
  })
})

describe('offsets that a transaction committed', () => {
  test('count from its end on, if it was committed', () => {
    for (const [producerId, isCommitted] of [
      [1n, true],
      [2n, false],
    ] as const) {
      const group = `of-${producerId}`
      shard.replay(nextOffset++, producerId, 0, committed(group, 0))
      expect(offsetsOf(group)).toEqual([])
      shard.replayEndTransactionMarker(producerId, 0, isCommitted)
      expect(offsetsOf(group)).toEqual(isCommitted ? [100] : [])
    }
  })
})
