/**
 * For every event of the trace bus, the lines around the call that emits it, as a module of its
 * own: `virtual:spoken-lines`. A lab shows the line that spoke last, and loads this when it needs
 * it.
 */

import type { Plugin } from 'vite'
import { TRACE_POINTS } from '../../../src/common/TraceEvents.ts'
import type { SpokenLines } from '../theme/lab/spokenLines.ts'
import { highlightLines } from './highlight.ts'
import { symbols } from './project.ts'

const NAME = 'virtual:spoken-lines'
const MOST_LINES = 24
/** Of those, before the line that speaks. */
const LEAD = 15

export const spokenLines = (): Plugin => ({
  name: 'spoken-lines',
  resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
  load: (id) => (id === `\0${NAME}` ? `export default ${JSON.stringify(makeSpokenLines())}` : null),
})

export const makeSpokenLines = (): SpokenLines =>
  Object.fromEntries(
    Object.entries(TRACE_POINTS).map(([event, station]) => [event, spoken(event, station)]),
  )

const spoken = (event: string, station: string): SpokenLines[string] => {
  const asked = { name: station, from: null, to: null }
  const { path, parts } = symbols().listing(asked, 'TRACE_POINTS')
  const [part] = parts
  const litLine = symbols().lineOfString(station, event)
  if (part === undefined || litLine === null) {
    throw new Error(`${station} is said to emit '${event}', and does not name it`)
  }
  const length = part.lines.length
  const lit = litLine - part.firstLine
  const from = Math.max(0, Math.min(lit - LEAD, length - MOST_LINES))
  // The whole method is highlighted: a window could begin inside a comment.
  const lines = highlightLines(part.lines.join('\n')).slice(from, from + MOST_LINES)
  return { station, path, firstLine: part.firstLine + from, litLine, lines }
}
