/**
 * The part of a tour that lives in the demo's own thread: counts how often a stop's line was passed
 * and prints watched values, so that the debugger wakes only where a stop is.
 */

import type { Gate } from './protocol.ts'
import { show } from './show.ts'

export class TourGate implements Gate {
  private readonly hits: readonly number[]
  private stop = 0
  private text = ''
  private error = ''
  /** How often the line of the stop was passed, and how often its condition held. */
  passed = 0
  held = 0

  /** @param hits of each stop: the how-manieth time it wants */
  constructor(hits: readonly number[]) {
    this.hits = hits
  }

  write = (text: string): void => {
    this.text += text
  }

  /** The stop that is looked for. */
  get looking(): number {
    return this.stop
  }

  pass(stop: number, when: (() => unknown) | null): boolean {
    if (stop !== this.stop) return false
    this.passed++
    if (when !== null && !this.holds(when)) return this.error !== ''
    this.held++
    if (this.held < (this.hits[stop] ?? 1)) return false
    this.stop++
    this.passed = 0
    this.held = 0
    return true
  }

  show(value: unknown): string {
    return show(value)
  }

  told(): string {
    return this.text
  }

  trouble(): string {
    return this.error
  }

  private holds(when: () => unknown): boolean {
    try {
      return Boolean(when())
    } catch (error) {
      this.error = String(error)
      return false
    }
  }
}
