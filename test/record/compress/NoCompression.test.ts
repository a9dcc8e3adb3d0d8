import { expect, test } from 'vitest'
import { ByteBufferOutputStream } from '../../../src/common/ByteBufferOutputStream.ts'
import { Compression } from '../../../src/record/compress/Compression.ts'
import { covers } from '../../support/covers.ts'
import { bytes } from '../helpers.ts'

test('without a codec bytes go straight into the batch and come back as the same array', () => {
  const data = bytes('data'.repeat(256))
  const target = new ByteBufferOutputStream(4)
  const out = Compression.NONE.wrapForOutput(target)
  out.ensureRemaining(data.length)
  expect(out.buffer()).toBe(target.buffer())
  out.buffer().putBytes(data)
  out.close()
  const written = target.buffer().flip().slice().bytes
  expect(written).toEqual(data)
  expect(Compression.NONE.wrapForInput(written, 0)).toBe(written)
  covers('NoCompressionTest.testCompressionDecompression')
})
