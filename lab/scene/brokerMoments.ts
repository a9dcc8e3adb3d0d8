/**
 * What the broker's moments do to a scene: requests queue, are handled, fill the log, are answered.
 */

import type { LabEvents } from '../moments.ts'
import { type Handlers, list, remove, type SceneState } from './SceneState.ts'

export const brokerMoments: Handlers = {
  'broker.processor.processCompletedReceives': (state, fields, { source }) => {
    const { clientId, correlationId, connection } = fields
    state.memory.clientOfConnection[connection] = clientId ?? ''
    const request = state.requestOn(connection, correlationId)
    if (request === undefined) return
    request.connection = connection
    request.place = 'queue'
    state.broker(source).queue.push(request.id)
  },
  'broker.handler.run': (state, { connection, correlationId }, { source }) => {
    const broker = state.broker(source)
    const request = state.requestOn(connection, correlationId)
    broker.handling = request?.id ?? null
    if (request === undefined) return
    remove(broker.queue, request.id)
    request.place = 'handling'
  },
  'broker.apis.handleProduceRequest': (state, { acks }, { source }) => {
    state.memory.acks[source] = acks
  },
  'broker.log.append': (state, fields, { source }) => stored(state, source, fields),
  'broker.replicaManager.fetchMessages': (state, _fields, { source }) => {
    const broker = state.broker(source)
    const request = state.handled(source)
    if (request === undefined || request.place === 'purgatory') return
    request.place = 'purgatory'
    broker.handling = null
    broker.purgatory.push(request.id)
  },
  'broker.log.read': (state, fields, { source }) => {
    const { topic, partition, startOffset, bytes } = fields
    state.broker(source).lastRead[`${topic}-${partition}`] = bytes === 0 ? -1 : startOffset
  },
  'broker.requestChannel.sendResponse': (state, fields, { source }) => {
    const { connection, correlationId, bytes } = fields
    const broker = state.broker(source)
    const request = state.requestOn(connection, correlationId)
    if (request === undefined) return
    state.leavesBroker(broker, request.id)
    if (request.api === 'Fetch') {
      for (const [partition, from] of Object.entries(broker.lastRead)) {
        const to = (broker.logs[partition]?.at(-1)?.offset ?? -1) + 1
        if (from >= 0 && from < to) request.carries.push({ partition, from, to })
      }
    }
    if (request.abandoned) delete state.scene.requests[request.id]
    else state.memory.owed[request.id] = bytes
    request.place = 'back'
    request.bytes = bytes
    const client = state.memory.clientOfConnection[connection] ?? ''
    state.frame(source, client, { request: request.id, isResponse: true, bytesLeft: bytes })
  },
}

const stored = (
  state: SceneState,
  source: string,
  fields: LabEvents['broker.log.append'],
): void => {
  const { topic, partition, firstOffset, lastOffset, bytes } = fields
  const broker = state.broker(source)
  const request = state.handled(source)
  const batch = request?.batches
    .map((id) => state.scene.batches[id])
    .find((b) => b?.topic === topic && b.partition === partition)
  const log = list(broker.logs, `${topic}-${partition}`)
  for (let offset = firstOffset; offset <= lastOffset; offset++) {
    const record = batch?.records[offset - firstOffset] ?? null
    log.push({ offset, record, batchBytes: bytes })
  }
  // Nobody waits for an answer to acks=0, and none is sent.
  if (request !== undefined && state.memory.acks[source] === 0) {
    state.leavesBroker(broker, request.id)
    delete state.scene.requests[request.id]
    remove(state.client(request.client)?.inFlight ?? [], request.id)
  }
}
