import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ByteBufferOutputStream } from '../../../src/common/ByteBufferOutputStream.ts'
import { InvalidRecordException } from '../../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException, IllegalStateException } from '../../../src/common/errors.ts'
import { CompressionType } from '../../../src/record/CompressionType.ts'
import { Compression } from '../../../src/record/compress/Compression.ts'
import { covers } from '../../support/covers.ts'
import { bytes } from '../helpers.ts'

const { GZIP } = CompressionType
const data = bytes('data'.repeat(256))

const compress = (compression: Compression, plain: Uint8Array): Uint8Array => {
  const target = new ByteBufferOutputStream(4)
  const out = compression.wrapForOutput(target)
  out.ensureRemaining(plain.length)
  out.buffer().putBytes(plain)
  out.close()
  return target.buffer().flip().slice().bytes
}

describe('GzipCompression', () => {
  test.each([GZIP.minLevel(), GZIP.defaultLevel(), GZIP.maxLevel()])(
    'what was compressed at level %i comes back',
    (level) => {
      const compression = Compression.gzip(level)
      const compressed = compress(compression, data)
      expect(compressed.length).toBeLessThan(data.length)
      expect(compression.wrapForInput(compressed, data.length)).toEqual(data)
      covers('GzipCompressionTest.testCompressionDecompression')
    },
  )

  test('a level outside its range is refused', () => {
    for (const level of [GZIP.minLevel() - 1, GZIP.maxLevel() + 1, -2, Number.NaN]) {
      expect(() => Compression.gzip(level)).toThrow(IllegalArgumentException)
    }
    Compression.gzip(GZIP.minLevel())
    Compression.gzip(GZIP.maxLevel())
    covers('GzipCompressionTest.testCompressionLevels')
  })

  test('nothing reaches the batch before the stream is closed, and nothing after', () => {
    const target = new ByteBufferOutputStream(64)
    const out = Compression.gzip().wrapForOutput(target)
    for (let i = 0; i < 100; i++) {
      out.ensureRemaining(1000)
      out.buffer().putBytes(new Uint8Array(1000).fill(i))
    }
    expect(target.position).toBe(0)
    out.close()
    const size = target.position
    expect(gunzipSync(target.buffer().bytes.subarray(0, size)).length).toBe(100_000)
    out.close()
    expect(target.position).toBe(size)
    expect(() => out.buffer()).toThrow(IllegalStateException)
  })

  test('bytes that are no gzip, cut off, or too many when inflated, are invalid records', () => {
    const gzip = Compression.gzip()
    const good = new Uint8Array(gzipSync(data))
    expect(() => gzip.wrapForInput(bytes('not gzip at all'), 1000)).toThrow(InvalidRecordException)
    expect(() => gzip.wrapForInput(good.subarray(0, 15), 10_000)).toThrow(InvalidRecordException)
    expect(() => gzip.wrapForInput(good, data.length - 1)).toThrow(
      `Failed to decompress ${good.length} bytes of gzip into at most 1023`,
    )
  })
})
