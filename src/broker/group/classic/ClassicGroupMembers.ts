/**
 * Who is in a classic group: its members, who of them leads, who is about to join, who has to sync,
 * and who waits for an answer.
 *
 *     members ───────────► supportedProtocols      what they have in common
 *       │ the first ─────► leaderId
 *       │ awaiting join ─► numAwaitingJoinResponse
 *     staticMembers        instance id → member id
 *     pendingJoinMembers   were given an id and have not come back with it
 *     pendingSyncMembers   were answered, and have not asked for their share
 *
 * I1  There is a leader exactly while there are members, and it is one of them.
 * I2  `numAwaitingJoinResponse` is the number of members whose join has not been answered.
 * I3  Each static member's instance id leads to exactly one member id; whoever had it before was
 *     answered FENCED_INSTANCE_ID at the moment when it lost it.
 * I4  A pending member is not a member; a member that has to sync is one. A static member that
 *     comes back has to sync under its new id; Kafka waits for the old one, and rebalances.
 * I5  Who waits is answered, also one that somebody else removes while it waits for its share, and
 *     one that lost its connection and asks again; Kafka never answers these two.
 *
 * @kafka org.apache.kafka.coordinator.group.classic.ClassicGroup
 * @simplified members are kept in the order in which they joined, where Kafka has a hash map: after
 *   a leader that has gone comes the oldest member, in Kafka any.
 */

import { IllegalArgumentException, IllegalStateException } from '../../../common/errors.ts'
import type { Logger } from '../../../common/Logger.ts'
import type { Time } from '../../../common/Time.ts'
import { PROTOCOL_TYPE } from '../../../protocol/ConsumerProtocol.ts'
import { Errors } from '../../../protocol/Errors.ts'
import type { JoinGroupResponseData } from '../../../protocol/messages/JoinGroup.ts'
import type { SyncGroupResponseData } from '../../../protocol/messages/SyncGroup.ts'
import type { CompletableFuture } from '../../coordinator/CompletableFuture.ts'
import { ClassicGroupMember, type MemberUpdate, type Protocols } from './ClassicGroupMember.ts'
import type { ClassicGroupState } from './ClassicGroupState.ts'
import { ClassicGroupStateMachine } from './ClassicGroupStateMachine.ts'
import { joinGroupResponse, syncGroupResponse } from './responses.ts'
import { SupportedProtocols } from './SupportedProtocols.ts'

export interface ClassicGroupMembersOptions {
  groupId: string
  logger: Logger
  time: Time
  /** Default: `Empty`. */
  initialState?: ClassicGroupState
  /** When the group came into its state; `null`: not known. Default: now. */
  currentStateTimestamp?: number | null
  protocolType?: string | null
  leaderId?: string | null
}

export class ClassicGroupMembers extends ClassicGroupStateMachine {
  /** `null`: nobody has ever joined; the group, if it is one, only keeps offsets. */
  protocolType: string | null
  protected readonly logger: Logger
  protected readonly members = new Map<string, ClassicGroupMember>()
  private leaderId: string | null
  /** Instance id → member id. */
  private readonly staticMembers = new Map<string, string>()
  private readonly pendingJoinMembers = new Set<string>()
  private readonly pendingSyncMembers = new Set<string>()
  private readonly supportedProtocols = new SupportedProtocols()
  private numMembersAwaitingJoinResponse = 0

  constructor(options: ClassicGroupMembersOptions) {
    const { time, initialState = 'Empty', currentStateTimestamp = time.milliseconds() } = options
    super(options.groupId, time, initialState, currentStateTimestamp)
    this.logger = options.logger
    this.protocolType = options.protocolType ?? null
    this.leaderId = options.leaderId ?? null
  }

  // ---- who is in

  hasMember(memberId: string): boolean {
    return this.members.has(memberId)
  }

  /** A member that is known to be there. */
  member(memberId: string): ClassicGroupMember {
    const member = this.members.get(memberId)
    if (member === undefined) {
      throw new IllegalStateException(`Group ${this.groupId} has no member ${memberId}`)
    }
    return member
  }

  numMembers(): number {
    return this.members.size
  }

  allMembers(): ClassicGroupMember[] {
    return [...this.members.values()]
  }

  allMemberIds(): Set<string> {
    return new Set(this.members.keys())
  }

  isLeader(memberId: string): boolean {
    return this.leaderId === memberId
  }

  leaderOrNull(): string | null {
    return this.leaderId
  }

