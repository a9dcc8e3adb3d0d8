/**
 * What the recorder, the program that it debugs and the debugger in it say to each other.
 *
 *     recorder ──job (argument)──► demo's thread ◄──V8's inspector── debugger's thread
 *        ▲                                                                 │
 *        └───────────────── one line of JSON on descriptor 3 ──────────────┘
 */

/** What the demo's thread keeps where breakpoints' conditions and watched expressions find it. */
export const GATE = 'annotated-kafka.tour'

/** Lines and columns from 1. */
export interface StopJob {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly when: string | null
  readonly hit: number
  readonly watch: readonly string[]
}

export interface Job {
  /** The module that exports `demo`. */
  readonly demo: string
  readonly stops: readonly StopJob[]
}

/** Where V8 says that a function stands: of the repository's own files only. From 1. */
export interface SeenFrame {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly earlier: boolean
}

export interface SeenStop {
  readonly values: readonly { readonly text: string; readonly failed: boolean }[]
  readonly frames: readonly SeenFrame[]
  readonly printed: number
}

export type Message =
  | { readonly kind: 'walked'; readonly stops: readonly SeenStop[]; readonly output: string }
  | {
      readonly kind: 'missed'
      readonly stop: number
      readonly passed: number
      readonly held: number
    }
  | { readonly kind: 'condition'; readonly stop: number; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string }

/** The state of the walk in the demo's thread. */
export interface Gate {
  /**
   * The condition of the stop's breakpoint: counts, and holds at the wanted time.
   *
   * @param when `null`: always
   */
  pass(stop: number, when: (() => unknown) | null): boolean
  show(value: unknown): string
  told(): string
  /** The error of a condition that threw, as text; '' for none. */
  trouble(): string
}
