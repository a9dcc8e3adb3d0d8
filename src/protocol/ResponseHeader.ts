/**
 * What stands in front of every response: the correlation id of its request, and nothing about the
 * API. Only who asked knows how to read on.
 *
 *     ResponseHeader v1 => correlationId {}
 *       correlationId => int32
 *
 * @kafka org.apache.kafka.common.requests.ResponseHeader
 */

import type { ByteBuffer } from '../common/ByteBuffer.ts'
import type { MessageWriter } from './schema/MessageWriter.ts'
import { message } from './schema/message.ts'
import { int32 } from './schema/types.ts'

/** Version 1 ends with tagged fields. */
export const ResponseHeaderData = message({
  name: 'ResponseHeader',
  kind: 'header',
  validVersions: '0-1',
  flexibleVersions: '1+',
  fields: {
    correlationId: int32(),
  },
})

export class ResponseHeader {
  readonly correlationId: number
  readonly headerVersion: number

  constructor(correlationId: number, headerVersion: number) {
    this.correlationId = correlationId
    this.headerVersion = headerVersion
  }

  /**
   * Reads the header at the buffer's position and leaves the buffer at the response's first byte.
   */
  static parse(buffer: ByteBuffer, headerVersion: number): ResponseHeader {
    const data = ResponseHeaderData.decode(buffer, headerVersion)
    return new ResponseHeader(data.correlationId, headerVersion)
  }

  write(out: MessageWriter): void {
    ResponseHeaderData.encode({ correlationId: this.correlationId }, this.headerVersion, out)
  }
}