  /**
   * @param future answered when the join phase is over; `null`: nobody waits
   * @throws IllegalStateException when its instance id is taken, or it has nothing in common with
   *   the others
   */
  add(
    member: ClassicGroupMember,
    future: CompletableFuture<JoinGroupResponseData> | null = null,
  ): void {
    const { memberId, groupInstanceId, protocolType } = member
    if (groupInstanceId !== null && this.hasStaticMember(groupInstanceId)) {
      throw new IllegalStateException(
        `Static member with groupInstanceId=${groupInstanceId} cannot be added to group ` +
          `${this.groupId} since it is already a member.`,
      )
    }
    if (this.members.size === 0) this.protocolType = protocolType
    if (this.protocolType !== protocolType) {
      throw new IllegalStateException("The group and member's protocol type must be the same.")
    }
    if (!this.supportsProtocols(protocolType, member.supportedProtocols)) {
      throw new IllegalStateException("None of the member's protocols can be supported.")
    }
    if (groupInstanceId !== null) this.staticMembers.set(groupInstanceId, memberId)
    this.leaderId ??= memberId
    this.members.set(memberId, member)
    this.supportedProtocols.add(member)
    this.awaitJoin(member, future)
    this.pendingJoinMembers.delete(memberId)
  }

  /** Also one that was only about to become a member; nothing when there is none. */
  remove(memberId: string): void {
    const removed = this.members.get(memberId)
    if (removed !== undefined) {
      this.members.delete(memberId)
      this.supportedProtocols.remove(removed)
      if (removed.isAwaitingJoin()) this.numMembersAwaitingJoinResponse--
      const errorCode = Errors.UNKNOWN_MEMBER_ID.code
      this.completeSyncFuture(removed, syncGroupResponse({ errorCode }))
      if (removed.groupInstanceId !== null) this.staticMembers.delete(removed.groupInstanceId)
    }
    if (this.isLeader(memberId)) this.leaderId = this.members.keys().next().value ?? null
    this.pendingJoinMembers.delete(memberId)
    this.pendingSyncMembers.delete(memberId)
  }

  /** A member joins again, and may want something else than before. */
  updateMember(
    member: ClassicGroupMember,
    update: MemberUpdate,
    future: CompletableFuture<JoinGroupResponseData> | null,
  ): void {
    this.supportedProtocols.remove(member)
    member.supportedProtocols = update.protocols
    this.supportedProtocols.add(member)
    member.rebalanceTimeoutMs = update.rebalanceTimeoutMs
    member.sessionTimeoutMs = update.sessionTimeoutMs
    this.awaitJoin(member, future)
  }

  /**
   * A leader that did not join again is replaced by a member that did.
   *
   * @returns `false` when nobody joined again, or nobody is there
   */
  maybeElectNewJoinedLeader(): boolean {
    if (this.leaderId === null) return false
    const leader = this.member(this.leaderId)
    if (leader.isAwaitingJoin()) return true
    const joined = this.allMembers().find((member) => member.isAwaitingJoin())
    this.logger.info(
      `Group leader [memberId: ${leader.memberId}, groupInstanceId: ` +
        `${leader.groupInstanceId ?? 'None'}] failed to join before the rebalance timeout` +
        (joined === undefined
          ? ", and the group couldn't proceed to the next generation because no member joined."
          : `. Member ${joined} was elected as the new leader.`),
    )
    if (joined === undefined) return false
    this.leaderId = joined.memberId
    return true
  }

  /** The longest of what the members ask for. */
  rebalanceTimeoutMs(): number {
    return this.allMembers().reduce(
      (max, { rebalanceTimeoutMs }) => Math.max(max, rebalanceTimeoutMs),
      0,
    )
  }

  // ---- what they have in common

  /** @throws IllegalStateException without members */
  selectProtocol(): string {
    return this.supportedProtocols.select(this.members)
  }

  /** Whether one with these protocols could be a member beside those that there are. */
  supportsProtocols(protocolType: string, protocols: Protocols): boolean {
    if (this.isEmpty()) return protocolType !== '' && protocols.length > 0
    return (
      this.protocolType === protocolType &&
      this.supportedProtocols.anyKnownToAll(
        ClassicGroupMember.plainProtocolSet(protocols),
        this.members.size,
      )
    )
  }

  usesConsumerGroupProtocol(): boolean {
    return this.protocolType === PROTOCOL_TYPE
  }

  // ---- static members

  hasStaticMember(groupInstanceId: string): boolean {
    return this.staticMembers.has(groupInstanceId)
  }

  staticMemberId(groupInstanceId: string): string | undefined {
    return this.staticMembers.get(groupInstanceId)
  }

  allStaticMemberIds(): Set<string> {
    return new Set(this.staticMembers.values())
  }

