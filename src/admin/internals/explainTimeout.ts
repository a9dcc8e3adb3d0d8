/**
 * What a person needs who reads "timed out": how often it was tried, where, what went wrong last,
 * and what to look at.
 *
 *     … Given up after 60000 ms; 0 requests were sent. Tried to reach the cluster by
 *     bootstrap.servers: kafka-1:9092. Last failure: Connection to node … could not be
 *     established. Nothing seems to listen at kafka-1:9092: check that …
 */

import { DisconnectException } from '../../common/errors.ts'
import type { AdminMetadataManager } from './AdminMetadataManager.ts'
import type { Call } from './Call.ts'

export interface TimeoutFacts {
  readonly call: Call
  /** The question for the cluster's nodes that is under way, which other calls wait for. */
  readonly metadataCall: Call | null
  readonly metadataManager: AdminMetadataManager
  readonly isInFlight: (call: Call) => boolean
  readonly nowMs: number
}

export const explainTimeout = (facts: TimeoutFacts): string => {
  const { call, metadataManager, nowMs } = facts
  // Of a call of our own, the users' calls tell the rest.
  if (call.internal) return lastFailure(facts)
  const { requestsSent, startMs } = call
  const sent = requestsSent === 1 ? '1 request was sent' : `${requestsSent} requests were sent`
  const addresses = metadataManager.bootstrapNodes().map(({ host, port }) => `${host}:${port}`)
  return (
    `Given up after ${nowMs - startMs} ms; ${sent}. Tried to reach the cluster by ` +
    `bootstrap.servers: ${addresses.join(', ')}. Last failure: ${lastFailure(facts)}`
  )
}

/** The one that says most: what a broker answered, then what became of a connection. */
const lastFailure = (facts: TimeoutFacts): string => {
  const { call, metadataManager } = facts
  const failure = call.lastFailure
  const answered = failure !== null && !(failure instanceof DisconnectException)
  if (answered) return `${failure.name}: ${failure.message}`
  const problem = metadataManager.connectionProblem() ?? failure?.message
  return problem ?? silence(facts)
}

/** Nothing has failed: somebody just does not answer. */
const silence = ({ call, metadataCall, isInFlight, nowMs }: TimeoutFacts): string => {
  const waiting = call.lastNode === null ? metadataCall : call
  const node = waiting?.lastNode
  if (!waiting || !node) {
    return (
      `none, but ${call.nodeProvider.whom} was not to be found. Check that all brokers of the ` +
      'cluster are running.'
    )
  }
  const address = `${node.host}:${node.port}`
  const waitedMs = nowMs - waiting.startMs
  const check = `Check that ${address} is a Kafka listener without TLS, and not overloaded.`
  return isInFlight(waiting)
    ? `Node ${node} has not answered ${waiting.callName} for ${waitedMs} ms. ${check}`
    : `Node ${node} has not become ready for requests for ${waitedMs} ms. ${check}`
}
