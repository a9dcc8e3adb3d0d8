/**
 * A walk through a chapter's demo with a debugger: where to stop, what to look at, and why.
 *
 *     defineTour({                                       npm run tour 6              tour.json
 *       title: 'A record finds its batch',      ──►      runs the demo,     ──►      the page
 *       stops: [{ at, line, when, watch, why }, …]       stops, looks                plays it
 *     })                                                      └──► an entry in .vscode/launch.json
 *
 * A stop names a symbol, not a line number, so a tour outlives an edit of the source above it. What
 * the debugger saw there is recorded, never written by hand.
 *
 * I1  Stops are met in the order of the list: each is looked for after the one before.
 * I2  A stop stands *before* its line: what the line computes is not there yet.
 */

/** One place to stand. */
export interface TourStop {
  /** A symbol with a body, as a listing names it: `RecordAccumulator.append`, `File#function`. */
  readonly at: string
  /**
   * Words that stand in the line to stop at: a line of the symbol's body that consists of them,
   * else the first that has them. The stop is the start of the statement that they are in (or, in
   * `(batch) => batch.isFull()`, of what stands behind the arrow). Default: the first statement.
   */
  readonly line?: string
  /**
   * JavaScript that must be truthy at the line: `record.topic === "a"`. It sees what the line sees:
   * parameters, locals, `this`, and what the module imports and uses there.
   */
  readonly when?: string
  /** Stop at the nth time that the line is passed (and `when` holds). Default 1. */
  readonly hit?: number
  /** Expressions to show, in the order of the table. They may call what changes nothing. */
  readonly watch: readonly string[]
  /** One sentence: what the reader sees here, and why it matters. */
  readonly why: string
}

export interface Tour {
  /** Of the walk, without the chapter's number. */
  readonly title: string
  readonly stops: readonly TourStop[]
}

/** A function that a stop stands in, or that called it. */
export interface TourFrame {
  /** `RecordAccumulator.append`; of a function without a name, where it is written: `in …`. */
  readonly name: string
  /** From the repository's root. */
  readonly path: string
  /** From 1. */
  readonly line: number
  /** In an earlier turn of the event loop: it awaits what stands above it, or only started it. */
  readonly earlier?: true
}

/** What the debugger saw at one stop. */
export interface RecordedStop {
  readonly at: string
  readonly path: string
  /** From 1. */
  readonly line: number
  /** The text of that line. */
  readonly code: string
  readonly why: string
  /** By the watched expression, printed short. */
  readonly values: Readonly<Record<string, string>>
  /** The stop's own function first. */
  readonly stack: readonly TourFrame[]
  /** What the demo had written by then: so many characters of `tour.json`'s `output`. */
  readonly printed: number
}

/** `tour.json`. */
export interface RecordedTour {
  readonly title: string
  readonly stops: readonly RecordedStop[]
  /** What the demo had written when the last stop was met. */
  readonly output: string
}

/**
 * Checks what can be checked without running.
 *
 * @throws Error when there is no stop, or one that says nothing
 */
export const defineTour = (tour: Tour): Tour => {
  if (tour.stops.length === 0) throw new Error(`the tour '${tour.title}' has no stop`)
  tour.stops.forEach(({ at, hit = 1, watch, why }, index) => {
    const stop = `stop ${index + 1} of the tour '${tour.title}', ${at}`
    if (why.trim() === '') throw new Error(`${stop}, does not say why it is one`)
    if (!Number.isInteger(hit) || hit < 1) throw new Error(`${stop}: hit counts from 1, not ${hit}`)
    if (new Set(watch).size < watch.length) throw new Error(`${stop}, watches something twice`)
  })
  return tour
}
