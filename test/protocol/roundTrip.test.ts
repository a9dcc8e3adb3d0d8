/** Whatever a version can say comes back as it was said. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { MessageWriter } from '../../src/protocol/schema/MessageWriter.ts'
import { completed, messageArbitrary } from './arbitrary.ts'
import { allMessages, versionsOf } from './golden.ts'

const NUM_RUNS = 8
const SEED = 431

describe('every message, in every version', () => {
  for (const message of allMessages()) {
    it(`${message.name}: decoding what was encoded gives the same values, with defaults`, () => {
      for (const version of versionsOf(message)) {
        const property = fc.property(messageArbitrary(message, version), (data) => {
          const out = new MessageWriter(16)
          message.encode(data, version, out)
          const bytes = out.toBytes()
          expect(bytes.length).toBe(out.size)

          const buffer = ByteBuffer.wrap(bytes)
          const decoded = message.decode(buffer, version)
          expect(buffer.remaining()).toBe(0)
          expect(decoded).toStrictEqual(completed(message.fields, data))

          const again = new MessageWriter()
          message.encode(decoded, version, again)
          expect(Buffer.compare(again.toBytes(), bytes)).toBe(0)
        })
        fc.assert(property, { numRuns: NUM_RUNS, seed: SEED + version })
      }
    })
  }
})
