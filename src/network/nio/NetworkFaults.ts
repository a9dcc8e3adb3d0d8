/**
 * What can go wrong between the hosts of a `MemoryNetwork`: the switches of a test or of a lab.
 *
 *     shape        slow, narrow or tearing links      partition    nothing arrives until `heal`
 *     loseNext     a segment arrives at the second try
 *     cutAfter     a connection breaks in a frame     isolate      one host alone
 *     breakConnections   all of them, now
 *
 * A packet that is lost on a real network is sent again by TCP, which shows as latency
 * (`loseNext`); when that goes on for too long, the connection breaks. So no bytes are ever missing
 * here: a program can see only those two things.
 */

import type { Random } from '../../common/Random.ts'
import { DEFAULT_LINK, type LinkSettings, MemoryLink } from './MemoryLink.ts'

export class NetworkFaults {
  private readonly random: Random
  private readonly links = new Map<string, MemoryLink>()
  private readonly partitions = new Set<string>()
  private readonly isolated = new Set<string>()
  private defaults: LinkSettings

  constructor(random: Random, settings: Partial<LinkSettings> = {}) {
    this.random = random
    this.defaults = { ...DEFAULT_LINK, ...settings }
  }

  /** Changes how all links behave, also those to come, or only those between two hosts. */
  shape(settings: Partial<LinkSettings>, between?: readonly [a: string, b: string]): void {
    if (between !== undefined) {
      for (const link of this.both(...between)) link.settings = { ...link.settings, ...settings }
      return
    }
    this.defaults = { ...this.defaults, ...settings }
    for (const link of this.links.values()) link.settings = { ...link.settings, ...settings }
  }

  /** From now on nothing gets from `a` to `b` nor back. Connections stay, and wait. */
  partition(a: string, b: string): void {
    this.partitions.add(pair(a, b))
    this.updateBlocks()
  }

  /** What was held between `a` and `b` arrives now, after the link's latency. */
  heal(a: string, b: string): void {
    this.partitions.delete(pair(a, b))
    this.updateBlocks()
  }

  /** Partitions `host` from all others. */
  isolate(host: string): void {
    this.isolated.add(host)
    this.updateBlocks()
  }

  /** Ends every partition and isolation. */
  healAll(): void {
    this.partitions.clear()
    this.isolated.clear()
    this.updateBlocks()
  }

  /** Breaks all connections between `a` and `b`, or all of `a`: both ends get an error at once. */
  breakConnections(a: string, b?: string): void {
    for (const link of this.links.values()) {
      const hit = b === undefined ? touches(link, a) : pair(link.from, link.to) === pair(a, b)
      if (hit) for (const pipe of [...link.pipes]) pipe.break()
    }
  }

  /** Lets `bytes` more bytes from `from` to `to` arrive; the connection of the next one breaks. */
  cutAfter(from: string, to: string, bytes: number): void {
    this.link(from, to).bytesUntilCut = bytes
  }

  /** The next `count` segments with bytes from `from` to `to` are lost once, and sent again. */
  loseNext(from: string, to: string, count = 1): void {
    this.link(from, to).losses += count
  }

  /** The one direction from `from` to `to`. */
  link(from: string, to: string): MemoryLink {
    const name = `${from} > ${to}`
    let link = this.links.get(name)
    if (link === undefined) {
      link = new MemoryLink(from, to, this.defaults, this.random)
      link.blocked = this.isBlocked(link)
      this.links.set(name, link)
    }
    return link
  }

  private both(a: string, b: string): MemoryLink[] {
    return a === b ? [this.link(a, b)] : [this.link(a, b), this.link(b, a)]
  }

  private updateBlocks(): void {
    for (const link of this.links.values()) link.setBlocked(this.isBlocked(link))
  }

  private isBlocked(link: MemoryLink): boolean {
    if (this.partitions.has(pair(link.from, link.to))) return true
    if (link.from === link.to) return false
    return this.isolated.has(link.from) || this.isolated.has(link.to)
  }
}

const pair = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`)

const touches = (link: MemoryLink, host: string): boolean => link.from === host || link.to === host
