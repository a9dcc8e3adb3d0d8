/**
 * Waits until one of many channels is ready, and says which: the heart of every poll loop.
 *
 *     onReady / interest ─► marked ──select──► selected ──► the poll loop does the work
 *        (any time)           │  a key that turns out not to be ready is dropped from `marked`,
 *                             └─ and comes back when its channel calls or its interest changes
 *
 * A `select` never looks at channels that nothing happened to, so 2,000 idle connections cost
 * nothing. It always gives the event loop one turn, even when everything is ready: the turn is what
 * lets sockets be read, timers fire and other loops run, so nobody starves. All that became ready
 * in one turn of the event loop is found by one `select`.
 *
 * I1  At most one `select` is under way.
 * I2  A key whose channel is ready for something that is asked for is in `marked`.
 * I3  `select` ends in a turn of its own, never inside a caller or a socket's callback.
 *
 * @kafka java.nio.channels.Selector
 * @simplified `selectedKeys` holds what the last `select` found, not what piled up since it was
 *   cleared; a cancelled key is gone at once, not with the next `select`.
 */

import { IllegalArgumentException, IllegalStateException } from '../../common/errors.ts'
import type { Scheduled, Time } from '../../common/Time.ts'
import { type KeyOwner, SelectionKey } from './SelectionKey.ts'
import type { SelectableChannel } from './SocketChannel.ts'

/** A selector was used after it was closed. */
export class ClosedSelectorException extends IllegalStateException {}

/** @typeParam C what it watches: sockets, or listening sockets. */
export class NioSelector<C extends SelectableChannel = SelectableChannel> implements KeyOwner<C> {
  private readonly time: Time
  private readonly registered = new Set<SelectionKey<C>>()
  private readonly marked = new Set<SelectionKey<C>>()
  private readonly selected = new Set<SelectionKey<C>>()
  private readonly finish: () => void
  /** Ends the `select` that is under way. */
  private resolve: ((readyKeys: number) => void) | undefined
  /** The deadline of a `select` that waits; without one, its last turn is on its way. */
  private deadline: Scheduled | undefined
  private lastTurn: Scheduled | undefined
  private woken = false
  private open = true

  constructor(time: Time) {
    this.time = time
    this.finish = () => this.finishSelect()
  }

  /** Watches `channel` for `ops`; it must not be watched by another selector. */
  register(channel: C, ops: number, attachment: unknown = null): SelectionKey<C> {
    this.ensureOpen()
    if (channel.onReady !== undefined) {
      throw new IllegalStateException('The channel is registered with a selector already.')
    }
    const key = new SelectionKey(channel, this, ops, attachment)
    channel.onReady = () => this.mark(key)
    this.registered.add(key)
    this.mark(key)
    return key
  }

  /**
   * Waits until a key is ready, `wakeup` is called, or `timeoutMs` have passed.
   *
   * @param timeoutMs milliseconds; 0 means one turn of the event loop
   * @returns how many keys are ready
   */
  select(timeoutMs: number): Promise<number> {
    this.ensureOpen()
    if (timeoutMs < 0) throw new IllegalArgumentException(`Negative timeout: ${timeoutMs}`)
    if (this.resolve !== undefined) {
      throw new IllegalStateException('A select is under way: one loop per selector.')
    }
    return new Promise((resolve) => {
      this.resolve = resolve
      if (timeoutMs === 0 || this.woken || this.anyReady()) this.endWithTurn()
      else this.deadline = this.time.schedule(timeoutMs, this.finish)
    })
  }

  /** One turn of the event loop, without waiting for anything. */
  selectNow(): Promise<number> {
    return this.select(0)
  }

  /** Ends the `select` that is under way, or the next one, without waiting. */
  wakeup(): void {
    this.woken = true
    this.endWithTurn()
  }

  keys(): ReadonlySet<SelectionKey<C>> {
    return this.registered
  }

  /** What the last `select` found, in the order in which the keys became ready. */
  selectedKeys(): Set<SelectionKey<C>> {
    return this.selected
  }

  isOpen(): boolean {
    return this.open
  }

  /** Lets go of all channels, without closing them. A `select` under way ends with 0. */
  close(): void {
    if (!this.open) return
    this.open = false
    for (const key of this.registered) key.cancel()
    this.deadline?.cancel()
    this.lastTurn?.cancel()
    this.deadline = this.lastTurn = undefined
    const { resolve } = this
    this.resolve = undefined
    resolve?.(0)
  }

  /** `key` may be ready now. */
  mark(key: SelectionKey<C>): void {
    this.marked.add(key)
    if (this.deadline !== undefined && key.updateReadyOps() !== 0) this.endWithTurn()
  }

  forget(key: SelectionKey<C>): void {
    key.channel.onReady = undefined
    this.registered.delete(key)
    this.marked.delete(key)
    this.selected.delete(key)
  }

  private anyReady(): boolean {
    for (const key of this.marked) {
      if (key.updateReadyOps() !== 0) return true
    }
    return false
  }

  /** From waiting to the last turn. One turn more, not at once: others may become ready in it. */
  private endWithTurn(): void {
    if (this.resolve === undefined || this.lastTurn !== undefined) return
    this.deadline?.cancel()
    this.deadline = undefined
    this.lastTurn = this.time.schedule(0, this.finish)
  }

  private finishSelect(): void {
    this.deadline = this.lastTurn = undefined
    this.woken = false
    this.selected.clear()
    for (const key of this.marked) {
      // A ready key stays marked: the loop may leave bytes behind, and no callback would come.
      if (key.updateReadyOps() !== 0) this.selected.add(key)
      else if (key.isValid()) this.marked.delete(key)
      else key.cancel() // its channel was closed
    }
    const { resolve } = this
    this.resolve = undefined
    resolve?.(this.selected.size)
  }

  private ensureOpen(): void {
    if (!this.open) throw new ClosedSelectorException('The selector is closed.')
  }
}
