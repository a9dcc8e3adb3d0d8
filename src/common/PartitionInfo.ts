/**
 * What a client knows of one partition.
 *
 * @kafka org.apache.kafka.common.PartitionInfo
 */

import type { Node } from './Node.ts'

export class PartitionInfo {
  readonly topic: string
  readonly partition: number
  /** `null` while there is none. */
  readonly leader: Node | null
  readonly replicas: readonly Node[]
  readonly inSyncReplicas: readonly Node[]
  readonly offlineReplicas: readonly Node[]

  constructor(
    topic: string,
    partition: number,
    leader: Node | null,
    replicas: readonly Node[],
    inSyncReplicas: readonly Node[],
    offlineReplicas: readonly Node[] = [],
  ) {
    this.topic = topic
    this.partition = partition
    this.leader = leader
    this.replicas = replicas
    this.inSyncReplicas = inSyncReplicas
    this.offlineReplicas = offlineReplicas
  }

  toString(): string {
    const ids = (nodes: readonly Node[]): string => `[${nodes.map((n) => n.id).join(',')}]`
    return (
      `Partition(topic = ${this.topic}, partition = ${this.partition}, ` +
      `leader = ${this.leader?.id ?? 'none'}, replicas = ${ids(this.replicas)}, ` +
      `isr = ${ids(this.inSyncReplicas)}, offlineReplicas = ${ids(this.offlineReplicas)})`
    )
  }
}
