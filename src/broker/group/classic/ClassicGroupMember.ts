/**
 * What a group knows about one member: what it said when it joined, what it was given, and the
 * answer that it waits for.
 *
 *     JoinGroup ──► awaitingJoinFuture ──► answered when the generation is complete
 *     SyncGroup ──► awaitingSyncFuture ──► answered when the leader has shared out
 *
 * I1  A member waits for at most one of the two, and once for each.
 * I2  Whoever waits is alive: its heartbeats are not missed while it does, since its connection
 *     is busy with the question. A new member is the exception: it may have gone, and nobody else
 *     would ever clear it away (`isNew`).
 *
 * @kafka org.apache.kafka.coordinator.group.classic.ClassicGroupMember
 */

import { Bytes } from '../../../common/Bytes.ts'
import { IllegalArgumentException } from '../../../common/errors.ts'
import type { DescribedGroupMember } from '../../../protocol/messages/DescribeGroups.ts'
import type {
  JoinGroupRequestProtocol,
  JoinGroupResponseData,
} from '../../../protocol/messages/JoinGroup.ts'
import type { SyncGroupResponseData } from '../../../protocol/messages/SyncGroup.ts'
import type { CompletableFuture } from '../../coordinator/CompletableFuture.ts'

/** Ways of sharing that a member knows, the favourite first, each with a note of the member's. */
export type Protocols = readonly JoinGroupRequestProtocol[]

/** What a member may change when it joins again. */
export interface MemberUpdate {
  readonly protocols: Protocols
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
}

export const EMPTY_ASSIGNMENT = Bytes.EMPTY

export interface ClassicGroupMemberOptions {
  memberId: string
  /** `null`: the member is a dynamic one. */
  groupInstanceId: string | null
  clientId: string
  /** The address that it called from. */
  clientHost: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  protocolType: string
  supportedProtocols: Protocols
  /** Default: nothing. */
  assignment?: Uint8Array
}

export class ClassicGroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly protocolType: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  supportedProtocols: Protocols
  /** What the leader gave it; opaque to the coordinator. */
  assignment: Uint8Array
  /** Both are set by `ClassicGroup` only, which counts who waits. */
  awaitingJoinFuture: CompletableFuture<JoinGroupResponseData> | null = null
  awaitingSyncFuture: CompletableFuture<SyncGroupResponseData> | null = null
  /** It has not been answered since it joined, so it does not know its id and cannot heartbeat. */
  isNew = false

  constructor(options: ClassicGroupMemberOptions) {
    this.memberId = options.memberId
    this.groupInstanceId = options.groupInstanceId
    this.clientId = options.clientId
    this.clientHost = options.clientHost
    this.protocolType = options.protocolType
    this.rebalanceTimeoutMs = options.rebalanceTimeoutMs
    this.sessionTimeoutMs = options.sessionTimeoutMs
    this.supportedProtocols = options.supportedProtocols
    this.assignment = options.assignment ?? EMPTY_ASSIGNMENT
  }

  isStaticMember(): boolean {
    return this.groupInstanceId !== null
  }

  isAwaitingJoin(): boolean {
    return this.awaitingJoinFuture !== null
  }

  isAwaitingSync(): boolean {
    return this.awaitingSyncFuture !== null
  }

  hasAssignment(): boolean {
    return this.assignment.length > 0
  }

  /** I2. */
  hasSatisfiedHeartbeat(): boolean {
    return !this.isNew && (this.isAwaitingJoin() || this.isAwaitingSync())
  }

  /**
   * What the member says to the others under this protocol.
   *
   * @throws IllegalArgumentException when it does not know the protocol
   */
  metadata(protocolName: string | null): Uint8Array {
    const protocol = this.supportedProtocols.find(({ name }) => name === protocolName)
    if (protocol === undefined) {
      throw new IllegalArgumentException(`Member does not support protocol ${protocolName}`)
    }
    return protocol.metadata
  }

  /** Whether these are the protocols that it named, in the same order and with the same notes. */
  matches(protocols: Protocols): boolean {
    return (
      protocols.length === this.supportedProtocols.length &&
      protocols.every(({ name, metadata }, i) => {
        const mine = this.supportedProtocols[i]!
        return name === mine.name && new Bytes(metadata).equals(new Bytes(mine.metadata))
      })
    )
  }

  /**
   * Its favourite among the candidates.
   *
   * @throws IllegalArgumentException when it knows none of them
   */
  vote(candidates: ReadonlySet<string>): string {
    const favourite = this.supportedProtocols.find(({ name }) => candidates.has(name))
    if (favourite === undefined) {
      throw new IllegalArgumentException('Member does not support any of the candidate protocols')
    }
    return favourite.name
  }

  static plainProtocolSet(supportedProtocols: Protocols): Set<string> {
    return new Set(supportedProtocols.map(({ name }) => name))
  }

  /** For DescribeGroups, while the members still choose a protocol. */
  describeNoMetadata(): DescribedGroupMember {
    return {
      memberId: this.memberId,
      groupInstanceId: this.groupInstanceId,
      clientId: this.clientId,
      clientHost: this.clientHost,
      memberMetadata: Bytes.EMPTY,
      memberAssignment: this.assignment,
    }
  }

  /** For DescribeGroups, with what it says under the group's protocol. */
  describe(protocolName: string): DescribedGroupMember {
    return { ...this.describeNoMetadata(), memberMetadata: this.metadata(protocolName) }
  }

  toString(): string {
    const protocols = this.supportedProtocols.map(({ name }) => name).join(', ')
    return (
      `ClassicGroupMember(memberId='${this.memberId}', ` +
      `groupInstanceId='${this.groupInstanceId ?? ''}', clientId='${this.clientId}', ` +
      `clientHost='${this.clientHost}', rebalanceTimeoutMs=${this.rebalanceTimeoutMs}, ` +
      `sessionTimeoutMs=${this.sessionTimeoutMs}, protocolType='${this.protocolType}', ` +
      `supportedProtocols=[${protocols}])`
    )
  }
}
