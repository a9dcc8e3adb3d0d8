/** The door to the groups of a broker: while it is closed, while a log is read, when one fails. */

import { describe, expect, test } from 'vitest'
import { CompletableFuture } from '../../../src/broker/coordinator/CompletableFuture.ts'
import type { LoadSummary } from '../../../src/broker/coordinator/CoordinatorLoader.ts'
import { CoordinatorRuntime } from '../../../src/broker/coordinator/CoordinatorRuntime.ts'
import { GroupCoordinatorConfig } from '../../../src/broker/group/GroupCoordinatorConfig.ts'
import type { CoordinatorRecord } from '../../../src/broker/group/GroupCoordinatorRecord.ts'
import { GroupCoordinatorRecordSerde } from '../../../src/broker/group/GroupCoordinatorRecordSerde.ts'
import { GroupCoordinatorService } from '../../../src/broker/group/GroupCoordinatorService.ts'
import { GroupCoordinatorShard } from '../../../src/broker/group/GroupCoordinatorShard.ts'
import { CoordinatorNotAvailableException } from '../../../src/common/errors/ApiExceptions.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { requestContext } from './GroupHarness.ts'

class ServiceHarness {
  readonly logger = new RecordingLogger()
  readonly time = new MockTime()
  readonly loading = new CompletableFuture<LoadSummary>()
  /** Why nothing can be written; `undefined`: it can. */
  failure: unknown
  readonly service: GroupCoordinatorService

  constructor() {
    const { logger, time } = this
    const config = GroupCoordinatorConfig.of({ 'group.initial.rebalance.delay.ms': 0 })
    const trace = new TraceBus(time, logger).from('broker-1')
    let nextOffset = 0
    const runtime = new CoordinatorRuntime<GroupCoordinatorShard, CoordinatorRecord>({
      logger,
      time,
      trace,
      serde: new GroupCoordinatorRecordSerde(),
      partitionWriter: {
        maxBatchSize: () => 1 << 20,
        append: (_, __, done) => done(nextOffset++, this.failure),
      },
      loader: { load: () => this.loading, close: () => {} },
      newShard: (_, timer) =>
        new GroupCoordinatorShard({
          logger,
          time,
          random: new SeededRandom(1),
          trace,
          timer,
          config,
        }),
      writeTimeoutMs: 5000,
    })
    this.service = new GroupCoordinatorService({ logger, config, runtime })
  }

  /** Of one partition, which is led here and perhaps read. */
  static started({ loaded = true } = {}): ServiceHarness {
    const harness = new ServiceHarness()
    harness.service.startup(1)
    harness.service.onElection(0, 0)
    if (loaded) harness.finishLoading()
    return harness
  }

  finishLoading(): void {
    this.loading.complete({ startTimeMs: 0, endTimeMs: 0, numRecords: 0, numBytes: 0 })
  }

  /** The error that each API says, by its name. */
  errors(groupId = 'g'): Record<string, WireError | undefined> {
    const { service } = this
    const context = requestContext(9)
    const member = { groupId, memberId: 'm', groupInstanceId: null, generationId: 1 }
    const protocol = { protocolType: 'consumer', protocolName: 'range' }
    const times = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, reason: null }
    const joining = { ...member, ...protocol, ...times, protocols: [] }
    const partition = { partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: -1 }
    const commit = {
      ...member,
      memberId: '',
      generationIdOrMemberEpoch: -1,
      retentionTimeMs: -1,
      topics: [
        {
          name: 't',
          topicId: Uuid.ZERO_UUID,
          partitions: [{ ...partition, committedMetadata: '' }],
        },
      ],
    }
    const fetch = { groupId, memberId: null, memberEpoch: -1, topics: null }
    const leave = { groupId, memberId: '', members: [] }
    const first = (list: readonly { errorCode?: number | undefined }[] | undefined) => list?.[0]
    const answers = {
      join: service.joinGroup(context, joining).getNow(),
      sync: service.syncGroup(context, { ...member, ...protocol, assignments: [] }).getNow(),
      heartbeat: service.heartbeat(context, member).getNow(),
      leave: service.leaveGroup(context, leave).getNow(),
      list: service.listGroups({ statesFilter: [], typesFilter: [] }).getNow(),
      describe: first(service.describeGroups(context, [groupId]).getNow()),
      delete: first(service.deleteGroups(context, [groupId]).getNow()),
      fetch: service.fetchOffsets(context, fetch, false).getNow(),
      deleteOffsets: service.deleteOffsets(context, { groupId, topics: [] }).getNow(),
      commit: first(service.commitOffsets(context, commit).getNow()?.topics?.[0]?.partitions),
    }
    return Object.fromEntries(
      Object.entries(answers).map(([name, answer]) => [
        name,
        answer && Errors.forCode(answer.errorCode ?? 0),
      ]),
    )
  }
}

