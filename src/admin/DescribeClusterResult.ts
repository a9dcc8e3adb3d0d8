/**
 * The outcome of `describeCluster`.
 *
 * @kafka org.apache.kafka.clients.admin.DescribeClusterResult
 */

import type { Node } from '../common/Node.ts'
import type { AclOperation } from './AclOperation.ts'
import { type KafkaFutureImpl, observed } from './internals/KafkaFutureImpl.ts'

export interface ClusterDescription {
  readonly nodes: readonly Node[]
  /** Those of `nodes` that are registered but not serving; only if they were asked for. */
  readonly fencedBrokerIds: ReadonlySet<number>
  /**
   * `null` while it is not known. Some broker that is alive, for the real controllers are not for
   * clients.
   */
  readonly controller: Node | null
  readonly clusterId: string | null
  /** `null` when it was not asked for, or the broker does not say. */
  readonly authorizedOperations: ReadonlySet<AclOperation> | null
}

export class DescribeClusterResult {
  private readonly future: KafkaFutureImpl<ClusterDescription>

  constructor(future: KafkaFutureImpl<ClusterDescription>) {
    this.future = future
  }

  /** Everything at once. */
  description(): Promise<ClusterDescription> {
    return this.future.promise
  }

  nodes(): Promise<readonly Node[]> {
    return this.part('nodes')
  }

  fencedBrokerIds(): Promise<ReadonlySet<number>> {
    return this.part('fencedBrokerIds')
  }

  controller(): Promise<Node | null> {
    return this.part('controller')
  }

  clusterId(): Promise<string | null> {
    return this.part('clusterId')
  }

  authorizedOperations(): Promise<ReadonlySet<AclOperation> | null> {
    return this.part('authorizedOperations')
  }

  private part<K extends keyof ClusterDescription>(key: K): Promise<ClusterDescription[K]> {
    return observed(this.future.promise.then((description) => description[key]))
  }
}
