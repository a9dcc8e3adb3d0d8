/**
 * The tie between one channel and one selector: what the selector looks for, and what it found.
 *
 *     interestOps   what is asked for      READ ─ WRITE ─ CONNECT ─ ACCEPT
 *     readyOps      what the last `select` found, always a part of what was asked
 *
 * Interest is how a loop says "not now" without losing anything: a muted channel takes READ out,
 * a channel with nothing to send takes WRITE out, and the level shows again when it comes back.
 *
 * @kafka java.nio.channels.SelectionKey
 * @simplified a change of interest is seen at once, also by a `select` that is waiting; in Java by
 *   the next one.
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { SelectableChannel } from './SocketChannel.ts'

/** What a key needs from the selector that made it. */
export interface KeyOwner<C extends SelectableChannel> {
  /** Something about `key` changed: look at it again. */
  mark(key: SelectionKey<C>): void
  forget(key: SelectionKey<C>): void
}

/** A key was used after it was cancelled, or after its channel was closed. */
export class CancelledKeyException extends IllegalStateException {}

export class SelectionKey<C extends SelectableChannel = SelectableChannel> {
  static readonly OP_READ = 1
  static readonly OP_WRITE = 4
  static readonly OP_CONNECT = 8
  static readonly OP_ACCEPT = 16

  readonly channel: C
  private readonly owner: KeyOwner<C>
  private interest: number
  private ready = 0
  private cancelled = false
  private attached: unknown

  constructor(channel: C, owner: KeyOwner<C>, interestOps: number, attachment: unknown) {
    this.channel = channel
    this.owner = owner
    this.interest = interestOps
    this.attached = attachment
  }

  /** Not cancelled, and the channel is open. */
  isValid(): boolean {
    return !this.cancelled && this.channel.isOpen()
  }

  /** Ends the tie; the channel stays as it is. */
  cancel(): void {
    if (this.cancelled) return
    this.cancelled = true
    this.ready = 0
    this.owner.forget(this)
  }

  interestOps(): number {
    this.ensureValid()
    return this.interest
  }

  setInterestOps(ops: number): void {
    this.ensureValid()
    if (this.interest === ops) return
    this.interest = ops
    this.owner.mark(this)
  }

  /** What the last `select` found. */
  readyOps(): number {
    return this.ready
  }

  /** What `select` would find now; remembers it as `readyOps`. */
  updateReadyOps(): number {
    this.ready = this.isValid() ? this.channel.readyOps() & this.interest : 0
    return this.ready
  }

  isConnectable(): boolean {
    return (this.ready & SelectionKey.OP_CONNECT) !== 0
  }

  isReadable(): boolean {
    return (this.ready & SelectionKey.OP_READ) !== 0
  }

  isWritable(): boolean {
    return (this.ready & SelectionKey.OP_WRITE) !== 0
  }

  isAcceptable(): boolean {
    return (this.ready & SelectionKey.OP_ACCEPT) !== 0
  }

  /** Whatever belongs to this channel: its `KafkaChannel`. `null` takes it away. */
  attach(attachment: unknown): void {
    this.attached = attachment
  }

  attachment(): unknown {
    return this.attached
  }

  private ensureValid(): void {
    if (!this.isValid()) {
      throw new CancelledKeyException('The selection key was cancelled or its channel closed.')
    }
  }
}
