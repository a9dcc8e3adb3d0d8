/**
 * A `GroupMetadataManager` on a clock that a test moves, with the requests of its members and what
 * came of them.
 *
 * Nothing is written by itself: a test completes an `appendFuture` when it wants the log to have
 * taken the records, or fails it.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManagerTestContext
 */

import { expect } from 'vitest'
import { CompletableFuture } from '../../../src/broker/coordinator/CompletableFuture.ts'
import type { CoordinatorResult } from '../../../src/broker/coordinator/CoordinatorResult.ts'
import type { ClassicGroup } from '../../../src/broker/group/classic/ClassicGroup.ts'
import {
  GroupCoordinatorConfig,
  type GroupCoordinatorConfigInput,
} from '../../../src/broker/group/GroupCoordinatorConfig.ts'
import type { CoordinatorRecord } from '../../../src/broker/group/GroupCoordinatorRecord.ts'
import { GroupCoordinatorRecordHelpers } from '../../../src/broker/group/GroupCoordinatorRecordHelpers.ts'
import { GroupMetadataManager } from '../../../src/broker/group/GroupMetadataManager.ts'
import type { GroupMetadataValueData } from '../../../src/broker/group/messages/GroupMetadataRecord.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import type { WireError } from '../../../src/protocol/Errors.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import type {
  JoinGroupRequestData,
  JoinGroupResponseData,
} from '../../../src/protocol/messages/JoinGroup.ts'
import type {
  LeaveGroupResponseData,
  MemberIdentity,
} from '../../../src/protocol/messages/LeaveGroup.ts'
import type {
  SyncGroupRequestData,
  SyncGroupResponseData,
} from '../../../src/protocol/messages/SyncGroup.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { Asked } from './Asked.ts'
import { toProtocols } from './classicGroupSupport.ts'
import { type ExpiredTimeout, MockCoordinatorTimer } from './MockCoordinatorTimer.ts'

export const GROUP_ID = 'group-id'

/** Versions of JoinGroup: in at once; asked for a member id; may be told to skip the sharing. */
export const AT_ONCE = 3
export const ID_FIRST = 4
export const SKIPPING = 9

/** Of what a real member asks for. */
export const PATIENT = { rebalanceTimeoutMs: 10_000, sessionTimeoutMs: 5000 } as const

/** The two of a static pair. */
export const LEADER = 'leader-instance-id'
export const FOLLOWER = 'follower-instance-id'

export type JoinFields = Partial<JoinGroupRequestData>

export class GroupHarness {
  readonly time = new MockTime()
  readonly timer = new MockCoordinatorTimer<CoordinatorRecord>(this.time)
  readonly logger = new RecordingLogger()
  readonly traceBus = new TraceBus(this.time, this.logger)
  readonly config: GroupCoordinatorConfig
  readonly manager: GroupMetadataManager

  constructor(settings: GroupCoordinatorConfigInput = {}) {
    this.config = GroupCoordinatorConfig.of(settings)
    this.manager = new GroupMetadataManager({
      logger: this.logger,
      time: this.time,
      random: new SeededRandom(1),
      trace: this.traceBus.from('broker-1'),
      timer: this.timer,
      config: this.config,
    })
  }

  /** One with a group that is there already, and empty. */
  static withGroup(settings: GroupCoordinatorConfigInput = {}): GroupHarness {
    const harness = new GroupHarness(settings)
    harness.manager.getOrMaybeCreateClassicGroup(GROUP_ID, true)
    return harness
  }

  get group(): ClassicGroup {
    return this.manager.getOrMaybeCreateClassicGroup(GROUP_ID, false)
  }

  get initialDelayMs(): number {
    return this.config.classicGroupInitialRebalanceDelayMs()
  }

  // ---- requests

  join(fields: JoinFields = {}, version = AT_ONCE): Asked<JoinGroupResponseData> {
    const request: JoinGroupRequestData = {
      groupId: GROUP_ID,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [...toProtocols('range')],
      rebalanceTimeoutMs: 500,
      sessionTimeoutMs: 500,
      reason: null,
      ...fields,
    }
    const future = new CompletableFuture<JoinGroupResponseData>()
    const result = this.manager.classicGroupJoin(requestContext(version), request, future)
    this.replayAll(result)
    return new Asked(future, result)
  }

