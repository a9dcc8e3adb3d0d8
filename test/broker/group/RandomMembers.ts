/**
 * Members that come, go, stall and fail by chance, and a log that now and then refuses a record;
 * and what must hold of their group whatever they do.
 */

import type { CompletableFuture } from '../../../src/broker/coordinator/CompletableFuture.ts'
import type { ClassicGroup } from '../../../src/broker/group/classic/ClassicGroup.ts'
import type { CoordinatorRecord } from '../../../src/broker/group/GroupCoordinatorRecord.ts'
import { NotLeaderOrFollowerException } from '../../../src/common/errors/ApiExceptions.ts'
import { KafkaException } from '../../../src/common/errors.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import type { JoinGroupResponseData } from '../../../src/protocol/messages/JoinGroup.ts'
import type { SyncGroupResponseData } from '../../../src/protocol/messages/SyncGroup.ts'
import type { Asked } from './Asked.ts'
import { toProtocols } from './classicGroupSupport.ts'
import { AT_ONCE, GROUP_ID, GroupHarness, ID_FIRST, SKIPPING } from './GroupHarness.ts'

const PROTOCOLS = [['range'], ['range', 'roundrobin'], ['roundrobin', 'range']].map((names) => [
  ...toProtocols(...names),
])

const MAX_SIZE = 5

/** What one member remembers. */
interface Member {
  memberId: string
  readonly groupInstanceId: string | null
  generationId: number
  isLeader: boolean
  /** Members of its generation, if it leads. */
  others: readonly string[]
  join: Asked<JoinGroupResponseData> | undefined
  sync: Asked<SyncGroupResponseData> | undefined
}

interface Written {
  readonly records: readonly CoordinatorRecord[]
  readonly appendFuture?: CompletableFuture<void> | undefined
}

