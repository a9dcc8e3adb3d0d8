/**
 * One direction between two hosts of a `MemoryNetwork`: how it behaves, and who uses it.
 */

import type { Random } from '../../common/Random.ts'

/** A number, or from … to, drawn anew each time. */
export type Range = number | readonly [from: number, to: number]

export interface LinkSettings {
  /** How long a segment travels, in milliseconds. Default 0: one turn of the event loop. */
  latencyMs: Range
  /** Bytes that leave in a millisecond; default without limit. */
  bytesPerMs: number
  /** How many bytes travel together; small ones tear frames apart. Default 65,536. */
  segmentBytes: Range
  /** How likely a segment breaks the connection; a part of it still arrives. Default 0. */
  breakChance: number
  /**
   * How long a sender waits before it sends a lost segment again, in milliseconds. Default 200: the
   * least that Linux waits. RFC 6298.
   */
  retransmitMs: number
}

export const DEFAULT_LINK: LinkSettings = {
  latencyMs: 0,
  bytesPerMs: Number.POSITIVE_INFINITY,
  segmentBytes: 65_536,
  breakChance: 0,
  retransmitMs: 200,
}

/** One direction of a connection, as its link sees it. */
export interface LinkUser {
  /** The link is usable again. */
  resume(): void
  /** Breaks the whole connection. */
  break(): void
}

export class MemoryLink {
  readonly from: string
  readonly to: string
  settings: LinkSettings
  /** Segments wait until this is over, as TCP would send them again and again. */
  blocked = false
  /** After so many more bytes the connection that carries them breaks. */
  bytesUntilCut: number | undefined
  /** So many of the next segments that carry bytes are lost once. */
  losses = 0
  /** The directions of connections that use this link, oldest first. */
  readonly pipes = new Set<LinkUser>()
  private readonly random: Random
  /** The wire is one for all who use it: the next segment leaves after this moment. */
  private busyUntilMs = 0

  constructor(from: string, to: string, settings: LinkSettings, random: Random) {
    this.from = from
    this.to = to
    this.settings = settings
    this.random = random
  }

  /** When a segment of `bytes` that is sent at `nowMs` arrives. */
  arrivalMs(nowMs: number, bytes: number): number {
    this.busyUntilMs = Math.max(this.busyUntilMs, nowMs) + bytes / this.settings.bytesPerMs
    return this.busyUntilMs + this.latencyMs()
  }

  /** One travel of something without size, in milliseconds. */
  latencyMs(): number {
    const { latencyMs } = this.settings
    if (typeof latencyMs === 'number') return latencyMs
    return latencyMs[0] + this.random.nextDouble() * (latencyMs[1] - latencyMs[0])
  }

  /** How many bytes the next segment may have. */
  nextSegmentBytes(): number {
    const { segmentBytes } = this.settings
    if (typeof segmentBytes === 'number') return Math.max(1, segmentBytes)
    const [from, to] = segmentBytes
    return Math.max(1, from + this.random.nextInt(to - from + 1))
  }

  /** Whether the next segment breaks the connection, and how much of it arrives: a share of 1. */
  nextBreak(): number | undefined {
    const { breakChance } = this.settings
    if (breakChance <= 0 || this.random.nextDouble() >= breakChance) return undefined
    return this.random.nextDouble()
  }

  /** By how much the next segment is late, in milliseconds: the first try may be lost. */
  nextDelayMs(): number {
    if (this.losses === 0) return 0
    this.losses--
    return this.settings.retransmitMs
  }

  setBlocked(blocked: boolean): void {
    const healed = this.blocked && !blocked
    this.blocked = blocked
    if (healed) for (const pipe of this.pipes) pipe.resume()
  }
}