  sync(fields: Partial<SyncGroupRequestData>): Asked<SyncGroupResponseData> {
    const request: SyncGroupRequestData = {
      groupId: GROUP_ID,
      generationId: 0,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [],
      ...fields,
    }
    const future = new CompletableFuture<SyncGroupResponseData>()
    const result = this.manager.classicGroupSync(requestContext(5), request, future)
    this.replayAll(result)
    return new Asked(future, result)
  }

  /** @throws what the coordinator refuses with */
  heartbeat(
    memberId: string,
    generationId: number,
    groupInstanceId: string | null = null,
    groupId = GROUP_ID,
  ): WireError {
    const request = { groupId, generationId, memberId, groupInstanceId }
    const { records, response } = this.manager.classicGroupHeartbeat(requestContext(4), request)
    expect(records).toEqual([])
    return Errors.forCode(response!.errorCode)
  }

  leave(
    ...members: Partial<MemberIdentity>[]
  ): CoordinatorResult<LeaveGroupResponseData, CoordinatorRecord> {
    const all = { memberId: '', groupInstanceId: null, reason: null }
    return this.manager.classicGroupLeave(requestContext(5), {
      groupId: GROUP_ID,
      memberId: '',
      members: members.map((member) => ({ ...all, ...member })),
    })
  }

  replay(record: CoordinatorRecord): void {
    if (record.type !== 'GROUP_METADATA') throw new Error(`unexpected ${record.type}`)
    this.manager.replay(record.key, record.value?.message ?? null)
  }

  private replayAll({ records, replayRecords = true }: CoordinatorResult<void, CoordinatorRecord>) {
    if (replayRecords) for (const record of records) this.replay(record)
  }

  // ---- time

  sleep(ms: number): ExpiredTimeout<CoordinatorRecord>[] {
    void this.time.sleep(ms)
    return this.timer.poll()
  }

  /** Nothing that comes due is to write anything. */
  sleepQuietly(ms: number): void {
    for (const { result } of this.sleep(ms)) expect(result.records).toEqual([])
  }

  // ---- what many tests begin with

  /** A dynamic member gets its id, joins with it, and is answered after the initial delay. */
  joinAndComplete(fields: JoinFields = {}): JoinGroupResponseData {
    let memberId = fields.memberId ?? ''
    if (memberId === '') {
      const first = this.join(fields, ID_FIRST).expectAnswer(Errors.MEMBER_ID_REQUIRED)
      memberId = first.response.memberId
    }
    const second = this.join({ ...fields, memberId }, ID_FIRST).expectWaiting()
    expect(this.sleep(this.initialDelayMs)).toHaveLength(1)
    second.expectAnswer(Errors.NONE)
    return second.response
  }

  /** One dynamic member in a stable group. */
  stabilize(): JoinGroupResponseData {
    const leader = this.joinAndComplete(PATIENT)
    expect(leader.generationId).toBe(1)
    expect(this.group.currentState()).toBe('CompletingRebalance')
    this.syncAsLeader(leader.memberId, leader.generationId)
    expect(this.group.currentState()).toBe('Stable')
    return leader
  }

  /** Another dynamic member joins the stable group of `leaderId`, and everybody is answered. */
  addFollower(leaderId: string): { followerId: string; generationId: number } {
    const follower = this.join(PATIENT).expectWaiting()
    const leader = this.join({ memberId: leaderId, ...PATIENT }).expectAnswer(Errors.NONE)
    const { response } = follower.expectAnswer(Errors.NONE)
    const { generationId } = response
    expect(leader.response).toMatchObject({ generationId, leader: leaderId })
    expect(response.leader).toBe(leaderId)
    expect(this.group.currentState()).toBe('CompletingRebalance')
    return { followerId: response.memberId, generationId }
  }

  /** So many dynamic members are answered and have not asked for their share; the first leads. */
  joinAll(count: number, rebalanceTimeoutMs: number, sessionTimeoutMs: number): string[] {
    const times = { rebalanceTimeoutMs, sessionTimeoutMs }
    const firsts = Array.from({ length: count }, () => this.join(times, ID_FIRST))
    const memberIds = firsts.map((join) => join.response.memberId)
    const joins = memberIds.map((memberId) => this.join({ ...times, memberId }, ID_FIRST))
    this.sleepQuietly(this.initialDelayMs)
    for (const join of joins) join.expectWaiting()
    this.sleepQuietly(rebalanceTimeoutMs)
    for (const join of joins) join.expectAnswer(Errors.NONE)
    expect(this.group.numMembers()).toBe(count)
    expect(this.group.currentState()).toBe('CompletingRebalance')
    return memberIds
  }

