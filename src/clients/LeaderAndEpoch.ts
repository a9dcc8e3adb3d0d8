/**
 * Who leads a partition, and since which election.
 *
 * Either half may be missing: an old broker does not say the epoch, and an epoch can be known from
 * elsewhere (from a committed offset) while the leader is not.
 *
 * @kafka org.apache.kafka.clients.Metadata.LeaderAndEpoch
 */

import type { Node } from '../common/Node.ts'

export class LeaderAndEpoch {
  static readonly NO_LEADER_OR_EPOCH = new LeaderAndEpoch(null, null)

  readonly leader: Node | null
  readonly epoch: number | null

  constructor(leader: Node | null, epoch: number | null) {
    this.leader = leader
    this.epoch = epoch
  }

  equals(other: LeaderAndEpoch): boolean {
    if (this.epoch !== other.epoch) return false
    if (this.leader === null || other.leader === null) return this.leader === other.leader
    return this.leader.equals(other.leader)
  }

  toString(): string {
    return `LeaderAndEpoch(leader=${this.leader ?? 'absent'}, epoch=${this.epoch ?? 'absent'})`
  }
}

/**
 * The same as a broker says it in a produce or fetch response: the id of the leader, not yet the
 * leader.
 *
 * @kafka org.apache.kafka.clients.Metadata.LeaderIdAndEpoch
 */
export interface LeaderIdAndEpoch {
  readonly leaderId: number | null
  readonly epoch: number | null
}