  /**
   * The same member under a new id. Whoever waits under the old one is fenced at once (I3).
   *
   * @throws IllegalArgumentException when there is no such member
   */
  replaceStaticMember(
    groupInstanceId: string,
    oldMemberId: string,
    newMemberId: string,
  ): ClassicGroupMember {
    const old = this.members.get(oldMemberId)
    if (old === undefined) {
      throw new IllegalArgumentException(`Cannot replace non-existing member id ${oldMemberId}`)
    }
    this.members.delete(oldMemberId)
    const errorCode = Errors.FENCED_INSTANCE_ID.code
    this.completeJoinFuture(
      old,
      joinGroupResponse({ memberId: oldMemberId, protocolName: null, errorCode }),
    )
    this.completeSyncFuture(old, syncGroupResponse({ errorCode }))
    const replacement = new ClassicGroupMember({ ...old, memberId: newMemberId })
    this.members.set(newMemberId, replacement)
    if (this.isLeader(oldMemberId)) this.leaderId = newMemberId
    this.staticMembers.set(groupInstanceId, newMemberId)
    if (this.pendingSyncMembers.delete(oldMemberId)) this.pendingSyncMembers.add(newMemberId)
    return replacement
  }

  // ---- who is about to join, and who has to sync

  isPendingMember(memberId: string): boolean {
    return this.pendingJoinMembers.has(memberId)
  }

  /** @throws IllegalStateException I4 */
  addPendingMember(memberId: string): void {
    if (this.hasMember(memberId)) {
      throw new IllegalStateException(
        `Attempt to add pending member ${memberId} which is already a stable member of the group.`,
      )
    }
    this.pendingJoinMembers.add(memberId)
  }

  numPendingJoinMembers(): number {
    return this.pendingJoinMembers.size
  }

  /** @throws IllegalStateException I4 */
  addPendingSyncMember(memberId: string): void {
    this.member(memberId)
    this.pendingSyncMembers.add(memberId)
  }

  /** @throws IllegalStateException I4 */
  removePendingSyncMember(memberId: string): void {
    this.member(memberId)
    this.pendingSyncMembers.delete(memberId)
  }

  hasReceivedSyncFromAllMembers(): boolean {
    return this.pendingSyncMembers.size === 0
  }

  allPendingSyncMembers(): Set<string> {
    return new Set(this.pendingSyncMembers)
  }

  clearPendingSyncMembers(): void {
    this.pendingSyncMembers.clear()
  }

  /** Nobody has ever joined and nobody is about to: the group only keeps offsets. */
  isSimpleGroup(): boolean {
    return this.protocolType === null && this.isEmpty() && this.pendingJoinMembers.size === 0
  }

  // ---- who waits for an answer

  notYetRejoinedMembers(): ClassicGroupMember[] {
    return this.allMembers().filter((member) => !member.isAwaitingJoin())
  }

  hasAllMembersJoined(): boolean {
    return (
      this.members.size === this.numMembersAwaitingJoinResponse &&
      this.pendingJoinMembers.size === 0
    )
  }

  numAwaitingJoinResponse(): number {
    return this.numMembersAwaitingJoinResponse
  }

  /** Returns whether the member waited. */
  completeJoinFuture(member: ClassicGroupMember, response: JoinGroupResponseData): boolean {
    const future = member.awaitingJoinFuture
    if (future === null) return false
    this.awaitJoin(member, null)
    this.answer(member, future, response)
    return true
  }

  completeAllJoinFutures(error: Errors): void {
    for (const member of this.allMembers()) {
      const { memberId } = member
      this.completeJoinFuture(member, joinGroupResponse({ memberId, errorCode: error.code }))
    }
  }

  /** Returns whether the member waited. */
  completeSyncFuture(member: ClassicGroupMember, response: SyncGroupResponseData): boolean {
    const future = member.awaitingSyncFuture
    if (future === null) return false
    member.awaitingSyncFuture = null
    this.answer(member, future, response)
    return true
  }

  completeAllSyncFutures(error: Errors): void {
    for (const member of this.allMembers()) {
      this.completeSyncFuture(member, syncGroupResponse({ errorCode: error.code }))
    }
  }

  /** One member whose answer cannot be sent must not keep the others from theirs. */
  private answer<T>(member: ClassicGroupMember, future: CompletableFuture<T>, response: T): void {
    try {
      future.complete(response)
    } catch (error) {
      this.logger.error(`Answering ${member} of group ${this.groupId} failed`, error)
    }
  }

  /** From now on the member waits for its share. */
  awaitSync(member: ClassicGroupMember, future: CompletableFuture<SyncGroupResponseData>): void {
    const older = member.awaitingSyncFuture
    member.awaitingSyncFuture = future
    if (older === null) return
    const errorCode = Errors.REBALANCE_IN_PROGRESS.code
    this.answer(member, older, syncGroupResponse({ errorCode }))
  }

  /** I2, I5. */
  private awaitJoin(
    member: ClassicGroupMember,
    future: CompletableFuture<JoinGroupResponseData> | null,
  ): void {
    const older = member.awaitingJoinFuture
    this.numMembersAwaitingJoinResponse += Number(future !== null) - Number(older !== null)
    member.awaitingJoinFuture = future
    if (older === null || future === null) return
    const { memberId } = member
    const errorCode = Errors.REBALANCE_IN_PROGRESS.code
    this.answer(member, older, joinGroupResponse({ memberId, errorCode }))
  }
}
