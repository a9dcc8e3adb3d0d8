/**
 * Bytes on their way out: written in as many steps as the channel below needs.
 *
 * @kafka org.apache.kafka.common.network.Send
 */

/**
 * Where a `Send` writes to.
 *
 * @kafka org.apache.kafka.common.network.TransferableChannel
 */
export interface TransferableChannel {
  /** Takes some or all of `buffers`, in order, and returns the bytes. Throws an `IOException`. */
  write(buffers: readonly Uint8Array[]): number
  /** Bytes that were taken are still held by reference: they must not change yet. */
  hasPendingWrites(): boolean
}

export interface Send {
  /** Everything is out, and nothing is held by reference any more. */
  completed(): boolean
  /** Writes what can be written now; returns the bytes. Throws an `IOException`. */
  writeTo(channel: TransferableChannel): number
  /** Bytes in all. */
  size(): number
}
