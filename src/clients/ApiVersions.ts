/**
 * What each connected node can do, for those outside of `NetworkClient` who want to know.
 *
 * The finalized features are the cluster's, not a node's: those with the highest epoch are the
 * latest word, and they stay when the node that told them leaves.
 *
 * @kafka org.apache.kafka.clients.ApiVersions
 */

import type { NodeApiVersions } from './NodeApiVersions.ts'

export interface FinalizedFeaturesInfo {
  /** -1 while none are known. */
  readonly finalizedFeaturesEpoch: number
  readonly finalizedFeatures: ReadonlyMap<string, number>
}

export class ApiVersions {
  private readonly nodeApiVersions = new Map<string, NodeApiVersions>()
  private features: FinalizedFeaturesInfo = {
    finalizedFeaturesEpoch: -1,
    finalizedFeatures: new Map(),
  }

  update(nodeId: string, versions: NodeApiVersions): void {
    this.nodeApiVersions.set(nodeId, versions)
    const { finalizedFeaturesEpoch, finalizedFeatures } = versions
    if (finalizedFeaturesEpoch > this.features.finalizedFeaturesEpoch) {
      this.features = { finalizedFeaturesEpoch, finalizedFeatures }
    }
  }

  remove(nodeId: string): void {
    this.nodeApiVersions.delete(nodeId)
  }

  /** `null` when the node has not told us, or is gone. */
  get(nodeId: string): NodeApiVersions | null {
    return this.nodeApiVersions.get(nodeId) ?? null
  }

  getMaxFinalizedFeaturesEpoch(): number {
    return this.features.finalizedFeaturesEpoch
  }

  getFinalizedFeaturesInfo(): FinalizedFeaturesInfo {
    return this.features
  }
}
