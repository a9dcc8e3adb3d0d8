/**
 * A recorded tour in the terminal: stop by stop, the line lit, the values below it.
 */

import pc from 'picocolors'
import type { RecordedStop, RecordedTour, Tour } from '../../../lab/Tour.ts'

const WIDTH = 90
/** Lines of code around the lit one. */
const AROUND = 3
const MAX_CALLERS = 6

/** @param linesOf the lines of a file, by its path from the root */
export const tourText = (
  { title, stops, output }: RecordedTour,
  linesOf: (path: string) => readonly string[],
): string => {
  const parts = stops.map((stop, i) => {
    const head = pc.bold(`${i + 1} of ${stops.length}  ${stop.at}`)
    const place = pc.dim(`${stop.path}:${stop.line}`)
    const printed = output.slice(stops[i - 1]?.printed ?? 0, stop.printed)
    return [
      `${head}  ${place}`,
      ...wrapped(stop.why, WIDTH - 2).map((line) => `  ${line}`),
      '',
      ...codeAround(stop, linesOf(stop.path)),
      '',
      ...valuesOf(stop),
      ...callersOf(stop),
      ...(printed === '' ? [] : [pc.dim('  printed since'), indented(printed)]),
      '',
    ].join('\n')
  })
  return `${pc.bold(title)}\n\n${parts.join('\n')}`
}

const codeAround = ({ line }: RecordedStop, lines: readonly string[]): string[] => {
  const first = Math.max(1, line - AROUND)
  return lines.slice(first - 1, line + AROUND).map((text, i) => {
    const number = first + i
    const row = `${number === line ? '►' : ' '} ${String(number).padStart(4)}  ${text}`
    return number === line ? pc.inverse(row) : pc.dim(row)
  })
}

const valuesOf = ({ values }: RecordedStop): string[] => {
  const names = Object.keys(values)
  const width = Math.max(...names.map((name) => name.length), 0)
  return names.map((name) => `  ${name.padEnd(width)}  ${pc.green(values[name] ?? '')}`)
}

const callersOf = ({ stack }: RecordedStop): string[] => {
  const callers = stack.slice(1, 1 + MAX_CALLERS)
  const names = callers.map(({ name, earlier }) => ` ← ${earlier ? 'earlier ' : ''}${name}`)
  const text = names.join('').trim()
  return text === '' ? [] : wrapped(text, WIDTH - 2).map((line) => pc.dim(`  ${line}`))
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `  │ ${line}`)
    .join('\n')

const wrapped = (text: string, width: number): string[] => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width || line === '') lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** The stops as they are written. */
export const listText = ({ title, stops }: Tour): string =>
  `${pc.bold(title)}\n${stops
    .map(({ at, line, when, hit, why }, i) => {
      const words = line === undefined ? '' : pc.dim(`  ${line}`)
      const condition = when === undefined ? '' : pc.dim(`  when ${when}`)
      const time = hit === undefined ? '' : pc.dim(`  hit ${hit}`)
      const sentence = wrapped(why, WIDTH - 5).map((text) => `     ${text}\n`)
      return `${String(i + 1).padStart(3)}  ${at}${words}${condition}${time}\n${sentence.join('')}`
    })
    .join('')}`
