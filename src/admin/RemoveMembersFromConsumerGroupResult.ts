/**
 * The outcome of `removeMembersFromConsumerGroup`, member by member.
 *
 * @kafka org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupResult
 * @kafka org.apache.kafka.clients.admin.MemberToRemove
 */

import { IllegalArgumentException, KafkaException } from '../common/errors.ts'
import { type KafkaFutureImpl, observed } from './internals/KafkaFutureImpl.ts'
import type { MemberError } from './internals/RemoveMembersFromConsumerGroupHandler.ts'

/** A static member that is to leave its group. */
export interface MemberToRemove {
  /** Its `group.instance.id`. */
  readonly groupInstanceId: string
}

type MemberErrors = readonly MemberError[]

export class RemoveMembersFromConsumerGroupResult {
  private readonly future: KafkaFutureImpl<MemberErrors>
  /** `null`: all that there are. */
  private readonly members: readonly MemberToRemove[] | null

  constructor(future: KafkaFutureImpl<MemberErrors>, members: readonly MemberToRemove[] | null) {
    this.future = future
    this.members = members
  }

  /** When all are out; fails when one is not. */
  all(): Promise<void> {
    const { members } = this
    return observed(
      this.future.promise.then((errors) => {
        if (members !== null) for (const member of members) check(errors, member)
        else errors.forEach(checkAnyMember)
      }),
    )
  }

  /**
   * When this member is out, or why it is not.
   *
   * @throws IllegalArgumentException for a member that was not named, and when all were removed
   */
  memberResult(member: MemberToRemove): Promise<void> {
    const { groupInstanceId } = member
    if (this.members === null) {
      throw new IllegalArgumentException('There is no memberResult when all members are removed')
    }
    if (!this.members.some((other) => other.groupInstanceId === groupInstanceId)) {
      throw new IllegalArgumentException(
        `Member '${groupInstanceId}' was not included in the original request`,
      )
    }
    return observed(this.future.promise.then((errors) => check(errors, member)))
  }
}

const check = (errors: MemberErrors, { groupInstanceId }: MemberToRemove): void => {
  const found = errors.find((error) => error.groupInstanceId === groupInstanceId)
  if (found === undefined) {
    throw new IllegalArgumentException(
      `Member '${groupInstanceId}' was not included in the removal response`,
    )
  }
  found.error.maybeThrow()
}

const checkAnyMember = ({ memberId, groupInstanceId, error }: MemberError): void => {
  const cause = error.exception()
  if (cause === null) return
  const message = `Cannot remove member '${groupInstanceId ?? memberId}': ${cause.message}`
  throw new KafkaException(message, { cause })
}
