/**
 * Between the handlers of one broker and what they hand requests to: lets a request meet the
 * cluster's fault rules first.
 *
 *     KafkaRequestHandler ─► FaultInjector ─► KafkaApis ─► RequestChannel ─► Processor
 *                              │ beforeHandling              ▲ afterHandling: `request.fault`
 *                              └ delay, error, close, or nothing
 *
 * The answer is made by the same code as ever; a fault changes it where it leaves the request
 * channel. So a lost acknowledgement is lost after the append, as in life.
 *
 * I1  A request that is hit is answered, closed, or forgotten with its memory given back: never
 *     held.
 * I2  What is delayed is the broker's own timer, which ends with the broker.
 */

import type { Trace } from '../../common/Trace.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import type { ApiRequestHandler } from '../KafkaRequestHandler.ts'
import type { BackgroundTasks } from '../log/BackgroundTasks.ts'
import type { MetadataCache } from '../metadata/MetadataCache.ts'
import type { Request, Response, ResponseFault } from '../network/Request.ts'
import type { RequestChannel } from '../network/RequestChannel.ts'
import { describe, type FaultAction, type FaultRule, type Faults } from './Faults.ts'
import {
  errorFor,
  type Fields,
  groupsOf,
  mergeAnswers,
  partsOf,
  splitRequest,
  withOffsetErrors,
  withTopicErrors,
} from './requestParts.ts'

export interface FaultInjectorOptions {
  brokerId: number
  faults: Faults
  apis: ApiRequestHandler
  requestChannel: RequestChannel
  metadataCache: MetadataCache
  /** For delays. */
  tasks: BackgroundTasks
  trace: Trace
}

export class FaultInjector implements ApiRequestHandler {
  private readonly options: FaultInjectorOptions
  private readonly faults: Faults
  private readonly apis: ApiRequestHandler
  private readonly requestChannel: RequestChannel

  constructor(options: FaultInjectorOptions) {
    this.options = options
    this.faults = options.faults
    this.apis = options.apis
    this.requestChannel = options.requestChannel
  }

  handle(request: Request): void {
    if (this.faults.isEmpty()) {
      this.apis.handle(request)
      return
    }
    const { apiKey, header } = request
    const rule = this.faults.take({
      apiKey,
      broker: this.options.brokerId,
      clientId: header.clientId,
      parts: () => partsOf(apiKey, bodyOf(request), this.topicName),
      groups: () => groupsOf(apiKey, bodyOf(request)),
    })
    if (rule === undefined) {
      this.apis.handle(request)
      return
    }
    if (this.options.trace.enabled) {
      this.options.trace.emit('broker.faults.hit', {
        connection: request.context.connectionId,
        api: apiKey.name,
        correlationId: header.correlationId,
        action: describe(rule.action),
        hits: rule.hits,
      })
    }
    this.apply(rule, request)
  }

  private apply(rule: FaultRule, request: Request): void {
    const { action } = rule
    if (action.kind === 'error') this.failParts(request, rule)
    else if (action.when === 'afterHandling') {
      request.fault = this.onAnswer(action)
      this.apis.handle(request)
    } else if (action.kind === 'delay') {
      this.options.tasks.schedule(action.ms, () => this.apis.handle(request))
    } else if (action.kind === 'disconnect') this.requestChannel.closeConnection(request)
    else if (isUnanswered(request)) this.requestChannel.sendNoOpResponse(request)
    else request.releaseBuffer()
  }

  /** What happens to an answer that is there. */
  private onAnswer(action: Exclude<FaultAction, { kind: 'error' }>): ResponseFault {
    const deliver = (response: Response, forward: (response: Response) => void): void => {
      if (action.kind === 'delay') {
        this.options.tasks.schedule(action.ms, () => forward(response))
      } else if (action.kind === 'drop') {
        if (response.kind === 'noOp') forward(response)
      } else forward(cutShort(response, action.afterBytes))
    }
    return { deliver }
  }

  private failParts(request: Request, rule: FaultRule): void {
    const { apiKey, header } = request
    const { error } = rule.action as Extract<FaultAction, { kind: 'error' }>
    const matches = rule.matchesPart.bind(rule)
    if (apiKey.id === ApiKeys.METADATA.id) {
      request.fault = { amend: (data) => withTopicErrors(data, error, matches) }
      this.apis.handle(request)
      return
    }
    if (apiKey.id === ApiKeys.OFFSET_FETCH.id && rule.namesParts()) {
      request.fault = { amend: (data) => withOffsetErrors(data, error, this.topicName, matches) }
      this.apis.handle(request)
      return
    }
    const { matched, rest } = splitRequest(apiKey, bodyOf(request), this.topicName, matches)
    const errors = errorFor(apiKey, header.apiVersion, matched, error)
    if (rest === undefined) {
      if (errors === undefined) this.requestChannel.closeConnection(request)
      else this.requestChannel.sendResponse(request, apiKey, errors)
      return
    }
    request.replaceBody(rest)
    request.fault =
      errors === undefined
        ? { deliver: (_, forward) => forward({ kind: 'close', request }) }
        : { amend: (data) => mergeAnswers(apiKey, data, errors) }
    this.apis.handle(request)
  }

  private readonly topicName = (id: Parameters<MetadataCache['getTopicName']>[0]) =>
    this.options.metadataCache.getTopicName(id)
}

const bodyOf = (request: Request): Fields => request.body(request.apiKey) as Fields

/** A produce with acks=0: whoever sent it waits for nothing. */
const isUnanswered = (request: Request): boolean =>
  request.apiKey.id === ApiKeys.PRODUCE.id && request.body(ApiKeys.PRODUCE).acks === 0

/** The first `bytes` of an answer, and then the end of the connection. */
const cutShort = (response: Response, bytes: number): Response => {
  const { request } = response
  if (response.kind !== 'send' || bytes === 0) return { kind: 'close', request }
  const slices: Uint8Array[] = []
  let left = bytes
  for (const slice of response.slices) {
    if (left <= 0) break
    slices.push(slice.subarray(0, left))
    left -= slice.length
  }
  return { kind: 'send', request, slices, thenClose: true }
}
