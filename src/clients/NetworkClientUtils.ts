/**
 * Waiting, on top of a client that never waits for anybody in particular: for a connection, or for
 * the answer to one request. For the rare moments in which there is nothing else to do.
 *
 * @kafka org.apache.kafka.clients.NetworkClientUtils
 */

import type { AuthenticationException } from '../common/errors/ApiExceptions.ts'
import { DisconnectException, IllegalArgumentException, IOException } from '../common/errors.ts'
import type { Node } from '../common/Node.ts'
import type { Time } from '../common/Time.ts'
import type { ClientRequest } from './ClientRequest.ts'
import type { ClientResponse } from './ClientResponse.ts'
import { type KafkaClient, NO_TIMEOUT_MS } from './KafkaClient.ts'
import type { AnyApiKey } from './RequestBuilder.ts'

/**
 * Whether a request may be sent to `node`, after taking in what happened to its connection
 * meanwhile.
 */
export const isReady = async (client: KafkaClient, node: Node, nowMs: number): Promise<boolean> => {
  await client.poll(0, nowMs)
  return client.isReady(node, nowMs)
}

/**
 * Connects to `node` and waits until requests may be sent to it.
 *
 * @returns `false` when `timeoutMs` was over first
 * @throws IOException when the connection failed, AuthenticationException when the login was
 *   refused
 */
export const awaitReady = async (
  client: KafkaClient,
  node: Node,
  time: Time,
  timeoutMs: number,
): Promise<boolean> => {
  if (timeoutMs < 0) throw new IllegalArgumentException(`Invalid negative timeout ${timeoutMs}`)
  const startMs = time.milliseconds()
  if ((await isReady(client, node, startMs)) || client.ready(node, startMs)) return true

  let nowMs = time.milliseconds()
  while (!client.isReady(node, nowMs) && nowMs - startMs < timeoutMs) {
    if (client.connectionFailed(node)) throw new IOException(`Connection to ${node} failed.`)
    // Not beyond the moment at which back-off or throttling ends: nothing would wake us then.
    const leftMs = timeoutMs - (nowMs - startMs)
    const delayMs = client.pollDelayMs(node, startMs)
    await client.poll(delayMs > 0 ? Math.min(leftMs, delayMs) : leftMs, nowMs)
    maybeThrowAuthFailure(client, node)
    nowMs = time.milliseconds()
  }
  return client.isReady(node, nowMs)
}

/**
 * Sends a request and waits for its response. Responses to other requests go to their callbacks.
 *
 * @throws IOException when the connection was lost first, or the client closed;
 *   UnsupportedVersionException when no version fits
 */
export const sendAndReceive = async <K extends AnyApiKey>(
  client: KafkaClient,
  request: ClientRequest<K>,
  time: Time,
): Promise<ClientResponse<K>> => {
  try {
    client.send(request, time.milliseconds())
    while (client.active()) {
      const responses = await client.poll(NO_TIMEOUT_MS, time.milliseconds())
      const response = responses.find(
        ({ requestHeader }) => requestHeader.correlationId === request.correlationId,
      )
      if (response !== undefined) return checked(response as ClientResponse<K>)
    }
  } catch (error) {
    if (!(error instanceof DisconnectException) || client.active()) throw error
  }
  throw new IOException('The client was closed before the response was read')
}

const checked = <K extends AnyApiKey>(response: ClientResponse<K>): ClientResponse<K> => {
  if (response.wasDisconnected) {
    throw new IOException(
      `Connection to ${response.destination} was disconnected before the response was read`,
    )
  }
  if (response.versionMismatch !== null) throw response.versionMismatch
  return response
}

/** Disconnected, and held back from connecting again. */
export const isUnavailable = (client: KafkaClient, node: Node, time: Time): boolean =>
  client.connectionFailed(node) && client.connectionDelay(node, time.milliseconds()) > 0

/** Throws when `node` refused our login. */
export const maybeThrowAuthFailure = (client: KafkaClient, node: Node): void => {
  const exception: AuthenticationException | null = client.authenticationException(node)
  if (exception !== null) throw exception
}

/** Connects if that may be done now; a node that failed is given another chance. */
export const tryConnect = (client: KafkaClient, node: Node, time: Time): void => {
  client.ready(node, time.milliseconds())
}
