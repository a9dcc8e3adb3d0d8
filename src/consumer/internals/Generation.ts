/**
 * Which round of a group a member takes part in, and as whom.
 *
 *     (-1, '', null)     nobody yet: NO_GENERATION
 *     (-1, 'm-1', null)  the coordinator knows the member; rounds have gone on without it
 *     (7, 'm-1', range)  in round 7, in which partitions are shared out by `range`
 *
 * A round begins whenever the members change, and its number goes into every heartbeat and commit:
 * so the coordinator knows who has missed something. A request remembers the generation that it was
 * sent in, and its answer is compared with the present one.
 *
 * I1  It never changes. Another round is another object.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator.Generation
 */

import { UNKNOWN_GENERATION_ID, UNKNOWN_MEMBER_ID } from '../../clients/JoinGroupRequest.ts'

export class Generation {
  static readonly NO_GENERATION = new Generation(UNKNOWN_GENERATION_ID, UNKNOWN_MEMBER_ID, null)

  /** -1: none. */
  readonly generationId: number
  /** `''`: none. */
  readonly memberId: string
  /** The way of sharing that the group has chosen; `null`: none. */
  readonly protocolName: string | null

  constructor(generationId: number, memberId: string, protocolName: string | null) {
    this.generationId = generationId
    this.memberId = memberId
    this.protocolName = protocolName
  }

  /** A member can have an id before it is in a round: the coordinator hands it out first. */
  hasMemberId(): boolean {
    return this.memberId !== UNKNOWN_MEMBER_ID
  }

  equals(other: Generation): boolean {
    return (
      this.generationId === other.generationId &&
      this.memberId === other.memberId &&
      this.protocolName === other.protocolName
    )
  }

  toString(): string {
    return (
      `Generation(generationId=${this.generationId}, memberId='${this.memberId}', ` +
      `protocol='${this.protocolName}')`
    )
  }
}
