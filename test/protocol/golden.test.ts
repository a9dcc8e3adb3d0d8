/** Bytes that Kafka's own classes wrote, read and written again by ours. */

import { describe, expect, it } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { MessageWriter } from '../../src/protocol/schema/MessageWriter.ts'
import { allMessages, samplesOf, versionsOf } from './golden.ts'

for (const message of allMessages()) {
  describe(message.name, () => {
    const samples = samplesOf(message)

    it('has samples of every version', () => {
      const versions = new Set(samples.map(({ version }) => version))
      expect([...versions]).toEqual(versionsOf(message))
    })

    it('reads from the bytes the values that Java had', () => {
      for (const { version, mode, value, bytes } of samples) {
        const buffer = ByteBuffer.wrap(bytes)
        expect(message.decode(buffer, version), `v${version} ${mode}`).toStrictEqual(value)
        expect(buffer.remaining(), `v${version} ${mode}: bytes left over`).toBe(0)
      }
    })

    it('writes from the values the bytes that Java wrote', () => {
      for (const { version, mode, value, bytes } of samples) {
        const out = new MessageWriter()
        message.encode(value, version, out)
        expect(out.toBytes(), `v${version} ${mode}`).toEqual(bytes)
      }
    })
  })
}