const all = (error: WireError): Record<string, WireError> => ({
  join: error,
  sync: error,
  heartbeat: error,
  leave: error,
  list: error,
  describe: error,
  delete: error,
  commit: error,
  fetch: error,
  deleteOffsets: error,
})

describe('a coordinator', () => {
  test('that has not started, or has stopped, says so in every API', () => {
    covers('KafkaApisTest.testListGroupsRequestFutureFailed')
    const harness = new ServiceHarness()
    expect(harness.errors()).toEqual(all(Errors.COORDINATOR_NOT_AVAILABLE))
    expect(() => harness.service.partitionFor('g')).toThrow(CoordinatorNotAvailableException)
    harness.service.startup(1)
    harness.service.onElection(0, 0)
    harness.service.shutdown()
    expect(harness.errors()).toEqual(all(Errors.COORDINATOR_NOT_AVAILABLE))
  })

  test('that reads its log asks for patience, but lets members live', () => {
    const harness = ServiceHarness.started({ loaded: false })
    expect(harness.errors()).toEqual({
      ...all(Errors.COORDINATOR_LOAD_IN_PROGRESS),
      heartbeat: Errors.NONE,
    })
    harness.finishLoading()
    expect(harness.errors().commit).toBe(Errors.NONE)
  })

  test('that could not read its log is none, and lists no groups', () => {
    const harness = ServiceHarness.started({ loaded: false })
    harness.loading.completeExceptionally(new Error('unreadable'))
    expect(harness.errors()).toEqual({ ...all(Errors.NOT_COORDINATOR), list: Errors.NONE })
  })

  test('wants a name for a group, except where only offsets are kept', () => {
    const { errors } = { errors: ServiceHarness.started().errors('') }
    for (const api of ['join', 'sync', 'heartbeat', 'leave', 'deleteOffsets']) {
      expect(errors[api], api).toBe(Errors.INVALID_GROUP_ID)
    }
    expect(errors.commit).toBe(Errors.NONE)
    expect(errors.fetch).toBe(Errors.NONE)
  })
})

describe('a commit that cannot be written', () => {
  for (const [thrown, answered] of [
    ['NOT_LEADER_OR_FOLLOWER', 'NOT_COORDINATOR'],
    ['KAFKA_STORAGE_ERROR', 'NOT_COORDINATOR'],
    ['NOT_ENOUGH_REPLICAS', 'COORDINATOR_NOT_AVAILABLE'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'COORDINATOR_NOT_AVAILABLE'],
    ['REQUEST_TIMED_OUT', 'COORDINATOR_NOT_AVAILABLE'],
    ['MESSAGE_TOO_LARGE', 'UNKNOWN_SERVER_ERROR'],
    ['RECORD_LIST_TOO_LARGE', 'UNKNOWN_SERVER_ERROR'],
    ['INVALID_FETCH_SIZE', 'UNKNOWN_SERVER_ERROR'],
  ] as const) {
    test(`for ${thrown} is answered ${answered}`, () => {
      const harness = ServiceHarness.started()
      harness.failure = Errors[thrown].exception()
      expect(harness.errors().commit).toBe(Errors[answered])
    })
  }

  test('for a reason that nobody foresaw is logged, and the client hears no more than that', () => {
    const harness = ServiceHarness.started()
    harness.failure = new TypeError('a secret')
    expect(harness.errors().commit).toBe(Errors.UNKNOWN_SERVER_ERROR)
    expect(harness.logger.messages('error')[0]).toContain('commit-offset')
  })
})

test('a join whose group cannot be written is answered with the error, and leaves no group', () => {
  covers('KafkaApisTest.testHandleJoinGroupRequestUnexpectedException')
  const harness = ServiceHarness.started()
  harness.failure = Errors.NOT_LEADER_OR_FOLLOWER.exception()
  const joining = {
    groupId: 'g',
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: new Uint8Array(0) }],
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    reason: null,
  }
  const answer = harness.service.joinGroup(requestContext(3), joining)
  expect(answer.getNow()).toMatchObject({ errorCode: Errors.NOT_COORDINATOR.code })
  harness.failure = undefined
  const listed = harness.service.listGroups({ statesFilter: [], typesFilter: [] })
  expect(listed.getNow()).toEqual({ groups: [] })
})
