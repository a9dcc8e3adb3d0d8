/**
 * What was learnt about the other side of one channel.
 *
 * @kafka org.apache.kafka.common.network.ChannelMetadataRegistry
 * @kafka org.apache.kafka.common.network.DefaultChannelMetadataRegistry
 * @kafka org.apache.kafka.common.network.Selector.SelectorChannelMetadataRegistry
 * @simplified no cipher information: with TLS.
 */

import type { IntGaugeSuite } from '../common/metrics/internals/IntGaugeSuite.ts'
import type { ClientInformation } from './ClientInformation.ts'

export class ChannelMetadataRegistry {
  private readonly connectionsByClient: IntGaugeSuite<ClientInformation> | undefined
  private client: ClientInformation | null = null

  /** @param connectionsByClient counts the channels of each client and version; default: nobody */
  constructor(connectionsByClient?: IntGaugeSuite<ClientInformation>) {
    this.connectionsByClient = connectionsByClient
  }

  /** A client may introduce itself never, once or again; the last time counts. */
  registerClientInformation(clientInformation: ClientInformation): void {
    if (this.client?.equals(clientInformation)) return
    if (this.client !== null) this.connectionsByClient?.decrement(this.client)
    this.client = clientInformation
    this.connectionsByClient?.increment(clientInformation)
  }

  clientInformation(): ClientInformation | null {
    return this.client
  }

  close(): void {
    if (this.client !== null) this.connectionsByClient?.decrement(this.client)
    this.client = null
  }
}
