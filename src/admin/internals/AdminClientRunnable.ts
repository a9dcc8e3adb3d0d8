/**
 * The loop of an admin client, in Java its thread: calls go in at one end, and are sent, answered,
 * tried again or given up.
 *
 *     call ─► newCalls ─► pendingCalls ─► callsToSend ─► callsInFlight, correlationIdToCalls
 *                           │  ▲  whom? ───► │  connected? ──► │ one per node
 *                           │  └─ fail ◄─────┴─────────────────┤ failed, may be tried again
 *                           └──── deadline, close              └─► handleResponse
 *
 * I1  A call is in exactly one of these places until it is done.
 * I2  A node has at most one call in flight. An admin client has time, and a broker that is asked
 *     one thing after the other cannot mix them up.
 * I3  At most one metadata call is under way.
 * I4  When the loop has ended, whatever ended it, every call is done.
 *
 * Between two awaits nothing interleaves; the only await is `KafkaClient.poll`. Meanwhile others
 * put calls into `newCalls` and wake it up.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient.AdminClientRunnable
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { KafkaClient } from '../../clients/KafkaClient.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import {
  DisconnectException,
  IllegalStateException,
  KafkaException,
  TimeoutException,
} from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import type { Time } from '../../common/Time.ts'
import type { AdminMetadataManager } from './AdminMetadataManager.ts'
import type { Call, CallLoop } from './Call.ts'
import { CallsToSend } from './CallsToSend.ts'
import { explainTimeout } from './explainTimeout.ts'
import { TimeoutProcessor } from './TimeoutProcessor.ts'

export interface AdminClientRunnableOptions {
  readonly client: KafkaClient
  readonly metadataManager: AdminMetadataManager
  /** Makes the question for the cluster's nodes; `done` is called when it has an outcome. */
  readonly makeMetadataCall: (nowMs: number, done: () => void) => Call
  readonly requestTimeoutMs: number
  readonly maxRetries: number
  readonly retryBackoff: ExponentialBackoff
  readonly time: Time
  readonly logger: Logger
}

/** 20 minutes: the longest wait when there is nothing to do. */
const MAX_POLL_MS = 1_200_000

export class AdminClientRunnable implements CallLoop {
  readonly maxRetries: number
  readonly retryBackoff: ExponentialBackoff
  readonly logger: Logger
  /** The loop has ended. */
  closing = false
  private readonly options: AdminClientRunnableOptions
  private readonly client: KafkaClient
  private readonly metadataManager: AdminMetadataManager
  private readonly time: Time
  private readonly newCalls: Call[] = []
  private readonly pendingCalls: Call[] = []
  private readonly callsToSend: CallsToSend
  /** By the id of the node. */
  private readonly callsInFlight = new Map<string, Call>()
  private readonly correlationIdToCalls = new Map<number, Call>()
  private metadataCall: Call | null = null
  /** When to end even if there is work; `null`: not closing. */
  private hardShutdownTimeMs: number | null = null

  constructor(options: AdminClientRunnableOptions) {
    this.options = options
    this.client = options.client
    this.metadataManager = options.metadataManager
    this.maxRetries = options.maxRetries
    this.retryBackoff = options.retryBackoff
    this.time = options.time
    this.logger = options.logger
    this.callsToSend = new CallsToSend(options)
  }

  // ---- for the callers

  /** Puts a new call in; while closing, the call fails. */
  call(call: Call): void {
    if (this.hardShutdownTimeMs !== null || this.closing) {
      call.handleFailure(
        new IllegalStateException(
          `Cannot accept the call ${call.callName}: the admin client is closing or closed.`,
        ),
      )
      return
    }
    call.startMs ||= this.time.milliseconds()
    this.newCalls.push(call)
    this.client.wakeup()
  }

  /** Ends the loop when all calls are done, or at this time; an earlier one named before stays. */
  initiateClose(hardShutdownTimeMs: number): void {
    this.hardShutdownTimeMs = Math.min(hardShutdownTimeMs, this.hardShutdownTimeMs ?? Infinity)
    this.client.wakeup()
  }

  /** Resolves when the loop has ended. Never rejects. */
  async run(): Promise<void> {
    let reason = 'The admin client was closed before the call was done.'
    try {
      while (await this.runOnce());
    } catch (error) {
      this.logger.error('The loop of the admin client has failed', error)
      reason = `The loop of the admin client has failed: ${error}.`
    }
    this.closing = true
    this.failRemainingCalls(reason)
    this.client.close()
  }

