/**
 * What moments of clients and of the network do to a scene: requests leave, packets travel, answers
 * come back.
 */

import type { Handlers } from './SceneState.ts'

export const wireMoments: Handlers = {
  'clients.nodeConnections.initiateConnect': (state, { node, host }, { source }) => {
    state.memory.hostOfNode[`${source} ${node}`] = host
  },
  'clients.networkClient.doSend': (state, fields, { source }) => {
    const { api, correlationId, bytes, node } = fields
    const id = `${source}#${correlationId}`
    // Whoever asks again has looked through the last answer.
    if (api === 'Fetch') state.scene.consumers[source]?.reading.splice(0)
    const batches = api === 'Produce' ? (state.memory.taken[source] ?? []) : []
    if (api === 'Produce') state.memory.taken[source] = []
    const common = { id, client: source, api, correlationId, bytes, batches }
    const unsent = { place: 'client', carries: [], connection: null, abandoned: false } as const
    state.scene.requests[id] = { ...common, ...unsent, carries: [] }
    state.client(source)?.inFlight.push(id)
    state.count(api)
    const host = state.memory.hostOfNode[`${source} ${node}`] ?? ''
    state.frame(source, host, { request: id, isResponse: false, bytesLeft: bytes })
  },
  'clients.networkClient.handleCompletedReceives': (state, { correlationId }, { source }) => {
    state.answered(source, correlationId)
  },
  'clients.clientResponse.onComplete': (state, { correlationId, failure }, { source }) => {
    if (failure !== '') state.abandoned(source, correlationId)
  },
  'clients.nodeConnections.handleDisconnections': (state, { node }, { source }) => {
    const host = state.memory.hostOfNode[`${source} ${node}`]
    if (host !== undefined) state.disconnected(source, host)
  },
  'network.pipe.transmit': (state, fields, { atMs }) => {
    const { from, to, connection, segment, kind, bytes, travelMs, lost } = fields
    const id = `${connection}:${from}>${to}:${segment}`
    const { request, isResponse } = state.scene.packets[id] ?? state.takeFrame(from, to, bytes)
    const what = { id, from, to, kind, bytes, request, isResponse, lost }
    state.scene.packets[id] = { ...what, sentMs: atMs, arrivesMs: atMs + travelMs }
    const sent = state.scene.requests[request ?? '']
    if (sent !== undefined && !isResponse) sent.place = 'out'
    if (lost) state.count('lost')
  },
  'network.pipe.deliver': (state, { from, to, connection, segment }) => {
    const id = `${connection}:${from}>${to}:${segment}`
    const packet = state.scene.packets[id]
    if (packet?.isResponse && packet.request !== null) state.arrives(packet.request, packet.bytes)
    delete state.scene.packets[id]
  },
}
