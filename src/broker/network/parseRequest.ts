/**
 * From the bytes of a frame to a request, or the reason why its connection is closed.
 *
 * @kafka kafka.network.Processor (parseRequestHeader)
 * @kafka org.apache.kafka.common.requests.RequestContext (parseRequest)
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { InvalidRequestException } from '../../common/errors/ApiExceptions.ts'
import { KafkaException } from '../../common/errors.ts'
import { type AnyApiKey, ApiKeys } from '../../protocol/ApiKeys.ts'
import { RequestHeader } from '../../protocol/RequestHeader.ts'
import type { ApiVersionManager } from '../ApiVersionManager.ts'

export interface ParsedRequest {
  readonly header: RequestHeader
  readonly apiKey: AnyApiKey
  readonly body: unknown
}

/** @throws InvalidRequestException for whatever is no request that is served here */
export const parseRequest = (buffer: ByteBuffer, apis: ApiVersionManager): ParsedRequest => {
  const header = RequestHeader.parse(buffer)
  if (!apis.isApiEnabled(header.apiKeyId, header.apiVersion)) {
    throw new InvalidRequestException(
      `Received request api key ${ApiKeys.nameOf(header.apiKeyId)} with version ` +
        `${header.apiVersion} which is not enabled`,
    )
  }
  const { apiKey } = header
  // A client asks ApiVersions in its newest version, before it can know ours; what it wrote behind
  // the header cannot be read.
  if (!header.isApiVersionSupported()) {
    return { header, apiKey, body: { clientSoftwareName: '', clientSoftwareVersion: '' } }
  }
  try {
    return { header, apiKey, body: apiKey.request.decode(buffer, header.apiVersion) }
  } catch (error) {
    if (!(error instanceof KafkaException)) throw error
    throw new InvalidRequestException(
      `Error getting request for apiKey: ${apiKey}, apiVersion: ${header.apiVersion}: ` +
        `${error.message}`,
      { cause: error },
    )
  }
}
