/**
 * Makes the channel for a new connection: which transport, and who must prove who they are.
 *
 * @kafka org.apache.kafka.common.network.ChannelBuilder
 */

import type { Trace } from '../common/Trace.ts'
import type { ChannelMetadataRegistry } from './ChannelMetadataRegistry.ts'
import type { KafkaChannel } from './KafkaChannel.ts'
import type { MemoryPool } from './MemoryPool.ts'
import type { SelectionKey } from './nio/SelectionKey.ts'
import type { SocketChannel } from './nio/SocketChannel.ts'

export interface BuildChannelOptions {
  id: string
  key: SelectionKey<SocketChannel>
  /** The largest frame in bytes; `NetworkReceive.UNLIMITED` for none. */
  maxReceiveSize: number
  memoryPool: MemoryPool
  metadataRegistry: ChannelMetadataRegistry
  trace: Trace
}

export interface ChannelBuilder {
  buildChannel(options: BuildChannelOptions): KafkaChannel
  close(): void
}
