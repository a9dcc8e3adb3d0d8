/**
 * A member as assignors that deal in turn see it: who it is, and where it stands in the line.
 *
 * Members with `group.instance.id` come first, by that id, so that a restart, which gives a member
 * a new member id, does not move it in the line. The others follow by member id.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor.MemberInfo
 */

import { compareStrings } from './comparators.ts'

export class MemberInfo {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly rackId: string | null

  constructor(memberId: string, groupInstanceId: string | null, rackId: string | null = null) {
    this.memberId = memberId
    this.groupInstanceId = groupInstanceId
    this.rackId = rackId
  }

  static compare(this: void, a: MemberInfo, b: MemberInfo): number {
    if (a.groupInstanceId !== null && b.groupInstanceId !== null) {
      return compareStrings(a.groupInstanceId, b.groupInstanceId)
    }
    if (a.groupInstanceId !== null) return -1
    if (b.groupInstanceId !== null) return 1
    return compareStrings(a.memberId, b.memberId)
  }

  /** Member ids are unique in a group. */
  equals(other: MemberInfo): boolean {
    return this.memberId === other.memberId
  }

  toString(): string {
    const instance = this.groupInstanceId ?? '{}'
    return `MemberInfo [member.id: ${this.memberId}, group.instance.id: ${instance}]`
  }
}
