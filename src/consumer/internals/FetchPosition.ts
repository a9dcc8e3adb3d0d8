/**
 * Where a partition is read next, and what was known when that was decided.
 *
 * The two epochs answer two questions. `offsetEpoch`: in whose reign was the record just before
 * `offset` written? With it a new leader can say whether its log still holds that record.
 * `currentLeader`: whom are we reading from, and in which reign? A broker refuses a fetch whose
 * reign is over, so that nobody reads from a leader of yesterday.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.SubscriptionState.FetchPosition
 */

import { LeaderAndEpoch } from '../../clients/LeaderAndEpoch.ts'

export class FetchPosition {
  readonly offset: number
  /** `null`: not known, and then there is nothing to validate. */
  readonly offsetEpoch: number | null
  readonly currentLeader: LeaderAndEpoch

  constructor(
    offset: number,
    offsetEpoch: number | null = null,
    currentLeader: LeaderAndEpoch = LeaderAndEpoch.NO_LEADER_OR_EPOCH,
  ) {
    this.offset = offset
    this.offsetEpoch = offsetEpoch
    this.currentLeader = currentLeader
  }

  equals(other: FetchPosition): boolean {
    return (
      this.offset === other.offset &&
      this.offsetEpoch === other.offsetEpoch &&
      this.currentLeader.equals(other.currentLeader)
    )
  }

  toString(): string {
    return (
      `FetchPosition{offset=${this.offset}, offsetEpoch=${this.offsetEpoch}, ` +
      `currentLeader=${this.currentLeader}}`
    )
  }
}
