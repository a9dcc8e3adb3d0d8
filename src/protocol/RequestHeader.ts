/**
 * What stands in front of every request: which API, which version, which answer belongs to it, who
 * asks.
 *
 *     RequestHeader v2 => requestApiKey requestApiVersion correlationId clientId {}
 *       requestApiKey => int16
 *       requestApiVersion => int16
 *       correlationId => int32
 *       clientId => string | null, classic form
 *
 * The header has versions of its own, which follow from the API and its version: so a reader looks
 * at the first four bytes, then knows how to read all of them.
 *
 * @kafka org.apache.kafka.common.requests.RequestHeader
 */

import type { ByteBuffer } from '../common/ByteBuffer.ts'
import { InvalidRequestException } from '../common/errors/ApiExceptions.ts'
import { KafkaException } from '../common/errors.ts'
import { type AnyApiKey, ApiKeys } from './ApiKeys.ts'
import type { MessageWriter } from './schema/MessageWriter.ts'
import { message } from './schema/message.ts'
import { int16, int32, string } from './schema/types.ts'

/** Version 1 is the oldest that 4.x speaks; version 2 ends with tagged fields. */
export const RequestHeaderData = message({
  name: 'RequestHeader',
  kind: 'header',
  validVersions: '1-2',
  flexibleVersions: '2+',
  fields: {
    requestApiKey: int16(),
    requestApiVersion: int16(),
    correlationId: int32(),
    // The classic form for ever: a broker must be able to read the header of an ApiVersions request
    // that is newer than the broker.
    clientId: string({ nullable: '1+', flexible: 'none' }),
  },
})

export class RequestHeader {
  readonly apiKeyId: number
  readonly apiVersion: number
  /** Chosen by the client, repeated in the response. */
  readonly correlationId: number
  /** `client.id`: for the broker's log, metrics and quotas. */
  readonly clientId: string | null
  /** Bytes that a parsed header took; 0 for one that was made here. */
  readonly sizeBytes: number

  constructor(
    apiKeyId: number,
    apiVersion: number,
    correlationId: number,
    clientId: string | null,
    sizeBytes = 0,
  ) {
    this.apiKeyId = apiKeyId
    this.apiVersion = apiVersion
    this.correlationId = correlationId
    this.clientId = clientId
    this.sizeBytes = sizeBytes
  }

  /**
   * Reads the header at the buffer's position and leaves the buffer at the request's first byte. A
   * null client id is read as an empty one, as in Kafka.
   *
   * @throws InvalidRequestException for anything that is not the header of an API spoken here
   */
  static parse(buffer: ByteBuffer): RequestHeader {
    const start = buffer.position
    let apiKeyId = -1
    try {
      apiKeyId = buffer.getShort()
      const apiVersion = buffer.getShort()
      const apiKey = ApiKeys.forId(apiKeyId)
      if (apiKey === undefined) {
        throw new InvalidRequestException(`${ApiKeys.nameOf(apiKeyId)} is not served here`)
      }
      buffer.position = start
      const data = RequestHeaderData.decode(buffer, apiKey.requestHeaderVersion(apiVersion))
      const size = buffer.position - start
      return new RequestHeader(apiKeyId, apiVersion, data.correlationId, data.clientId ?? '', size)
    } catch (error) {
      if (!(error instanceof KafkaException)) throw error
      throw new InvalidRequestException(
        `Cannot read a request header (API key: ${apiKeyId}): ${error.message}`,
        { cause: error },
      )
    }
  }

  /** The API, which is known once a header was parsed. */
  get apiKey(): AnyApiKey {
    return ApiKeys.get(this.apiKeyId)
  }

  headerVersion(): 1 | 2 {
    return this.apiKey.requestHeaderVersion(this.apiVersion)
  }

  isApiVersionSupported(): boolean {
    return this.apiKey.isVersionSupported(this.apiVersion)
  }

  write(out: MessageWriter): void {
    const data = {
      requestApiKey: this.apiKeyId,
      requestApiVersion: this.apiVersion,
      correlationId: this.correlationId,
      clientId: this.clientId,
    }
    RequestHeaderData.encode(data, this.headerVersion(), out)
  }

  toString(): string {
    return (
      `RequestHeader(apiKey=${ApiKeys.nameOf(this.apiKeyId)}, apiVersion=${this.apiVersion}, ` +
      `clientId=${this.clientId}, correlationId=${this.correlationId})`
    )
  }
}
