/**
 * The stations of a record, for a person or for a program.
 */

import picocolors from 'picocolors'
import type { Station } from './stations.ts'

const { createColors, isColorSupported } = picocolors

/** One JSON object per line. */
export const stationAsJson = (record: number, station: Station): string => {
  const { at, ...rest } = station
  return JSON.stringify({ record, ...rest, at: round(at) })
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000

/**
 * A table: when, who, where; what went in and came out, on a line of its own where the terminal is
 * narrow.
 *
 * @param columns of the terminal; infinite when the output is no terminal, and has no colours then
 */
export const stationsAsText = (
  title: string,
  stations: readonly Station[],
  columns: number,
): string => {
  const pc = createColors(Number.isFinite(columns) && isColorSupported)
  const width = Math.max(...stations.map((s) => s.station.length), 0)
  const told = stations.map((s) => `${s.in} → ${s.out}${onTheWire(s)}`)
  const oneLine = columns > LEFT + width + Math.max(...told.map((text) => text.length), 0)
  const lines = stations.map((s, i) => {
    const when = `${s.at.toFixed(2)} ms`.padStart(11)
    const sameSource = i > 0 && stations[i - 1]!.source === s.source
    const who = colourOf(s.source, pc)((sameSource ? '' : s.source).padEnd(9))
    const where = pc.bold(oneLine ? s.station.padEnd(width) : s.station)
    return `${pc.dim(when)}  ${who} ${where}${oneLine ? ' ' : NEXT_LINE}${told[i]}`
  })
  return `${pc.bold(title)}\n${lines.join('\n')}\n`
}

/** What stands before the station's name: the moment and who was there. */
const LEFT = 23
const NEXT_LINE = `\n${' '.repeat(LEFT)}`

const onTheWire = ({ bytes, station }: Station): string => {
  if (bytes === undefined) return ''
  return `  ${/read|Receives/.test(station) ? '⇠' : '⇢'} ${bytes} B`
}

const colourOf = (
  source: string,
  pc: ReturnType<typeof createColors>,
): ((text: string) => string) => {
  if (source.startsWith('broker')) return pc.magenta
  return source === 'consumer' ? pc.green : pc.cyan
}
