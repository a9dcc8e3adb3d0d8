/**
 * Weaves tagged fields that nobody here knows between those that we know, so that what a newer peer
 * sent goes on unchanged, with all tags in rising order.
 *
 * @kafka org.apache.kafka.common.protocol.types.RawTaggedFieldWriter
 */

import { IllegalArgumentException } from '../../common/errors.ts'
import type { MessageWriter } from './MessageWriter.ts'
import type { RawTaggedField } from './types.ts'

export class RawTaggedFieldWriter {
  private readonly fields: readonly RawTaggedField[]
  private next = 0
  private lastTag = -1

  constructor(fields: readonly RawTaggedField[]) {
    this.fields = fields
  }

  get numFields(): number {
    return this.fields.length
  }

  /**
   * Writes what comes before `nextDefinedTag`.
   *
   * @throws IllegalArgumentException when a tag is one of ours, or is not above the one before it
   */
  writeRawTags(out: MessageWriter, nextDefinedTag: number): void {
    for (; this.next < this.fields.length; this.next++) {
      const { tag, data } = this.fields[this.next]!
      if (tag > nextDefinedTag) return
      if (tag === nextDefinedTag) {
        throw new IllegalArgumentException(
          `Cannot write tag ${tag} as an unknown field: this message defines it`,
        )
      }
      if (tag <= this.lastTag) {
        throw new IllegalArgumentException(
          `Cannot write unknown tagged fields: tag ${tag} comes after ${this.lastTag}, ` +
            'but is not higher',
        )
      }
      out.writeUnsignedVarint(tag)
      out.writeUnsignedVarint(data.length)
      out.writeBytes(data)
      this.lastTag = tag
    }
  }
}
