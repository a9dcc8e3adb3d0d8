/**
 * A group whose members share out the work themselves: the coordinator says who is in, when a new
 * round begins, and who of them does the sharing.
 *
 *     ClassicGroupStateMachine    Empty, PreparingRebalance, … and since when
 *       └ ClassicGroupMembers     who is in, who leads, who waits
 *           └ ClassicGroup        the generation, what it reads, what it allows
 *
 * I1  The generation only ever counts upwards, and by one for each rebalance.
 * I2  The protocol's name is known exactly while a generation with members is there.
 *
 * What waits for whom, and for how long, is not decided here but by `ClassicGroupRebalance`.
 *
 * @kafka org.apache.kafka.coordinator.group.classic.ClassicGroup
 * @simplified nothing converts from or to a group of the consumer protocol, which is not here yet.
 */

import { IllegalStateException, SchemaException } from '../../../common/errors.ts'
import { PROTOCOL_TYPE } from '../../../protocol/ConsumerProtocol.ts'
import type { JoinGroupResponseMember } from '../../../protocol/messages/JoinGroup.ts'
import type { ListedGroup } from '../../../protocol/messages/ListGroups.ts'
import type { Group } from '../Group.ts'
import type { CoordinatorRecord } from '../GroupCoordinatorRecord.ts'
import { GroupCoordinatorRecordHelpers } from '../GroupCoordinatorRecordHelpers.ts'
import type { OffsetExpirationCondition } from '../OffsetExpirationCondition.ts'
import { ClassicGroupMembers, type ClassicGroupMembersOptions } from './ClassicGroupMembers.ts'
import {
  offsetExpirationCondition,
  throwIfDead,
  validateDeleteGroup,
  validateMember,
  validateOffsetCommit,
  validateOffsetDelete,
} from './classicGroupChecks.ts'
import { topicsOfSubscriptions } from './topicsOfSubscriptions.ts'

export interface ClassicGroupOptions extends ClassicGroupMembersOptions {
  /** Default: 0. */
  generationId?: number
  protocolName?: string | null
}

export class ClassicGroup extends ClassicGroupMembers implements Group {
  readonly type = 'classic'
  generationId: number
  /** What the members agreed on; `null`: there are none. */
  protocolName: string | null
  /** What the members read; `null`: not known. */
  subscribedTopics: ReadonlySet<string> | null = null
  /** Somebody came during the first rebalance, which is a reason to wait for more. */
  newMemberAdded = false

  constructor(options: ClassicGroupOptions) {
    super(options)
    this.generationId = options.generationId ?? 0
    this.protocolName = options.protocolName ?? null
  }

  /**
   * The members that are in now are a new generation: they choose what they have in common. Without
   * members the group is empty.
   */
  initNextGeneration(): void {
    this.generationId++
    const isEmpty = this.members.size === 0
    this.protocolName = isEmpty ? null : this.selectProtocol()
    this.subscribedTopics = this.computeSubscribedTopics()
    this.transitionTo(isEmpty ? 'Empty' : 'CompletingRebalance')
    this.clearPendingSyncMembers()
  }

  isSubscribedToTopic(topic: string): boolean {
    return this.subscribedTopics?.has(topic) ?? this.usesConsumerGroupProtocol()
  }

  /** `null`: they are no consumers, have not chosen a protocol, or say something unreadable. */
  computeSubscribedTopics(): ReadonlySet<string> | null {
    if (!this.usesConsumerGroupProtocol()) return null
    if (this.members.size === 0) return new Set()
    if (this.protocolName === null) return null
    const metadata = this.allMembers().map((member) => member.metadata(this.protocolName))
    try {
      return topicsOfSubscriptions(metadata)
    } catch (error) {
      if (!(error instanceof SchemaException)) throw error
      this.logger.warn(
        `Failed to parse Consumer Protocol ${PROTOCOL_TYPE}:${this.protocolName} of ` +
          `group ${this.groupId}: ${error.message}. The coordinator does not know its topics.`,
      )
      return null
    }
  }

  // ---- what it tells others

  /**
   * What the leader needs to share out.
   *
   * @throws IllegalStateException while it is still open who is in
   */
  currentClassicGroupMembers(): JoinGroupResponseMember[] {
    if (this.isInState('Dead') || this.isInState('PreparingRebalance')) {
      throw new IllegalStateException(
        `Cannot obtain classic member metadata for group ${this.groupId} in state ` +
          `${this.currentState()}`,
      )
    }
    return this.allMembers().map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      metadata: member.metadata(this.protocolName),
    }))
  }

  /** Member id → what it has. */
  groupAssignment(): Map<string, Uint8Array> {
    return new Map(this.allMembers().map(({ memberId, assignment }) => [memberId, assignment]))
  }

  asListedGroup(): ListedGroup {
    return {
      groupId: this.groupId,
      protocolType: this.protocolType ?? '',
      groupState: this.currentState(),
      groupType: this.type,
    }
  }

  createGroupTombstoneRecords(records: CoordinatorRecord[]): void {
    records.push(GroupCoordinatorRecordHelpers.newGroupMetadataTombstoneRecord(this.groupId))
  }

  shouldExpire(): boolean {
    return true
  }

  // ---- what it allows: `classicGroupChecks.ts`

  /** @throws UnknownMemberIdException, FencedInstanceIdException */
  validateMember(memberId: string, groupInstanceId: string | null, operation: string): void {
    validateMember(this, memberId, groupInstanceId, operation, this.logger)
  }

  validateOffsetCommit(
    memberId: string,
    groupInstanceId: string | null,
    generationId: number,
    isTransactional: boolean,
    _apiVersion: number,
  ): void {
    const committer = { memberId, groupInstanceId, generationId, isTransactional }
    validateOffsetCommit(this, committer, this.logger)
  }

  validateOffsetFetch(_memberId: string | null, _memberEpoch: number): void {
    throwIfDead(this)
  }

  validateOffsetDelete(): void {
    validateOffsetDelete(this)
  }

  validateDeleteGroup(): void {
    validateDeleteGroup(this)
  }

  offsetExpirationCondition(): OffsetExpirationCondition | undefined {
    return offsetExpirationCondition(this, this.currentStateTimestamp)
  }

  override toString(): string {
    return (
      `ClassicGroup(groupId=${this.groupId}, generation=${this.generationId}, ` +
      `protocolType=${this.protocolType}, currentState=${this.currentState()}, ` +
      `members=[${[...this.members.keys()].join(', ')}])`
    )
  }
}
