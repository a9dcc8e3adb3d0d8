/**
 * The codecs, over 16 KiB of records that look like what programs send: JSON, the same names again
 * and again, other numbers each time. MB/s are of plain bytes, both ways.
 */

import { ByteBufferOutputStream } from '../../src/common/ByteBufferOutputStream.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { calls, type Micro } from './timed.ts'

const BYTES = 16_384

const jsonLike = (): Uint8Array => {
  const random = new SeededRandom(7)
  const actions = ['view', 'click', 'buy', 'leave']
  let text = ''
  for (let id = 100_000; text.length < BYTES; id++) {
    text += JSON.stringify({
      id,
      user: `user-${random.nextInt(5000)}`,
      action: actions[random.nextInt(actions.length)],
      price: random.nextInt(10_000) / 100,
      at: 1_750_000_000_000 + random.nextInt(1_000_000),
      tags: ['a', 'b'],
    })
  }
  return new Uint8Array(Buffer.from(text)).subarray(0, BYTES)
}

const both = (name: string, compression: Compression, plain: Uint8Array): Micro[] => {
  const compress = (): ByteBufferOutputStream => {
    const stream = new ByteBufferOutputStream(BYTES)
    const out = compression.wrapForOutput(stream)
    out.ensureRemaining(plain.length)
    out.buffer().putBytes(plain)
    out.close()
    return stream
  }
  const stream = compress()
  const compressed = stream.buffer().bytes.slice(0, stream.position)
  const size = compressed.length.toLocaleString('en')
  return [
    {
      name: `${name}, compress 16 KiB of JSON to ${size} B`,
      bytes: BYTES,
      sample: calls(compress),
    },
    {
      name: `${name}, decompress`,
      bytes: BYTES,
      sample: calls(() => compression.wrapForInput(compressed, BYTES)),
    },
  ]
}

export const ofCodecs = (): Micro[] => {
  const plain = jsonLike()
  return [
    ...both('gzip', Compression.gzip(), plain),
    ...both('snappy', Compression.snappy(), plain),
    ...both('lz4', Compression.lz4(), plain),
    ...both('lz4, level 17', Compression.lz4(17), plain),
    ...both('zstd', Compression.zstd(), plain),
  ]
}
