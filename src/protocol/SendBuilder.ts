/**
 * From a message to what goes out on the socket, and back.
 *
 *     ┌──────┬────────┬──────────────────────────────────────┐
 *     │ size │ header │ message … records (by reference) …    │
 *     └──────┴────────┴──────────────────────────────────────┘
 *       int32, of all that follows
 *
 * The frame is a list of slices that is never put together: record batches stay where they are, see
 * `MessageWriter`.
 *
 * @kafka org.apache.kafka.common.protocol.SendBuilder
 */

import type { ByteBuffer } from '../common/ByteBuffer.ts'
import { KafkaException } from '../common/errors.ts'
import { type AnyApiKey, ApiKeys } from './ApiKeys.ts'
import { RequestHeader } from './RequestHeader.ts'
import { ResponseHeader } from './ResponseHeader.ts'
import { MessageWriter } from './schema/MessageWriter.ts'
import type { DataOf, InputOf } from './schema/message.ts'

/**
 * A request's frame, size in front.
 *
 * @throws UnsupportedVersionException when this version cannot say what `data` says
 */
export const buildRequestSend = <K extends AnyApiKey>(
  apiKey: K,
  version: number,
  correlationId: number,
  clientId: string | null,
  data: InputOf<K['request']>,
): Uint8Array[] =>
  frame((out) => {
    new RequestHeader(apiKey.id, version, correlationId, clientId).write(out)
    apiKey.request.encode(data, version, out)
  })

/** A response's frame, size in front. */
export const buildResponseSend = <K extends AnyApiKey>(
  apiKey: K,
  version: number,
  correlationId: number,
  data: InputOf<K['response']>,
): Uint8Array[] =>
  frame((out) => {
    new ResponseHeader(correlationId, apiKey.responseHeaderVersion(version)).write(out)
    apiKey.response.encode(data, version, out)
  })

const frame = (write: (out: MessageWriter) => void): Uint8Array[] => {
  const out = new MessageWriter()
  const setSize = out.reserveInt()
  write(out)
  setSize(out.size - 4)
  return out.slices()
}

/** A response, read: its correlation id and its message. */
export interface ParsedResponse<Data> {
  readonly correlationId: number
  readonly data: Data
}

/**
 * Reads a response whose request was `apiKey` in `version`; `buffer` stands behind the size.
 *
 * A broker that does not know the version of an ApiVersions request answers in version 0, with
 * UNSUPPORTED_VERSION. So what cannot be read in the version that was asked is tried in version 0.
 *
 * @throws SchemaException, or an underflow, when the bytes do not follow the schema
 */
export const parseResponse = <K extends AnyApiKey>(
  apiKey: K,
  version: number,
  buffer: ByteBuffer,
): ParsedResponse<DataOf<K['response']>> => {
  const header = ResponseHeader.parse(buffer, apiKey.responseHeaderVersion(version))
  const body = buffer.position
  const decode = (asVersion: number): DataOf<K['response']> =>
    apiKey.response.decode(buffer, asVersion) as DataOf<K['response']>
  try {
    return { correlationId: header.correlationId, data: decode(version) }
  } catch (error) {
    const mayBeVersion0 = apiKey.id === ApiKeys.API_VERSIONS.id && version !== 0
    if (!mayBeVersion0 || !(error instanceof KafkaException)) throw error
    buffer.position = body
    return { correlationId: header.correlationId, data: decode(0) }
  }
}
