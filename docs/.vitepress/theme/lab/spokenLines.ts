/// <reference path="../../shims.d.ts" />
/**
 * The line that spoke: for every event of the trace bus, the code that emits it. A chunk of its
 * own, made at build from the source, loaded when a lab first shows it.
 */

export interface SpokenLine {
  /** `Class.method`. */
  readonly station: string
  /** From the repository's root. */
  readonly path: string
  /** The number in the file of the first of `lines`. */
  readonly firstLine: number
  /** The number in the file of the line that emits the event. */
  readonly litLine: number
  /** Highlighted HTML, with the classes `kw`, `st`, `cm` and `nu`. */
  readonly lines: readonly string[]
}

/** By the event's name. */
export type SpokenLines = Readonly<Record<string, SpokenLine>>

export const loadSpokenLines = async (): Promise<SpokenLines> =>
  (await import('virtual:spoken-lines')).default
