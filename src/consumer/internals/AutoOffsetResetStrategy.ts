/**
 * Where to start when there is no offset to start from, or the one at hand is no longer in the log:
 * the setting `auto.offset.reset`, parsed.
 *
 *     earliest              the log's first record
 *     latest                whatever comes next
 *     by_duration:PT1H      the first record of the last hour (ISO 8601, KIP-1106)
 *     none                  an error: the caller decides
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy
 * @simplified `timestamp` is given the clock's reading instead of asking the machine.
 */

import { IllegalArgumentException } from '../../common/errors.ts'
import { ListOffsetsRequest } from '../../protocol/messages/ListOffsets.ts'

export type StrategyType = 'earliest' | 'latest' | 'none' | 'by_duration'

const BY_DURATION = 'by_duration'
const MS_PER_DAY = 86_400_000
const MS_PER_HOUR = 3_600_000
const MS_PER_MINUTE = 60_000

export class AutoOffsetResetStrategy {
  static readonly EARLIEST = new AutoOffsetResetStrategy('earliest', null)
  static readonly LATEST = new AutoOffsetResetStrategy('latest', null)
  static readonly NONE = new AutoOffsetResetStrategy('none', null)

  /** How `fromString` is documented, for error messages. */
  static readonly ALLOWED = '[latest, earliest, none, by_duration:PnDTnHnMn.nS]'

  readonly type: StrategyType
  /** For `by_duration`: how far back; else `null`. */
  readonly durationMs: number | null

  private constructor(type: StrategyType, durationMs: number | null) {
    this.type = type
    this.durationMs = durationMs
  }

  /** @throws IllegalArgumentException for anything that is not one of the four forms */
  static fromString(text: string): AutoOffsetResetStrategy {
    switch (text) {
      case 'earliest':
        return AutoOffsetResetStrategy.EARLIEST
      case 'latest':
        return AutoOffsetResetStrategy.LATEST
      case 'none':
        return AutoOffsetResetStrategy.NONE
    }
    if (text === BY_DURATION) {
      throw new IllegalArgumentException(
        "The duration is missing in 'by_duration'; write for example 'by_duration:PT1H'.",
      )
    }
    if (text.startsWith(`${BY_DURATION}:`)) {
      const durationMs = parseIsoDuration(text.slice(BY_DURATION.length + 1))
      if (durationMs === null) {
        throw new IllegalArgumentException(
          `'${text}' has no duration of ISO 8601; write for example 'by_duration:P1DT12H'.`,
        )
      }
      if (durationMs < 0) {
        throw new IllegalArgumentException(`'${text}' has a negative duration.`)
      }
      return new AutoOffsetResetStrategy(BY_DURATION, durationMs)
    }
    throw new IllegalArgumentException(`Unknown auto offset reset strategy: '${text}'`)
  }

  /**
   * What to ask ListOffsets for.
   *
   * @param nowMs milliseconds since 1970, what a duration counts back from
   * @returns `null` for `none`
   */
  timestamp(nowMs: number): number | null {
    switch (this.type) {
      case 'earliest':
        return ListOffsetsRequest.EARLIEST_TIMESTAMP
      case 'latest':
        return ListOffsetsRequest.LATEST_TIMESTAMP
      case 'by_duration':
        return Math.floor(nowMs - this.durationMs!)
      case 'none':
        return null
    }
  }

  equals(other: AutoOffsetResetStrategy): boolean {
    return this.type === other.type && this.durationMs === other.durationMs
  }

  toString(): string {
    const duration = this.durationMs === null ? '' : `, duration=${this.durationMs} ms`
    return `AutoOffsetResetStrategy{type=${this.type}${duration}}`
  }
}

/** Sign, days, hours, minutes, seconds. */
const ISO_DURATION = new RegExp(
  '^([-+]?)P(?:([-+]?\\d+)D)?' +
    '(?:T(?:([-+]?\\d+)H)?(?:([-+]?\\d+)M)?(?:([-+]?\\d+(?:[.,]\\d{0,9})?)S)?)?$',
  'i',
)

/**
 * `PnDTnHnMn.nS` in milliseconds, with signs as Java's `Duration.parse` takes them; `null` when it
 * is not one.
 */
export const parseIsoDuration = (text: string): number | null => {
  const match = ISO_DURATION.exec(text)
  // The pattern alone would let 'P' and a dangling 'T' through: each part is optional, but one must
  // be there.
  if (match === null || /[PT]$/i.test(text)) return null
  const [, sign, days, hours, minutes, seconds] = match
  const ms =
    Number(days ?? 0) * MS_PER_DAY +
    Number(hours ?? 0) * MS_PER_HOUR +
    Number(minutes ?? 0) * MS_PER_MINUTE +
    Number((seconds ?? '0').replace(',', '.')) * 1000
  return sign === '-' ? -ms : ms
}
