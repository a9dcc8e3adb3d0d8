/**
 * Which lines of a source file count: those a reader gains something from.
 *
 *     import { ByteBuffer } from './ByteBuffer.ts'     no   an import says only where a name lives
 *                                                      no   blank
 *     /**                                              no   opens a comment
 *      * Lends memory to batches.                      yes  a comment is half of the explanation
 *      *                                               no   blank, inside a comment
 *     export class BufferPool {                        yes
 *       free = new ArrayDeque<ByteBuffer>()            yes
 *     })                                               no   brackets, commas and semicolons alone
 *
 * The rule looks at lines, not at a syntax tree: it is asked for every file of `src/` in every
 * `npm test`.
 *
 * I1  A line is counted or not whatever page it is on: what is shown and what is told are measured
 *     against the same lines.
 */

const BLANK = /^\s*(?:\/\*\*?|\*\/|\*|\/\/)?\s*$/
const BRACKETS = /^[\s()[\]{},;]*$/
const IMPORT = /^import\b(?!\s*\()/
const IMPORT_ENDS = /['"]\s*(?:with\s*\{.*\})?;?\s*$/

/** The lines of `text`; the end of its last one begins no further one. */
export const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n')

/** The numbers, from 1, of the lines that belong to an import. */
export const importLines = (lines: readonly string[]): Set<number> => {
  const found = new Set<number>()
  let inside = false
  for (const [at, line] of lines.entries()) {
    inside ||= IMPORT.test(line)
    if (!inside) continue
    found.add(at + 1)
    inside = !IMPORT_ENDS.test(line)
  }
  return found
}

/** The numbers, from 1, of the lines that count. */
export const countedLines = (lines: readonly string[]): Set<number> => {
  const imports = importLines(lines)
  const counts = (line: string): boolean => !BLANK.test(line) && !BRACKETS.test(line)
  return new Set(
    lines.flatMap((line, at) => (counts(line) && !imports.has(at + 1) ? [at + 1] : [])),
  )
}
