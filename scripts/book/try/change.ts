/** A mutation as one reads it: the lines as they were, and as they are. */

import type { BreakIt } from './BreakIt.ts'
import { mutated } from './definitions.ts'

export interface Change {
  /** Of the first changed line, from 1. */
  readonly line: number
  /** Whole lines, without the indentation that all of them have. */
  readonly before: readonly string[]
  readonly after: readonly string[]
}

export const change = (text: string, breakIt: BreakIt): Change => {
  const at = text.indexOf(breakIt.find)
  const first = text.slice(0, at).split('\n').length - 1
  const length = breakIt.find.split('\n').length
  const before = text.split('\n').slice(first, first + length)
  const after = mutated(text, breakIt)
    .split('\n')
    .slice(first, first + Math.max(length, breakIt.replace.split('\n').length))
  const all = [...before, ...after].filter((line) => line.trim() !== '')
  const indent = Math.min(...all.map((line) => line.length - line.trimStart().length))
  const outdented = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.slice(indent)).filter((line, i) => line !== '' || i === 0)
  return { line: first + 1, before: outdented(before), after: outdented(after) }
}
