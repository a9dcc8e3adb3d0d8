import { describe, expect, test } from 'vitest'
import { ConfigException, IllegalArgumentException } from '../../src/common/errors.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { covers } from '../support/covers.ts'

describe('CompressionType', () => {
  test('each codec is found by its number and by its name', () => {
    const names = CompressionType.values().map((type) => type.name)
    expect(names).toEqual(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    for (const type of CompressionType.values()) {
      expect(CompressionType.forId(type.id)).toBe(type)
      expect(CompressionType.forName(type.name)).toBe(type)
      expect(`${type}`).toBe(type.name)
    }
  })

  test('a number or name that no codec has is refused, with the names there are', () => {
    expect(() => CompressionType.forId(5)).toThrow(/Unknown compression type id: 5/)
    expect(() => CompressionType.forName('brotli')).toThrow(/brotli.*none, gzip, snappy, lz4, zstd/)
    expect(() => CompressionType.forName('brotli')).toThrow(IllegalArgumentException)
  })

  test('gzip takes the levels 1 to 9 and -1, as a setting too', () => {
    const { GZIP } = CompressionType
    const levels = GZIP.levelValidator()
    for (const level of [-1, 1, 2, 3, 4, 5, 6, 7, 8, 9]) levels.ensureValid('level', level)
    for (const level of [-2, 0, 10, 1.5]) {
      expect(() => levels.ensureValid('compression.gzip.level', level)).toThrow(ConfigException)
    }
    expect(() => levels.ensureValid('compression.gzip.level', 0)).toThrow(
      /compression\.gzip\.level.*\[1,\.\.\.,9\] or -1/,
    )
    covers('GzipCompressionTest.testLevelValidator')
  })

  test('none and snappy have no levels', () => {
    for (const type of [CompressionType.NONE, CompressionType.SNAPPY]) {
      expect(() => type.defaultLevel()).toThrow(/Compression levels are not defined/)
    }
    expect(CompressionType.LZ4.maxLevel()).toBe(17)
    expect(CompressionType.ZSTD.levelRange()).toBe('[-131072,...,22]')
  })
})

describe('Compression', () => {
  test('there is a codec for every type, and each says which it is', () => {
    for (const type of CompressionType.values()) {
      expect(Compression.of(type).type).toBe(type)
      expect(Compression.of(type.name).type).toBe(type)
    }
  })

  test('a level goes to the codec that it is for, and codecs without levels ignore it', () => {
    const levels = { gzip: 2, lz4: 12, zstd: -7 }
    for (const name of ['gzip', 'lz4', 'zstd'] as const) {
      expect(Compression.ofLevel(name, levels)).toMatchObject({ level: levels[name] })
    }
    expect(Compression.ofLevel('snappy', levels).type).toBe(CompressionType.SNAPPY)
    expect(Compression.ofLevel('none', levels)).toBe(Compression.NONE)
  })

  test('a codec is found by type or by name', () => {
    expect(Compression.of('none')).toBe(Compression.NONE)
    expect(Compression.of(CompressionType.GZIP).type).toBe(CompressionType.GZIP)
  })
})
