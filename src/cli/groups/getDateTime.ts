/**
 * A moment as `--to-datetime` takes it: `2026-11-23T05:16:50.000`, of UTC unless it ends with a
 * zone such as `+02:00`, `+0200`, `+02` or `Z`.
 *
 * @kafka org.apache.kafka.common.utils.Utils
 */

import { CommandFailure } from './CommandFailure.ts'

const FORMAT = new RegExp(
  '^(\\d{1,4})-(\\d{1,2})-(\\d{1,2})T(\\d{1,2}):(\\d{1,2}):(\\d{1,2})\\.(\\d{1,3})' +
    '(Z|[-+]\\d{2}(?::?\\d{2})?)?$',
)

const MS_PER_MINUTE = 60_000

/**
 * @returns milliseconds since 1970
 * @throws CommandFailure for another form, or a day that no calendar has
 */
export const getDateTime = (text: string): number => {
  const match = FORMAT.exec(text)
  if (match === null) throw refusal(text)
  const [year, month, day, hour, minute, second, ms] = match.slice(1, 8).map(Number)
  const utcMs = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!, ms!)
  // A 31st of February would quietly become a day in March.
  const date = new Date(utcMs)
  const same = date.getUTCMonth() === month! - 1 && date.getUTCDate() === day!
  if (!same || hour! > 23 || minute! > 59 || second! > 59) throw refusal(text)
  return utcMs - zoneMinutes(match[8] ?? 'Z') * MS_PER_MINUTE
}

const zoneMinutes = (zone: string): number => {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0)
  return zone.startsWith('-') ? -minutes : minutes
}

const refusal = (text: string): CommandFailure =>
  new CommandFailure(
    `Unparseable date: "${text}". Write it as in 2026-01-31T12:00:00.000, of UTC, or with a zone.`,
  )
