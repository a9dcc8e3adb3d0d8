/**
 * A run of versions, written as Kafka writes it: `'3+'` from 3 on, `'0-12'` from 0 to 12, `'5'`
 * only 5, `'none'` never.
 *
 * Everything in a schema that depends on the version is said with one of these: in which versions a
 * message exists, from which on it is written in the compact ("flexible") way, in which versions a
 * field is there, and in which it may be null.
 *
 * @kafka org.apache.kafka.message.Versions
 */

import { IllegalArgumentException } from '../../common/errors.ts'

/** The text form, checked by the compiler. */
export type VersionsText = `${number}` | `${number}+` | `${number}-${number}` | 'none'

/** Above every version that can be: versions are 16-bit. */
const MAX = 0x7fff

export class VersionRange {
  static readonly NONE = new VersionRange(0, -1)
  static readonly ALL = new VersionRange(0, MAX)

  /** The lowest and the highest version, both included. */
  readonly min: number
  readonly max: number

  private constructor(min: number, max: number) {
    this.min = min
    this.max = max
  }

  static parse(text: VersionsText): VersionRange {
    if (text === 'none') return VersionRange.NONE
    const [from, to] = text.endsWith('+') ? [text.slice(0, -1), String(MAX)] : text.split('-')
    const min = Number(from)
    const max = to === undefined ? min : Number(to)
    if (!Number.isInteger(min) || !Number.isInteger(max) || max < min) {
      throw new IllegalArgumentException(`'${text}' is no range of versions, such as 3+ or 0-12`)
    }
    return new VersionRange(min, max)
  }

  contains(version: number): boolean {
    return version >= this.min && version <= this.max
  }

  isEmpty(): boolean {
    return this.max < this.min
  }

  toString(): VersionsText {
    if (this.isEmpty()) return 'none'
    if (this.max === MAX) return `${this.min}+`
    return this.min === this.max ? `${this.min}` : `${this.min}-${this.max}`
  }
}
