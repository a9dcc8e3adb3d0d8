/**
 * The codecs of the record format: their numbers on the wire, their names in settings, their
 * levels.
 *
 * The number takes three bits of a batch's attributes. That a codec is listed here says that Kafka
 * has it; whether this build can run it is `Compression.of`'s business.
 *
 * @kafka org.apache.kafka.common.record.internal.CompressionType
 */

import { type Validator, validator } from '../common/config/validators.ts'
import { IllegalArgumentException } from '../common/errors.ts'

/** A value of the setting `compression.type`. */
export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

interface Levels {
  readonly min: number
  readonly max: number
  readonly default: number
}

export class CompressionType {
  static readonly NONE = new CompressionType(0, 'none', null)
  /** zlib's levels; -1 stands for zlib's own choice. */
  static readonly GZIP = new CompressionType(1, 'gzip', { min: 1, max: 9, default: -1 })
  static readonly SNAPPY = new CompressionType(2, 'snappy', null)
  static readonly LZ4 = new CompressionType(3, 'lz4', { min: 1, max: 17, default: 9 })
  static readonly ZSTD = new CompressionType(4, 'zstd', { min: -131_072, max: 22, default: 3 })

  /** The number in a batch's attributes. */
  readonly id: number
  readonly name: CompressionName
  /** The ratio that is assumed before any batch was seen. */
  readonly rate = 1
  private readonly levels: Levels | null

  private constructor(id: number, name: CompressionName, levels: Levels | null) {
    this.id = id
    this.name = name
    this.levels = levels
  }

  /** All of them; the index is the `id`. */
  static values(): readonly CompressionType[] {
    return VALUES
  }

  /** @throws IllegalArgumentException when no codec has this number */
  static forId(id: number): CompressionType {
    const type = VALUES[id]
    if (type === undefined) throw new IllegalArgumentException(`Unknown compression type id: ${id}`)
    return type
  }

  /** @throws IllegalArgumentException when no codec has this name */
  static forName(name: string): CompressionType {
    const type = VALUES.find((each) => each.name === name)
    if (type === undefined) {
      const names = VALUES.map((each) => each.name).join(', ')
      throw new IllegalArgumentException(`Unknown compression name: ${name}, it is one of ${names}`)
    }
    return type
  }

  /** @throws IllegalArgumentException for a codec without levels, as the other two do */
  defaultLevel(): number {
    return this.levelsOrThrow().default
  }

  minLevel(): number {
    return this.levelsOrThrow().min
  }

  maxLevel(): number {
    return this.levelsOrThrow().max
  }

  /** Whether the setting `compression.<name>.level` may have this value. */
  isLevel(level: number): boolean {
    const { min, max, default: usual } = this.levelsOrThrow()
    return Number.isInteger(level) && ((level >= min && level <= max) || level === usual)
  }

  /** The levels in words, for a message: `[1,...,9] or -1`. */
  levelRange(): string {
    const { min, max, default: usual } = this.levelsOrThrow()
    const range = `[${min},...,${max}]`
    return usual >= min && usual <= max ? range : `${range} or ${usual}`
  }

  /** For the definition of the setting `compression.<name>.level`. */
  levelValidator(): Validator {
    const range = this.levelRange()
    return validator(range, (value) =>
      this.isLevel(value as number) ? undefined : `it must be within ${range}`,
    )
  }

  toString(): string {
    return this.name
  }

  private levelsOrThrow(): Levels {
    if (this.levels === null) {
      throw new IllegalArgumentException(
        `Compression levels are not defined for this compression type: ${this.name}`,
      )
    }
    return this.levels
  }
}

const VALUES: readonly CompressionType[] = [
  CompressionType.NONE,
  CompressionType.GZIP,
  CompressionType.SNAPPY,
  CompressionType.LZ4,
  CompressionType.ZSTD,
]
