import { describe, expect, test } from 'vitest'
import { InvalidRecordException } from '../../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import * as page from '../../../src/platform/browser/index.ts'
import { CompressionType } from '../../../src/record/CompressionType.ts'
import { Compression } from '../../../src/record/compress/Compression.ts'
import { loadZstd } from '../../../src/record/compress/ZstdCompression.ts'
import { zstdFrames } from '../../../src/record/compress/ZstdFrame.ts'
import { covers } from '../../support/covers.ts'
import { bytes } from '../helpers.ts'
import { compress, PAYLOADS, same, words } from './helpers.ts'

const { ZSTD } = CompressionType
const LIMIT = 1 << 20
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd]

const read = (frames: Uint8Array, limit = LIMIT) => Compression.zstd().wrapForInput(frames, limit)

const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

/** A block of a frame: its kind, the size that it says, and its bytes. */
const block = (kind: number, size: number, content: number[], isLast = true): number[] => {
  const header = (size << 3) | (kind << 1) | (isLast ? 1 : 0)
  return [header & 0xff, (header >>> 8) & 0xff, header >>> 16, ...content]
}

/** A frame with a window of 1 KiB that does not say how much it holds, as streams write it. */
const streamed = (...blocks: number[][]) => Uint8Array.from([...MAGIC, 0, 0, ...blocks.flat()])

const HELLO = [...bytes('hello')]

describe('ZstdCompression', () => {
  test.each([ZSTD.minLevel(), ZSTD.defaultLevel(), ZSTD.maxLevel()])(
    'what was compressed at level %i comes back',
    (level) => {
      const data = bytes('data'.repeat(256))
      expect(read(compress(Compression.zstd(level), data))).toEqual(data)
      covers('ZstdCompressionTest.testCompressionDecompression')
    },
  )

  test('a level outside its range is refused', () => {
    for (const level of [ZSTD.minLevel() - 1, ZSTD.maxLevel() + 1, Number.NaN]) {
      expect(() => Compression.zstd(level)).toThrow(IllegalArgumentException)
    }
    Compression.zstd(ZSTD.minLevel())
    Compression.zstd(ZSTD.maxLevel())
    covers('ZstdCompressionTest.testCompressionLevels')
  })

  test.each(PAYLOADS)('$name come back as they were', ({ plain }) => {
    const compressed = compress(Compression.zstd(), plain, 999)
    expect(same(read(compressed, Math.max(plain.length, 1)), plain)).toBe(true)
  })

  test('a higher level makes less', () => {
    const plain = words(100_000)
    const [fast, usual, small] = [-50, 3, 19].map((level) =>
      compress(Compression.zstd(level), plain),
    )
    expect(usual!.length).toBeLessThan(fast!.length)
    expect(small!.length).toBeLessThan(usual!.length)
  })

  test('frames one behind the other are one, and what stands in skippable ones is left out', () => {
    const skippable = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3)
    const one = compress(Compression.zstd(), bytes('one '))
    const two = compress(Compression.zstd(), bytes('two'))
    expect(Buffer.from(read(concat(skippable, one, skippable, two))).toString()).toBe('one two')
  })

  test('a frame that does not say how much it holds is read: Java writes such', () => {
    expect(Buffer.from(read(streamed(block(0, 5, HELLO)))).toString()).toBe('hello')
    const several = streamed(block(0, 5, HELLO, false), block(1, 300, [33], false), block(0, 0, []))
    expect(zstdFrames(several)).toMatchObject([{ plainSize: null, plainBound: 305 }])
    expect(Buffer.from(read(several)).toString()).toBe(`hello${'!'.repeat(300)}`)
  })

  test('is always there on Node; a page must load it, and says so', async () => {
    await expect(loadZstd()).resolves.toBeUndefined()
    expect(page.zstdIsLoaded()).toBe(false)
    expect(() => page.zstdCompress(bytes('x'), 3)).toThrow('await loadZstd() first')
    expect(() => page.zstdDecompress(bytes('x'), 9)).toThrow('await loadZstd() first')
  })
})

describe('zstd bytes that are broken are refused', () => {
  const sized = (size: number[], ...blocks: number[][]) =>
    Uint8Array.from([...MAGIC, 0xe0, ...size, ...blocks.flat()])

  test.each([
    ['nothing at all', new Uint8Array(0)],
    ['no frame', bytes('no frame at all')],
    ['a frame that is cut off in its header', Uint8Array.from([...MAGIC, 0xe0, 1, 2])],
    ['a frame that is cut off in a block', streamed(block(0, 9, HELLO))],
    ['a frame without a last block', streamed(block(0, 5, HELLO, false))],
    ['a reserved kind of block', streamed(block(3, 5, HELLO))],
    ['a reserved bit', Uint8Array.from([...MAGIC, 8, 0, ...block(0, 5, HELLO)])],
    ['a skippable frame that is cut off', Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 9, 0, 0, 0, 1)],
    ['a compressed block of nonsense', streamed(block(2, 5, HELLO))],
    ['rubbish behind a frame', concat(compress(Compression.zstd(), bytes('x')), bytes('rubbish'))],
    [
      'a frame that needs a dictionary',
      Uint8Array.from([...MAGIC, 1, 0, 7, ...block(0, 5, HELLO)]),
    ],
    ['2^60 bytes in five', sized([0, 0, 0, 0, 0, 0, 0, 16], block(0, 5, HELLO))],
    ['less than the frame says', sized([4, 0, 0, 0, 0, 0, 0, 0], block(0, 5, HELLO))],
  ])('%s', (_what, broken) => {
    expect(() => read(broken)).toThrow(InvalidRecordException)
  })

  test('what is cut off anywhere', () => {
    const whole = compress(Compression.zstd(), words(1000))
    for (let length = 0; length < whole.length; length++) {
      expect(() => read(whole.subarray(0, length)), `${length}`).toThrow(InvalidRecordException)
    }
  })

  test('more than the limit, in a frame that says so, and in one that does not', () => {
    const said = compress(Compression.zstd(), new Uint8Array(16 << 20))
    expect(() => read(said)).toThrow(/into at most 1048576/)
    const runs = Array.from({ length: 20 }, (_, i) => block(1, 120_000, [7], i === 19))
    expect(() => read(streamed(...runs))).toThrow(/into at most 1048576/)
    expect(() =>
      read(concat(...Array(30).fill(compress(Compression.zstd(), words(1000)))), 9999),
    ).toThrow(/into at most/)
  })
})
