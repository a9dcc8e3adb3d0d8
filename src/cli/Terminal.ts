/** The terminal and the disk as the commands see them: a test brings its own. */
export interface Terminal {
  readonly write: (text: string) => void
  readonly writeBytes: (bytes: Uint8Array) => void
  readonly writeError: (text: string) => void
  /** The lines of a file; default: of standard input. */
  readonly readLines: (file?: string) => AsyncIterable<string>
  /** A whole file, as text. */
  readonly readFile: (path: string) => Promise<string>
  readonly inputIsTerminal: () => boolean
  readonly outputColumns: () => number
  /** Resolves when somebody wants the command to end. */
  readonly interrupted: () => Promise<void>
  /** Resolves when standard output takes no more: whoever read it has gone, as `head` does. */
  readonly outputClosed: () => Promise<void>
  readonly setExitCode: (code: number) => void
}