  /** Two members have joined again, and wait for a third that was asked to come back. */
  withPendingMember(): { leaderId: string; followerId: string; pendingId: string } {
    const { memberId: leaderId } = this.stabilize()
    const { followerId, generationId } = this.addFollower(leaderId)
    this.syncAsLeader(leaderId, generationId)
    this.join({ memberId: leaderId, ...PATIENT }).expectWaiting()
    const pending = this.join({ ...PATIENT, sessionTimeoutMs: 2500 }, ID_FIRST)
    const pendingId = pending.expectAnswer(Errors.MEMBER_ID_REQUIRED).response.memberId
    this.join({ memberId: followerId, ...PATIENT }).expectWaiting()
    expect(this.group.currentState()).toBe('PreparingRebalance')
    expect(this.group.numMembers()).toBe(2)
    expect(this.group.numPendingJoinMembers()).toBe(1)
    return { leaderId, followerId, pendingId }
  }

  /** Two static members in a stable group; the leader has share 1, the follower share 2. */
  staticPair(times: JoinFields = PATIENT): { leaderId: string; followerId: string } {
    const protocols = [...toProtocols('range', 'roundrobin')]
    const [leader, follower] = [LEADER, FOLLOWER].map((groupInstanceId) =>
      this.join({ groupInstanceId, protocols, ...times }).expectWaiting(),
    )
    // The second came during the first delay, so there is another one.
    this.sleepQuietly(this.initialDelayMs)
    this.sleepQuietly(this.initialDelayMs)
    const leaderId = leader!.expectAnswer(Errors.NONE).response.memberId
    const followerId = follower!.expectAnswer(Errors.NONE).response.memberId
    this.syncAsLeader(leaderId, 1, { [leaderId]: 1, [followerId]: 2 }, LEADER)
    const sync = this.sync({ memberId: followerId, groupInstanceId: FOLLOWER, generationId: 1 })
    expect(sync.expectAnswer(Errors.NONE).response.assignment).toEqual(new Uint8Array([2]))
    expect(this.group.currentState()).toBe('Stable')
    expect(this.group.numMembers()).toBe(2)
    expect(this.group.generationId).toBe(1)
    return { leaderId, followerId }
  }

  /** The leader shares out and the log takes it. */
  syncAsLeader(
    memberId: string,
    generationId: number,
    shares: Readonly<Record<string, number>> = {},
    groupInstanceId: string | null = null,
  ): Asked<SyncGroupResponseData> {
    const assignments = Object.entries(shares).map(([memberId, share]) => ({
      memberId,
      assignment: new Uint8Array([share]),
    }))
    const sync = this.sync({ memberId, generationId, groupInstanceId, assignments })
    expect(sync.records).toHaveLength(1)
    expect(sync.replayRecords).toBe(false)
    sync.written()
    expect(sync.records).toEqual([
      // The state's time is that of the moment before the record was written.
      sameBut(this.metadataRecord(), sync.records[0]!),
    ])
    expect(sync.error).toBe(Errors.NONE)
    return sync
  }

  /** The record of the group as it is, with what its members have. */
  metadataRecord(): CoordinatorRecord {
    const { group } = this
    return GroupCoordinatorRecordHelpers.newGroupMetadataRecord(group, group.groupAssignment())
  }

  /** The record of a group that all have left. */
  emptyGroupRecord(generationId: number): CoordinatorRecord {
    return metadataRecordOf({
      generation: generationId,
      currentStateTimestamp: this.time.milliseconds(),
    })
  }
}

export const requestContext = (requestVersion: number) => ({
  requestVersion,
  clientId: 'client-id',
  clientAddress: '/127.0.0.1',
})

/** @param fields default: an empty group of consumers */
export const metadataRecordOf = (fields: Partial<GroupMetadataValueData>): CoordinatorRecord => ({
  type: 'GROUP_METADATA',
  key: { group: GROUP_ID },
  value: {
    version: 3,
    message: {
      protocolType: 'consumer',
      generation: 0,
      protocol: null,
      leader: null,
      currentStateTimestamp: -1,
      members: [],
      ...fields,
    },
  },
})

/** `record` with the time of `other`. */
const sameBut = (record: CoordinatorRecord, other: CoordinatorRecord): CoordinatorRecord => {
  if (record.type !== 'GROUP_METADATA' || other.type !== 'GROUP_METADATA') return record
  const { currentStateTimestamp } = other.value!.message
  const { version, message } = record.value!
  return { ...record, value: { version, message: { ...message, currentStateTimestamp } } }
}