  /** One step. `false`: it was the last one. */
  async runOnce(): Promise<boolean> {
    const nowMs = this.time.milliseconds()
    this.transitionToPendingAndClearList(this.newCalls)
    if (this.shouldExit(nowMs)) return false

    let pollTimeoutMs = Math.min(MAX_POLL_MS, this.handleTimeouts(nowMs))
    if (this.hardShutdownTimeMs !== null) {
      pollTimeoutMs = Math.min(pollTimeoutMs, this.hardShutdownTimeMs - nowMs)
    }
    pollTimeoutMs = Math.min(pollTimeoutMs, this.maybeDrainPendingCalls(nowMs))
    pollTimeoutMs = Math.min(pollTimeoutMs, this.maybeFetchMetadata(nowMs))
    pollTimeoutMs = Math.min(pollTimeoutMs, this.sendEligibleCalls(nowMs))
    if (this.pendingCalls.length > 0) {
      pollTimeoutMs = Math.min(pollTimeoutMs, this.retryBackoff.initialInterval)
    }

    const responses = await this.client.poll(Math.max(0, pollTimeoutMs), nowMs)
    this.unassignUnsentCalls((node) => this.client.connectionFailed(node))
    this.handleResponses(this.time.milliseconds(), responses)
    return true
  }

  // ---- for the calls (CallLoop)

  retry(call: Call): void {
    this.pendingCalls.push(call)
  }

  forgetReadyDeadline(node: Node): void {
    this.callsToSend.forgetReadyDeadline(node)
  }

  explain(call: Call, nowMs: number): string {
    const { metadataManager, metadataCall, callsInFlight } = this
    const isInFlight = (other: Call) => [...callsInFlight.values()].includes(other)
    return explainTimeout({ call, metadataCall, metadataManager, isInFlight, nowMs })
  }

  /**
   * Back to the choice of a node: its connection has failed, or there is a new picture of the
   * cluster.
   */
  unassignUnsentCalls(shouldUnassign: (node: Node) => boolean): void {
    this.transitionToPendingAndClearList(this.callsToSend.take(shouldUnassign))
  }

  // ---- deadlines

  /** @returns milliseconds until the next one */
  private handleTimeouts(nowMs: number): number {
    const processor = new TimeoutProcessor(nowMs)
    const fail = (call: Call, error: TimeoutException) => call.fail(nowMs, error, this)
    // Before the deadlines of the calls: a call may have its own at the same moment, and would
    // leave a node behind that is taken for one that is just being connected to.
    for (const { node, calls } of this.callsToSend.takeOverdue(nowMs)) this.giveUpNode(node, calls)
    const waiting = 'Timed out waiting for a node assignment.'
    processor.handleTimeouts(this.pendingCalls, waiting, fail)
    for (const calls of this.callsToSend.lists()) {
      processor.handleTimeouts(calls, 'Timed out waiting to send the call.', fail)
    }
    for (const [nodeId, call] of this.callsInFlight) {
      if (!processor.callHasExpired(call)) continue
      // What was sent cannot be taken back; only the connection can be closed. The call fails
      // when the next poll brings that as its outcome.
      this.logger.info(`Disconnecting from ${nodeId} due to timeout while awaiting ${call}`)
      this.client.disconnect(nodeId)
    }
    return processor.nextTimeoutMs
  }

  private shouldExit(nowMs: number): boolean {
    if (this.hardShutdownTimeMs === null) return false
    const active = this.allCalls().some((call) => !call.internal)
    if (!active) return true
    if (nowMs < this.hardShutdownTimeMs) return false
    this.logger.info('Closing by force: requests in progress are given up.')
    return true
  }

  private failRemainingCalls(reason: string): void {
    const nowMs = this.time.milliseconds()
    const calls = this.allCalls().concat(this.newCalls)
    for (const call of calls) {
      call.fail(nowMs, new TimeoutException(`${reason} Call: ${call.callName}.`), this)
    }
  }

  private allCalls(): Call[] {
    const toSend = [...this.callsToSend.lists()].flat()
    return [...this.pendingCalls, ...toSend, ...this.correlationIdToCalls.values()]
  }

  // ---- whom to ask

  private transitionToPendingAndClearList(calls: Call[]): void {
    for (const call of calls.splice(0)) {
      call.curNode = null
      this.pendingCalls.push(call)
    }
  }

  /** @returns milliseconds until a call has waited for its back-off */
  private maybeDrainPendingCalls(nowMs: number): number {
    let untilNextMs = MAX_POLL_MS
    // A call that fails meanwhile and is tried again is put at the end of the new list.
    for (const call of this.pendingCalls.splice(0)) {
      if (nowMs < call.nextAllowedTryMs) {
        untilNextMs = Math.min(untilNextMs, call.nextAllowedTryMs - nowMs)
        this.pendingCalls.push(call)
      } else {
        this.maybeDrainPendingCall(call, nowMs)
      }
    }
    return untilNextMs
  }

