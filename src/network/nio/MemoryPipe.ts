/**
 * One direction of one connection: what a sender's kernel, a wire and a receiver's window do.
 *
 *     write ─► unsent ──pump──► wire ──time.schedule──► receiver's queue ──read──► consumed
 *              by reference     copied                  │                            │
 *              (pending)        ◄────────── window: at most so many bytes ──────────►│
 *                                                       the sender may go on ◄───────┘
 *
 * I1  Everything travels through `time.schedule`, in the order in which it was sent.
 * I2  Bytes on the wire and unread ones together are at most the window: who does not read holds
 *     the sender back, and nothing grows without bound.
 * I3  While its link is blocked nothing arrives, and nothing is lost: TCP sends it again.
 * I4  A segment that is lost once holds back all that were sent behind it, as in TCP.
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import type { LinkUser, MemoryLink } from './MemoryLink.ts'

/** What travels: bytes, or one of TCP's flags. */
export type Segment = Uint8Array | 'SYN' | 'SYN_ACK' | 'FIN' | 'RST'

export interface MemoryPipeOptions {
  time: Time
  link: MemoryLink
  trace?: Trace
  /** Of the connection, the same for both directions; what the trace calls it. */
  connection?: number
  windowBytes: number
  /** A segment arrived. */
  receive: (segment: Segment) => void
  /** Everything that was written has been taken. */
  drained: () => void
  /** The network breaks the connection, for both ends. */
  broken: () => void
  /** The network breaks it behind what is on the wire: the writer knows at once. */
  writerBroken: () => void
}

export class MemoryPipe implements LinkUser {
  private readonly options: MemoryPipeOptions
  private readonly arrive: () => void
  private readonly wire: Segment[] = []
  private segmentsSent = 0
  private segmentsArrived = 0
  /** Segments whose time has come, and that a block may hold. */
  private due = 0
  private lastDueMs = 0
  private unsent: Uint8Array[] = []
  private unsentBytes = 0
  /** Bytes on the wire, and bytes that arrived but were not read. */
  private inWindow = 0
  private open = true

  constructor(options: MemoryPipeOptions) {
    this.options = options
    this.arrive = () => {
      this.due++
      this.deliver()
    }
    options.link.pipes.add(this)
  }

  /** Bytes that the wire has not taken yet. */
  pendingBytes(): number {
    return this.unsentBytes
  }

  /** Takes `buffers` by reference, and sends of them what the window lets through. */
  write(buffers: readonly Uint8Array[]): void {
    if (this.unsentBytes > 0) throw new IllegalStateException('Earlier bytes are pending.')
    for (const buffer of buffers) {
      if (buffer.length > 0) this.unsent.push(buffer)
      this.unsentBytes += buffer.length
    }
    this.pump()
  }

  /** Sends a flag behind everything that is on the wire. */
  transmit(segment: Segment): void {
    if (!this.open) return
    const { time, link } = this.options
    const nowMs = time.hiResClockMs()
    const bytes = typeof segment === 'string' ? 0 : segment.length
    // Never before what was sent earlier, whatever latency was drawn.
    const lateMs = bytes > 0 ? link.nextDelayMs() : 0
    this.lastDueMs = Math.max(this.lastDueMs, link.arrivalMs(nowMs, bytes) + lateMs)
    const arrivesMs = this.lastDueMs
    const number = this.segmentsSent++
    this.traceSegment(segment, number, arrivesMs, lateMs)
    if (lateMs > 0) {
      time.schedule(lateMs, () => {
        if (this.open) this.traceSegment(segment, number, arrivesMs, 0)
      })
    }
    this.wire.push(segment)
    time.schedule(arrivesMs - nowMs, this.arrive)
  }

  /** @param againMs above 0: this try is lost, and the next one comes so much later */
  private traceSegment(segment: Segment, number: number, arrivesMs: number, againMs: number): void {
    const { trace, link, connection = 0, time } = this.options
    if (trace?.enabled) {
      trace.emit('network.pipe.transmit', {
        from: link.from,
        to: link.to,
        connection,
        segment: number,
        ...describeSegment(segment),
        travelMs: arrivesMs - againMs - time.hiResClockMs(),
        lost: againMs > 0,
      })
    }
  }

  /** The receiver read `bytes`: the sender hears of it one latency later. */
  consumed(bytes: number): void {
    this.inWindow -= bytes
    if (this.unsentBytes === 0) return
    const { time, link } = this.options
    time.schedule(link.latencyMs(), () => this.pump())
  }

  /** The link is usable again: what was held travels anew. */
  resume(): void {
    if (this.due === 0) return
    const { time, link } = this.options
    time.schedule(link.latencyMs(), () => this.deliver())
  }

  /** Drops what was not taken; what is on the wire still arrives. */
  dropUnsent(): void {
    this.unsent = []
    this.unsentBytes = 0
  }

  /** Nothing arrives any more. */
  close(): void {
    this.open = false
    this.dropUnsent()
    this.wire.length = this.due = 0
    this.options.link.pipes.delete(this)
  }

  /** Breaks the connection that this is one direction of. */
  break(): void {
    this.options.broken()
  }

  private pump(): void {
    if (!this.open || this.unsentBytes === 0) return
    const { link, windowBytes } = this.options
    let room = windowBytes - this.inWindow
    while (this.unsentBytes > 0 && room > 0) {
      const segment = this.takeUnsent(Math.min(room, link.nextSegmentBytes(), this.unsentBytes))
      room -= segment.length
      this.inWindow += segment.length
      const share = link.nextBreak()
      if (share !== undefined) {
        this.transmit(segment.subarray(0, Math.floor(segment.length * share)))
        this.transmit('RST')
        this.options.writerBroken()
        return
      }
      this.transmit(segment)
    }
    if (this.unsentBytes === 0) this.options.drained()
  }

  /** Copies: the kernel has its own memory, and the caller's is free again. */
  private takeUnsent(count: number): Uint8Array {
    const segment = new Uint8Array(count)
    let filled = 0
    let used = 0
    while (filled < count) {
      const buffer = this.unsent[used]!
      const part = Math.min(count - filled, buffer.length)
      segment.set(part === buffer.length ? buffer : buffer.subarray(0, part), filled)
      filled += part
      if (part === buffer.length) used++
      else this.unsent[used] = buffer.subarray(part)
    }
    if (used > 0) this.unsent.splice(0, used)
    this.unsentBytes -= count
    return segment
  }

  private deliver(): void {
    const { link } = this.options
    while (this.open && this.due > 0 && !link.blocked) {
      this.due--
      this.deliverOne(this.wire.shift()!)
    }
  }

  private deliverOne(segment: Segment): void {
    const { link, receive, broken, trace, connection = 0 } = this.options
    const number = this.segmentsArrived++
    if (trace?.enabled) {
      trace.emit('network.pipe.deliver', {
        from: link.from,
        to: link.to,
        connection,
        segment: number,
        ...describeSegment(segment),
      })
    }
    const untilCut = link.bytesUntilCut
    if (untilCut === undefined || typeof segment === 'string') {
      receive(segment)
    } else if (segment.length <= untilCut) {
      link.bytesUntilCut = untilCut - segment.length
      receive(segment)
    } else {
      link.bytesUntilCut = undefined
      if (untilCut > 0) receive(segment.subarray(0, untilCut))
      broken()
    }
  }
}

const describeSegment = (segment: Segment): { kind: string; bytes: number } =>
  typeof segment === 'string'
    ? { kind: segment, bytes: 0 }
    : { kind: 'data', bytes: segment.length }
