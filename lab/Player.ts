/**
 * The hand on the clock: where in a story the reader stands, and how it is played.
 *
 *     story      ●───●───●────────────────●───●─────────●
 *     virtual    0   0   0 ms             20  20        40 ms    nearly all at once, then nothing
 *     played     0  0.7 1.4              3.4 4.1       6.1 s    each step gets its beat
 *
 * Virtual time is no good to watch: ten things happen in a microsecond and then nothing for twenty
 * milliseconds. So each line has a beat of its own, and a wait between two lines is played as a
 * glide of the clock, longer for a longer wait but never long. What is drawn from the clock,
 * packets on a wire, moves during the glide.
 *
 * I1  The clock never shows more than the next line's time before that line has been reached.
 * I2  It moves only while something is played; a player at its end stands still.
 */

/** What a player needs of a line. */
export interface Beat {
  readonly atMs: number
}

/** How long a line stands before the next one may come, in milliseconds of the reader's time. */
export const BEAT_MS = 750
/** The longest glide between two lines. */
export const MAX_GLIDE_MS = 2400
const GLIDE_MS_PER_DOUBLING = 420

/** How long a wait of `virtualMs` is played. */
export const glideMs = (virtualMs: number): number =>
  virtualMs < 0.05 ? 0 : Math.min(MAX_GLIDE_MS, GLIDE_MS_PER_DOUBLING * Math.log2(1 + virtualMs))

export class Player {
  private lines: readonly Beat[] = []
  /** The last line reached; -1: none. */
  position = -1
  /** Milliseconds of the reader's time since that line was reached. */
  private sinceMs = 0
  playing = false
  speed = 1
  beatMs = BEAT_MS

  /** The lines to play; what was reached stays reached. */
  setLines(lines: readonly Beat[]): void {
    this.lines = lines
    if (this.position >= lines.length) this.seek(lines.length - 1)
  }

  get atEnd(): boolean {
    return this.position >= this.lines.length - 1
  }

  /** The clock, in virtual milliseconds. */
  get clockMs(): number {
    const here = this.lines[this.position]?.atMs ?? 0
    const next = this.lines[this.position + 1]?.atMs
    if (next === undefined || next <= here) return here
    const glided = this.sinceMs - this.beatMs
    return glided <= 0 ? here : here + (next - here) * Math.min(1, glided / glideMs(next - here))
  }

  /** Plays on from here; from the beginning when it stands at the end. */
  play(): void {
    if (this.atEnd) this.seek(-1)
    this.playing = this.lines.length > 0
  }

  pause(): void {
    this.playing = false
  }

  seek(position: number): void {
    this.position = Math.max(-1, Math.min(position, this.lines.length - 1))
    this.sinceMs = 0
    if (this.atEnd) this.playing = false
  }

  /** `elapsedMs` of the reader's time have passed. Returns whether anything has changed. */
  tick(elapsedMs: number): boolean {
    if (!this.playing) return false
    this.sinceMs += elapsedMs * this.speed
    for (;;) {
      const lengthMs = this.lengthMs()
      if (lengthMs === undefined) break
      if (this.sinceMs < lengthMs) return true
      this.position++
      this.sinceMs -= lengthMs
    }
    this.sinceMs = 0
    this.playing = false
    return true
  }

  /** How long the way from this line to the next is played; `undefined` at the end. */
  private lengthMs(): number | undefined {
    const next = this.lines[this.position + 1]
    if (next === undefined) return undefined
    if (this.position < 0) return 0
    const waitMs = next.atMs - this.lines[this.position]!.atMs
    return this.beatMs + glideMs(waitMs)
  }
}