  private maybeDrainPendingCall(call: Call, nowMs: number): void {
    try {
      const node = call.nodeProvider.provide()
      if (node === null) {
        if (!call.handleNodeUnavailable(nowMs)) this.pendingCalls.push(call)
      } else {
        call.assign(node)
        this.callsToSend.add(node, call)
      }
    } catch (error) {
      call.fail(nowMs, error as Error, this)
    }
  }

  /** @returns milliseconds until metadata is due */
  private maybeFetchMetadata(nowMs: number): number {
    const delayMs = this.metadataManager.metadataFetchDelayMs(nowMs)
    if (delayMs > 0) return delayMs
    if (this.metadataCall !== null) return MAX_POLL_MS
    this.metadataManager.transitionToUpdatePending(nowMs)
    const call = this.options.makeMetadataCall(nowMs, () => {
      this.metadataCall = null
    })
    call.startMs = nowMs
    this.metadataCall = call
    this.maybeDrainPendingCall(call, nowMs)
    return MAX_POLL_MS
  }

  // ---- out, and back in

  /** @returns milliseconds until it is worth trying again */
  private sendEligibleCalls(nowMs: number): number {
    let pollTimeoutMs = MAX_POLL_MS
    const isBusy = (node: Node) => this.callsInFlight.has(node.idString())
    for (const step of this.callsToSend.steps(isBusy, nowMs)) {
      if (step.what === 'wait') {
        pollTimeoutMs = Math.min(pollTimeoutMs, step.waitMs)
      } else {
        const { node, calls, remainingRequestTimeMs } = step
        while (calls.length > 0 && !isBusy(node)) {
          this.sendCall(calls.shift()!, node, remainingRequestTimeMs, nowMs)
        }
      }
    }
    return pollTimeoutMs
  }

  private giveUpNode(node: Node, calls: Call[]): void {
    const { requestTimeoutMs } = this.options
    const problem =
      `Node ${node} did not become ready for requests within ${requestTimeoutMs} ms. ` +
      `Check that ${node.host}:${node.port} is a Kafka listener without TLS.`
    this.logger.info(`${problem} Disconnecting, and revoking ${calls.length} node assignment(s).`)
    this.metadataManager.noteConnectionProblem(problem)
    this.transitionToPendingAndClearList(calls)
    this.client.disconnect(node.idString())
  }

  private sendCall(call: Call, node: Node, remainingRequestTimeMs: number, nowMs: number): void {
    const requestTimeoutMs = Math.min(remainingRequestTimeMs, call.remainingMs(nowMs))
    const nodeId = node.idString()
    try {
      const request: RequestBuilder = call.createRequest(requestTimeoutMs)
      const createdTimeMs = nowMs
      const options = { nodeId, request, createdTimeMs, requestTimeoutMs }
      const clientRequest = this.client.newClientRequest(options)
      this.client.send(clientRequest, nowMs)
      call.requestsSent++
      this.callsInFlight.set(nodeId, call)
      this.correlationIdToCalls.set(clientRequest.correlationId, call)
    } catch (error) {
      // What the program gave cannot be written, such as a number of partitions past an int32.
      const what = `Cannot send ${call.callName} to ${node}: ${(error as Error).message}`
      call.fail(nowMs, new KafkaException(what, { cause: error }), this)
    }
  }

  private handleResponses(nowMs: number, responses: readonly ClientResponse[]): void {
    for (const response of responses) {
      const { correlationId } = response.requestHeader
      const call = this.correlationIdToCalls.get(correlationId)
      if (call === undefined || this.callsInFlight.get(response.destination) !== call) {
        this.logger.error(
          `Internal error: node ${response.destination} has answered a request that is not in ` +
            `flight, with correlation id ${correlationId}. Disconnecting.`,
        )
        this.client.disconnect(response.destination)
        continue
      }
      this.correlationIdToCalls.delete(correlationId)
      this.callsInFlight.delete(response.destination)
      const failure = this.failureOf(call, response)
      if (failure !== null) {
        call.fail(nowMs, failure, this)
        continue
      }
      try {
        call.handleResponse(response)
      } catch (error) {
        call.fail(nowMs, error as Error, this)
      }
    }
  }

  /** Why there is no answer; `null`: there is one. */
  private failureOf(call: Call, response: ClientResponse): Error | null {
    if (response.versionMismatch !== null) return response.versionMismatch
    if (!response.wasDisconnected) return null
    const { destination, requestLatencyMs, requestHeader } = response
    return (
      (call.curNode && this.client.authenticationException(call.curNode)) ??
      new DisconnectException(
        `Cancelled ${call.callName} request with correlation id ${requestHeader.correlationId} ` +
          `due to node ${destination} being disconnected, ${requestLatencyMs} ms after it was sent`,
      )
    )
  }
}