export class RandomMembers {
  readonly groups = GroupHarness.withGroup({
    'group.max.size': MAX_SIZE,
    'group.initial.rebalance.delay.ms': 500,
  })
  /** Every question that was ever asked. */
  readonly asked: Asked<JoinGroupResponseData | SyncGroupResponseData>[] = []
  readonly story: string[] = []
  private readonly random: SeededRandom
  private readonly members: Member[]
  /** Generation, then member id → share, as its leader wanted it. */
  private readonly shares = new Map<number, Map<string, number>>()
  private lastGeneration = 0
  private lastRecord: CoordinatorRecord | undefined

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
    this.members = Array.from({ length: 6 }, (_, i) => newMember(i < 2 ? `static-${i}` : null))
    // Two processes with one name.
    this.members.push(newMember('static-0'))
  }

  step(): void {
    const member = this.pick(this.members)
    const action = this.random.nextInt(12)
    if (action < 3) this.join(member)
    else if (action < 6) this.sync(member)
    else if (action < 8) this.heartbeat(member)
    else if (action === 8) this.leave(member)
    else if (action === 9 && this.random.nextInt(4) === 0) member.memberId = ''
    else this.sleep(this.pick([1, 100, 600, 1500]))
    for (const each of this.members) this.hear(each)
    this.check()
  }

  /** Nobody says anything any more: everybody is answered, and the group becomes empty. */
  end(): void {
    for (let i = 0; i < 40; i++) this.sleep(60_000)
    const unanswered = this.asked.filter((each) => each.isWaiting()).length
    mustHold(unanswered === 0, `${unanswered} questions are never answered`)
    mustHold(this.groups.group.isEmpty(), 'the group becomes empty')
    mustHold(this.groups.timer.size() === 0, 'no timer is left')
    this.check()
  }

  // ---- what members do

  private join(member: Member): void {
    if (member.join?.isWaiting()) return
    const { memberId, groupInstanceId } = member
    const version = this.pick([AT_ONCE, ID_FIRST, SKIPPING])
    const times = { rebalanceTimeoutMs: 2000, sessionTimeoutMs: this.pick([1000, 3000]) }
    const protocols = this.pick(PROTOCOLS)
    this.tell(`${memberId || (groupInstanceId ?? 'somebody')} joins (v${version})`)
    const fields = { memberId, groupInstanceId, protocols, ...times }
    member.join = this.groups.join(fields, version)
    member.sync = undefined
    this.asked.push(member.join)
    this.write(member.join)
  }

  private sync(member: Member): void {
    if (member.memberId === '' || member.generationId < 0 || member.sync?.isWaiting()) return
    const { memberId, groupInstanceId, generationId, isLeader, others } = member
    const chosen = isLeader ? others : []
    const wanted = new Map(chosen.map((id) => [id, 1 + this.random.nextInt(200)]))
    this.tell(`${memberId} syncs in ${generationId}${isLeader ? ' as leader' : ''}`)
    const takes = this.groups.group.isInState('CompletingRebalance')
    if (isLeader && takes && generationId === this.groups.group.generationId) {
      this.shares.set(generationId, wanted)
    }
    member.sync = this.groups.sync({
      memberId,
      groupInstanceId,
      generationId,
      protocolName: null,
      assignments: Array.from(wanted, ([id, share]) => ({
        memberId: id,
        assignment: new Uint8Array([share]),
      })),
    })
    this.asked.push(member.sync)
    this.write(member.sync)
  }

  private heartbeat({ memberId, generationId, groupInstanceId }: Member): void {
    if (memberId === '') return
    try {
      const error = this.groups.heartbeat(memberId, generationId, groupInstanceId)
      this.tell(`${memberId} heartbeats: ${error}`)
    } catch (error) {
      if (!(error instanceof KafkaException)) throw error
      this.tell(`${memberId} heartbeats: ${Errors.forException(error)}`)
    }
  }

  private leave(member: Member): void {
    if (member.memberId === '') return
    this.tell(`${member.memberId} leaves`)
    const { memberId, groupInstanceId } = member
    this.write(this.groups.leave({ memberId, groupInstanceId }))
    member.memberId = ''
  }

  private sleep(ms: number): void {
    this.tell(`${ms} ms pass`)
    for (const { key, result } of this.groups.sleep(ms)) {
      this.tell(`  ${key} is over`)
      this.write(result)
    }
  }

  /** The log takes most records. */
  private write({ records, appendFuture }: Written): void {
    if (records.length === 0) return
    mustHold(records.length === 1, 'an operation writes the group once')
    if (this.random.nextInt(12) === 0) {
      this.tell('  the log refuses a record')
      appendFuture!.completeExceptionally(new NotLeaderOrFollowerException('by chance'))
      return
    }
    this.lastRecord = records[0]
    appendFuture!.complete()
  }

  // ---- what members hear

  private hear(member: Member): void {
    const { join, sync } = member
    if (join !== undefined && !join.isWaiting()) {
      member.join = undefined
      const { response, error } = join
      if (error === Errors.MEMBER_ID_REQUIRED) member.memberId = response.memberId
      else if (error === Errors.NONE) {
        member.memberId = response.memberId
        member.generationId = response.generationId
        member.isLeader = response.leader === response.memberId && !response.skipAssignment
        member.others = response.members.map(({ memberId }) => memberId)
        this.checkJoin(response)
      } else if (error !== Errors.COORDINATOR_NOT_AVAILABLE) member.memberId = ''
    }
    if (sync !== undefined && !sync.isWaiting()) {
      member.sync = undefined
      if (sync.error === Errors.NONE) this.checkShare(member, sync.response.assignment)
    }
  }

  private checkJoin({ leader, memberId, members, skipAssignment }: JoinGroupResponseData): void {
    const isThere = members.some((each) => each.memberId === memberId)
    mustHold(isThere === (leader === memberId), 'the leader, and nobody else, is told who is there')
    mustHold(!skipAssignment || leader === memberId, 'only a leader has something to skip')
  }

  /** A share is the one that the leader of that generation meant for that member. */
  private checkShare({ memberId, generationId, groupInstanceId }: Member, share: Uint8Array): void {
    // It has begun anew since it asked, or is a static one, which may have had another id.
    if (memberId === '' || groupInstanceId !== null || share.length === 0) return
    const meant = this.shares.get(generationId)?.get(memberId)
    mustHold(share[0] === meant, `${memberId} gets ${meant}, not ${share}`)
  }

  // ---- what must hold of the group

  private check(): void {
    const { group } = this.groups
    const members = group.allMembers()
    const leader = group.leaderOrNull()
    mustHold((leader !== null) === members.length > 0, 'there is a leader if anybody is there')
    mustHold(leader === null || group.hasMember(leader), 'the leader is a member')
    const awaiting = members.filter((member) => member.isAwaitingJoin()).length
    mustHold(group.numAwaitingJoinResponse() === awaiting, 'who waits to join is counted')
    // Members that have not joined again are not counted: they may be dead.
    mustHold(awaiting <= MAX_SIZE, 'no more than group.max.size join')
    mustHold(!group.isEmpty() || members.length === 0, 'an empty group has no members')
    for (const memberId of group.allPendingSyncMembers()) {
      mustHold(group.hasMember(memberId), 'who has to sync is a member')
    }
    const staticOnes = members.filter((member) => member.isStaticMember())
    mustHold(group.allStaticMemberIds().size === staticOnes.length, 'static members are known')
    for (const { groupInstanceId, memberId } of staticOnes) {
      mustHold(group.staticMemberId(groupInstanceId!) === memberId, 'each by its instance id')
    }
    mustHold(group.generationId >= this.lastGeneration, 'generations count upwards')
    this.lastGeneration = group.generationId
    this.checkTimers(group)
    if (group.isInState('Stable')) this.checkRecord(group)
  }

  private checkTimers(group: ClassicGroup): void {
    const { timer } = this.groups
    const isJoining = group.isInState('PreparingRebalance')
    mustHold(timer.isScheduled(`join-${GROUP_ID}`) === isJoining, 'a join is waited for')
    const mustSync = !isJoining && !group.hasReceivedSyncFromAllMembers()
    mustHold(timer.isScheduled(`sync-${GROUP_ID}`) === mustSync, 'a sync is waited for')
    for (const member of group.allMembers()) {
      const isWatched = timer.isScheduled(`heartbeat-${GROUP_ID}-${member.memberId}`)
      mustHold(isWatched || member.hasSatisfiedHeartbeat(), `${member} is watched`)
    }
  }

  /** A coordinator that takes over now reads the same group from the log. */
  private checkRecord(group: ClassicGroup): void {
    const other = new GroupHarness()
    other.replay(this.lastRecord!)
    mustHold(written(other.group) === written(group), 'the log has the group as it is')
  }

  private tell(what: string): void {
    this.story.push(what)
  }

  private pick<T>(values: readonly T[]): T {
    return values[this.random.nextInt(values.length)]!
  }
}

const newMember = (groupInstanceId: string | null): Member => ({
  memberId: '',
  groupInstanceId,
  generationId: -1,
  isLeader: false,
  others: [],
  join: undefined,
  sync: undefined,
})

/** What of a group is in the log. */
const written = (group: ClassicGroup): string => {
  const members = group.allMembers().map(({ memberId, groupInstanceId, assignment }) => {
    return `${memberId} ${groupInstanceId} ${assignment}`
  })
  const { generationId, protocolName } = group
  return [generationId, protocolName, group.leaderOrNull(), ...members.sort()].join('\n')
}

const mustHold = (condition: boolean, what: string): void => {
  if (!condition) throw new Error(`It must hold that ${what}`)
}
