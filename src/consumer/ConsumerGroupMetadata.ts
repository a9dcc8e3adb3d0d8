/**
 * Which member of which generation of a group this consumer is.
 *
 * A transactional producer sends it along with offsets (`sendOffsetsToTransaction`), so that the
 * coordinator can turn away a member that has been replaced in the meantime.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerGroupMetadata
 */

import { UNKNOWN_GENERATION_ID, UNKNOWN_MEMBER_ID } from '../clients/JoinGroupRequest.ts'

export class ConsumerGroupMetadata {
  readonly groupId: string
  /** -1 before the first generation. */
  readonly generationId: number
  /** The empty string before the coordinator has given one. */
  readonly memberId: string
  /** `group.instance.id`; `null` for a dynamic member. */
  readonly groupInstanceId: string | null

  constructor(
    groupId: string,
    generationId: number = UNKNOWN_GENERATION_ID,
    memberId: string = UNKNOWN_MEMBER_ID,
    groupInstanceId: string | null = null,
  ) {
    this.groupId = groupId
    this.generationId = generationId
    this.memberId = memberId
    this.groupInstanceId = groupInstanceId
  }

  equals(other: ConsumerGroupMetadata): boolean {
    return (
      this.groupId === other.groupId &&
      this.generationId === other.generationId &&
      this.memberId === other.memberId &&
      this.groupInstanceId === other.groupInstanceId
    )
  }

  toString(): string {
    return (
      `GroupMetadata(groupId = ${this.groupId}, generationId = ${this.generationId}, ` +
      `memberId = ${this.memberId}, groupInstanceId = ${this.groupInstanceId ?? ''})`
    )
  }
}
