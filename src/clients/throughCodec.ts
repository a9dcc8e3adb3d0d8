/** What becomes of a message on its way over the wire, without the wire: for `MockClient`. */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { MessageWriter } from '../protocol/schema/MessageWriter.ts'
import type { AnyMessage, DataOf, InputOf } from '../protocol/schema/message.ts'

/**
 * A message as the other side reads it: with all defaults, and without what this version drops.
 *
 * @throws UnsupportedVersionException when this version cannot say what `data` says
 */
export const throughCodec = <M extends AnyMessage>(
  message: M,
  data: InputOf<M>,
  version: number,
): DataOf<M> => {
  const out = new MessageWriter()
  message.encode(data, version, out)
  const bytes = new Uint8Array(out.size)
  let at = 0
  for (const slice of out.slices()) {
    bytes.set(slice, at)
    at += slice.length
  }
  return message.decode(ByteBuffer.wrap(bytes), version) as DataOf<M>
}
