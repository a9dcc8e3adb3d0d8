/**
 * How a `NetworkClient` keeps up with the cluster: it asks at the right moments, and hands over
 * what comes back.
 *
 * @kafka org.apache.kafka.clients.MetadataUpdater
 */

import type { AuthenticationException } from '../common/errors/ApiExceptions.ts'
import type { KafkaException } from '../common/errors.ts'
import type { Node } from '../common/Node.ts'
import type { MetadataResponseData } from '../protocol/messages/Metadata.ts'
import type { RequestHeaderInfo } from './RequestHeaderInfo.ts'

/** A connection that was lost or not made. */
export interface ServerDisconnect {
  readonly nodeId: string
  readonly authenticationException: AuthenticationException | null
  /** What happened and what to look at, for a person; `null` when it is nothing special. */
  readonly problem: string | null
}

export interface MetadataUpdater {
  /** The nodes known now. */
  fetchNodes(): readonly Node[]
  /** A request should be sent: until it is, everything else waits. */
  isUpdateDue(nowMs: number): boolean
  /**
   * Sends a request if one is due and a node can take it.
   *
   * @returns milliseconds after which to call again
   */
  maybeUpdate(nowMs: number): number
  handleServerDisconnect(nowMs: number, disconnect: ServerDisconnect): void
  /** @param fatalException what asking again will not mend, if that was it */
  handleFailedRequest(nowMs: number, fatalException: KafkaException | null): void
  handleSuccessfulResponse(
    requestHeader: RequestHeaderInfo,
    nowMs: number,
    response: MetadataResponseData,
  ): void
  /** No metadata could be had for `rebootstrapTriggerMs`, or a broker said to start again. */
  needsRebootstrap(nowMs: number, rebootstrapTriggerMs: number): boolean
  /** Takes the addresses from the settings in the place of the nodes known now. */
  rebootstrap(nowMs: number): void
  close(): void
}
