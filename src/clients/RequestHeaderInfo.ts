/**
 * The head of a request, as the one who gets its response may want to know it.
 *
 * @kafka org.apache.kafka.common.requests.RequestHeader
 */

import type { AnyApiKey } from './RequestBuilder.ts'

export interface RequestHeaderInfo<K extends AnyApiKey = AnyApiKey> {
  readonly apiKey: K
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
}
