/**
 * The first question on every connection: which versions do you serve?
 *
 *     we ask in the newest version we know ──► it knows that one ──► its list of versions
 *                                          └─► it does not: UNSUPPORTED_VERSION, answered in
 *                                              version 0, with the range it serves of this API
 *                                              (none from brokers before 2.4)
 *                                                 └─► we ask again, in its newest, or in 0
 *
 * Asking in the newest version and being refused once costs a round trip with old brokers only;
 * starting from the oldest would cost every client what newer versions say more.
 *
 * I1  Each further question is in a lower version than the one before: a node that refuses them all
 *     is given up, whatever it claims to serve.
 *
 * @kafka org.apache.kafka.clients.NetworkClient
 * @kafka org.apache.kafka.common.requests.ApiVersionsRequest
 * @simplified a class of its own; in Java a map and two methods of `NetworkClient`.
 */

import { ApiKeys } from '../protocol/ApiKeys.ts'
import { Errors } from '../protocol/Errors.ts'
import type { ApiVersionsResponseData } from '../protocol/messages/ApiVersions.ts'
import { CLIENT_SOFTWARE_NAME, CLIENT_SOFTWARE_VERSION } from './AppInfo.ts'
import { type AllowedVersions, type RequestBuilder, requestBuilder } from './RequestBuilder.ts'

export type ApiVersionsRequestBuilder = RequestBuilder<typeof ApiKeys.API_VERSIONS>

const DATA = {
  clientSoftwareName: CLIENT_SOFTWARE_NAME,
  clientSoftwareVersion: CLIENT_SOFTWARE_VERSION,
}

const apiVersionsRequest = (allowed?: AllowedVersions): ApiVersionsRequestBuilder =>
  requestBuilder(ApiKeys.API_VERSIONS, DATA, allowed)

/** A node, and what it is asked. */
export type ApiVersionsQuestion = readonly [node: string, request: ApiVersionsRequestBuilder]

const NONE: readonly ApiVersionsQuestion[] = []

export class ApiVersionsNegotiation {
  private readonly questions = new Map<string, ApiVersionsRequestBuilder>()

  /** The node has just been connected to. */
  begin(node: string): void {
    this.questions.set(node, apiVersionsRequest())
  }

  /** The connection is gone, or the question is on its way. */
  remove(node: string): void {
    this.questions.delete(node)
  }

  /** Nodes that have to be asked, and how. In most polls: none. */
  pending(canBeAsked: (node: string) => boolean): readonly ApiVersionsQuestion[] {
    if (this.questions.size === 0) return NONE
    return [...this.questions].filter(([node]) => canBeAsked(node))
  }

  /**
   * An answer with an error came. Plans another question if there is one left to ask.
   *
   * @param askedVersion the version that was refused
   * @returns `false`: this node cannot be talked to
   */
  askAgain(node: string, askedVersion: number, response: ApiVersionsResponseData): boolean {
    if (askedVersion === 0 || response.errorCode !== Errors.UNSUPPORTED_VERSION.code) return false
    const served = response.apiKeys.find(({ apiKey }) => apiKey === ApiKeys.API_VERSIONS.id)
    const newest = served?.maxVersion ?? 0
    const version = newest >= 0 && newest < askedVersion ? newest : 0
    this.questions.set(node, apiVersionsRequest({ oldest: version, latest: version }))
    return true
  }
}
