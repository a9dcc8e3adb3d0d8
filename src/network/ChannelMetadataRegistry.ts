/**
 * What was learnt about the other side of one channel.
 *
 * @kafka org.apache.kafka.common.network.ChannelMetadataRegistry
 * @kafka org.apache.kafka.common.network.DefaultChannelMetadataRegistry
 * @simplified no cipher information and no metrics by client: with TLS and with metrics.
 */

import type { ClientInformation } from './ClientInformation.ts'

export class ChannelMetadataRegistry {
  private client: ClientInformation | null = null

  /** A client may introduce itself never, once or again; the last time counts. */
  registerClientInformation(clientInformation: ClientInformation): void {
    this.client = clientInformation
  }

  clientInformation(): ClientInformation | null {
    return this.client
  }

  close(): void {
    this.client = null
  }
}
