/**
 * A `Send` and the connection it is for.
 *
 * @kafka org.apache.kafka.common.network.NetworkSend
 */

import type { Send, TransferableChannel } from './Send.ts'

export class NetworkSend implements Send {
  /** The id of the channel. */
  readonly destinationId: string
  readonly send: Send

  constructor(destinationId: string, send: Send) {
    this.destinationId = destinationId
    this.send = send
  }

  completed(): boolean {
    return this.send.completed()
  }

  writeTo(channel: TransferableChannel): number {
    return this.send.writeTo(channel)
  }

  size(): number {
    return this.send.size()
  }
}
