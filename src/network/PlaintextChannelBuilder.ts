/**
 * Channels without TLS and without authentication: ready as soon as they are connected.
 *
 * @kafka org.apache.kafka.common.network.PlaintextChannelBuilder
 * @simplified no listener name and no principal: they come with security.
 */

import type { Authenticator } from './Authenticator.ts'
import type { BuildChannelOptions, ChannelBuilder } from './ChannelBuilder.ts'
import { KafkaChannel } from './KafkaChannel.ts'
import { PlaintextTransportLayer } from './PlaintextTransportLayer.ts'

export class PlaintextChannelBuilder implements ChannelBuilder {
  buildChannel(options: BuildChannelOptions): KafkaChannel {
    const { id, key, maxReceiveSize, memoryPool, metadataRegistry, trace } = options
    return new KafkaChannel({
      id,
      transportLayer: new PlaintextTransportLayer(key, id, trace),
      authenticator: new PlaintextAuthenticator(),
      maxReceiveSize,
      memoryPool,
      metadataRegistry,
      trace,
    })
  }

  close(): void {}
}

/** Everybody is welcome. */
class PlaintextAuthenticator implements Authenticator {
  authenticate(): void {}

  complete(): boolean {
    return true
  }

  handleAuthenticationFailure(): void {}

  close(): void {}
}
