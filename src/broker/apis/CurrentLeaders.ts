/**
 * Collects, for one response, who leads the partitions that the client asked the wrong broker about
 * (KIP-951): it can go there at once instead of asking for metadata first.
 *
 * @kafka kafka.server.KafkaApis (getCurrentLeader)
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { MetadataCache } from '../metadata/MetadataCache.ts'
import type { BrokerRegistration } from '../metadata/MetadataImage.ts'

export class CurrentLeaders {
  private readonly metadataCache: MetadataCache
  private readonly nodes = new Map<number, BrokerRegistration>()

  constructor(metadataCache: MetadataCache) {
    this.metadataCache = metadataCache
  }

  /** Leader and epoch of a partition, as far as they are known; the leader's address is noted. */
  leaderOf(topicPartition: TopicPartition): { leaderId: number; leaderEpoch: number } {
    const registration = this.metadataCache.getLeaderAndIsr(topicPartition)
    if (registration === undefined) return { leaderId: -1, leaderEpoch: -1 }
    const node = this.metadataCache.getAliveBrokerNode(registration.leader)
    if (node !== undefined) this.nodes.set(node.id, node)
    return { leaderId: registration.leader, leaderEpoch: registration.leaderEpoch }
  }

  /** The addresses of all leaders that were named. */
  nodeEndpoints(): { nodeId: number; host: string; port: number; rack: string | null }[] {
    return Array.from(this.nodes.values(), ({ id, host, port, rack }) => ({
      nodeId: id,
      host,
      port,
      rack,
    }))
  }
}
