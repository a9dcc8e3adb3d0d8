/**
 * Whom to ask: decided when a call is about to be sent, and again for each try, since meanwhile
 * the controller may have moved, or the broker be gone.
 *
 * `provide` returns `null` while there is nobody; the call then waits, and metadata is asked for.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient.NodeProvider
 */

import type { KafkaClient } from '../../clients/KafkaClient.ts'
import type { MetadataRecoveryStrategy } from '../../clients/MetadataRecoveryStrategy.ts'
import type { Node } from '../../common/Node.ts'
import type { Time } from '../../common/Time.ts'
import type { AdminMetadataManager } from './AdminMetadataManager.ts'

export interface NodeProvider {
  /** For messages. */
  readonly whom: string
  /** @throws what asking again will not mend, such as a refused login */
  provide(): Node | null
}

export interface NodeProvidersOptions {
  readonly client: KafkaClient
  readonly metadataManager: AdminMetadataManager
  readonly metadataRecoveryStrategy: MetadataRecoveryStrategy
  readonly time: Time
}

/** All kinds of them. */
export class NodeProviders {
  private readonly options: NodeProvidersOptions

  constructor(options: NodeProvidersOptions) {
    this.options = options
  }

  /** Topics are created and deleted by the controller. */
  controller(): NodeProvider {
    const { metadataManager } = this.options
    return {
      whom: "the cluster's controller",
      provide: () => this.onceReady(() => metadataManager.controller()),
    }
  }

  /** One broker, and no other. */
  constantNodeId(nodeId: number): NodeProvider {
    const { metadataManager } = this.options
    return {
      whom: `broker ${nodeId}`,
      provide: () => this.onceReady(() => metadataManager.nodeById(nodeId)),
    }
  }

  /** Any broker will do: the one with the least to do. */
  leastLoaded(): NodeProvider {
    const { metadataManager, client, time } = this.options
    return {
      whom: 'a broker with time for it',
      provide: () => {
        // `null` here means that all are busy or backing off, which new metadata would not mend.
        if (metadataManager.isReady()) return client.leastLoadedNode(time.milliseconds()).node
        metadataManager.requestUpdate()
        return null
      },
    }
  }

  /** For metadata itself: any node, also of `bootstrap.servers`; those again when all is lost. */
  metadataUpdate(): NodeProvider {
    const { metadataManager, client, metadataRecoveryStrategy, time } = this.options
    return {
      whom: 'any broker',
      provide: () => {
        const nowMs = time.milliseconds()
        const leastLoaded = client.leastLoadedNode(nowMs)
        const nobodyLeft = !leastLoaded.hasNodeAvailableOrConnectionReady()
        if (nobodyLeft && metadataRecoveryStrategy === 'rebootstrap') {
          metadataManager.rebootstrap(nowMs)
        }
        return leastLoaded.node
      },
    }
  }

  /** A node that is not there may be starting up: it is hoped for in new metadata. */
  private onceReady(find: () => Node | null): Node | null {
    const { metadataManager } = this.options
    const node = metadataManager.isReady() ? find() : null
    if (node === null) metadataManager.requestUpdate()
    return node
  }
}
