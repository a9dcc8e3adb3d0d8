/**
 * What each station of a record's way says: what went in, what came out, bytes on the wire.
 *
 * One line per event of the trace bus. The stations themselves (`Class.method`) come from
 * `TRACE_POINTS`: nothing here names a class.
 */

import type { TraceEvents, TraceName } from '../../common/TraceEvents.ts'

export interface Told {
  readonly in: string
  readonly out: string
  /** Bytes that cross a wire here. */
  readonly bytes?: number
}

type Telling = { readonly [N in TraceName]?: (fields: TraceEvents[N]) => Told }

const count = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`
const bytes = (n: number | null): string => (n === null ? 'null' : count(n, 'byte'))
const hex = (crc: number): string => crc.toString(16).padStart(8, '0')
const at = (p: { topic: string; partition: number }): string => `${p.topic}-${p.partition}`
const request = (r: { api: string; apiVersion: number; correlationId: number }): string =>
  `${r.api} v${r.apiVersion} #${r.correlationId}`
const ofBatch = (b: { topic: string; partition: number; records: number; baseOffset: number }) =>
  `${count(b.records, 'record')} of ${at(b)} from offset ${b.baseOffset}`

export const TELL: Telling = {
  'producer.send': (f) => ({
    in: `a record for ${f.topic} with ${count(f.headers, 'header')}`,
    out: f.partition === null ? 'no partition chosen yet' : `to partition ${f.partition}`,
  }),
  'producer.interceptors.onSend': (f) => ({
    in: 'the record',
    out: `the record, through ${count(f.interceptors, 'interceptor')}`,
  }),
  'producer.waitOnMetadata': (f) => ({
    in: `who leads ${f.topic}?`,
    out: `${count(f.partitions, 'partition')}, known after ${f.waitedMs} ms`,
  }),
  'producer.serialize': (f) => ({
    in: 'key and value',
    out: `key ${bytes(f.keyBytes)}, value ${bytes(f.valueBytes)}`,
  }),
  'producer.partition': (f) => ({
    in: `the key's bytes and the partitions of ${f.topic}`,
    out: f.partition < 0 ? 'left to the accumulator (no key)' : `partition ${f.partition}`,
  }),
  'producer.bufferPool.allocate': (f) => ({
    in: `${bytes(f.bytes)} wanted`,
    out:
      `a ${f.pooled ? 'pooled' : 'new'} buffer after ${f.waitedMs} ms; ` +
      `${bytes(f.availableBytes)} left`,
  }),
  'producer.batch.tryAppend': (f) => ({
    in: `the serialized record`,
    out: `record ${f.records} of its batch, ${bytes(f.batchBytes)} so far`,
  }),
  'record.builder.append': (f) => ({
    in: `offset ${f.offset} in its batch`,
    out: `${bytes(f.recordBytes)} written behind the 61-byte header`,
  }),
  'producer.accumulator.append': (f) => ({
    in: `the record, for ${at(f)}`,
    out: `${f.newBatchCreated ? 'a new batch' : 'an open batch'}, ${
      f.batchIsFull ? 'full' : 'with room'
    }; ${f.batchesQueued} queued`,
  }),
  'producer.sender.wakeup': () => ({ in: 'there is something to do', out: 'the poll loop wakes' }),
  'producer.sender.runOnce': (f) => ({
    in: 'one turn of the I/O loop',
    out: `${count(f.inFlightBatches, 'batch').replace('batchs', 'batches')} in flight`,
  }),
  'producer.accumulator.ready': (f) => ({
    in: 'which nodes have a batch that may leave?',
    out: `node ${f.readyNodes.join(', ')}`,
  }),
  'clients.networkClient.ready': (f) => ({
    in: `may node ${f.node} be sent to?`,
    out: f.ready ? 'yes' : 'not yet: connecting',
  }),
  'producer.accumulator.drain': (f) => ({
    in: `node ${f.nodes.join(', ')}`,
    out: `${f.batches} ${f.batches === 1 ? 'batch' : 'batches'} of ${bytes(f.bytes)}`,
  }),
  'record.builder.close': (f) => ({
    in: count(f.records, 'record'),
    out: `a batch of ${bytes(f.bytes)}, ${f.compression}, CRC32C ${hex(f.crc)}`,
  }),
  'producer.sender.sendProduceRequest': (f) => ({
    in: `${f.partitions.join(', ')}`,
    out: `one request to node ${f.node}, acks=${f.acks === -1 ? 'all' : f.acks}`,
  }),
  'clients.networkClient.doSend': (f) => ({
    in: request(f),
    out: `to node ${f.node}, in flight`,
    bytes: f.bytes,
  }),
  'network.selector.send': (f) => ({ in: bytes(f.bytes), out: 'waits for the channel' }),
  'network.selector.poll': (f) => ({
    in: `waits up to ${f.timeoutMs} ms`,
    out: `${count(f.readyKeys, 'key')} ready`,
  }),
  'network.transport.write': (f) => ({
    in: `${count(f.buffers, 'slice')}, not copied`,
    out: 'to the socket',
    bytes: f.bytes,
  }),
  'network.channel.write': (f) => ({
    in: 'the request or response',
    out: f.completed ? 'all of it has left' : `${bytes(f.bytes)} have left`,
    bytes: f.bytes,
  }),
  'network.transport.read': (f) => ({ in: 'the socket', out: bytes(f.bytes), bytes: f.bytes }),
  'network.channel.read': (f) => ({
    in: 'size, then as many bytes',
    out: f.completed ? 'a whole frame' : 'part of a frame',
    bytes: f.bytes,
  }),
  'broker.processor.processCompletedReceives': (f) => ({
    in: `a frame from ${f.clientId ?? 'a client without id'}`,
    out: request(f),
    bytes: f.bytes,
  }),
  'broker.requestChannel.sendRequest': (f) => ({
    in: `${f.api} #${f.correlationId}`,
    out: `in the queue, ${f.queueSize} waiting`,
  }),
  'broker.handler.run': (f) => ({ in: 'the queue', out: `${f.api} #${f.correlationId}` }),
  'broker.apis.handleProduceRequest': (f) => ({
    in: `${bytes(f.bytes)} for ${f.partitions.join(', ')}`,
    out: `acks=${f.acks === -1 ? 'all' : f.acks}`,
  }),
  'broker.replicaManager.handleProduceAppend': (f) => ({
    in: count(f.partitions, 'partition'),
    out: 'to their leaders',
  }),
  'broker.partition.appendRecordsToLeader': (f) => ({
    in: bytes(f.bytes),
    out: `${at(f)} leads here, epoch ${f.leaderEpoch}`,
  }),
  'broker.log.append': (f) => ({
    in: `${count(f.records, 'record')}, ${bytes(f.bytes)}`,
    out: `offset ${f.firstOffset}${
      f.lastOffset === f.firstOffset ? '' : ` to ${f.lastOffset}`
    } in segment ${f.segment}`,
  }),
  'broker.requestChannel.sendResponse': (f) => ({
    in: `${f.api} #${f.correlationId}`,
    out: 'a response',
    bytes: f.bytes,
  }),
  'clients.networkClient.handleCompletedReceives': (f) => ({
    in: `${bytes(f.bytes)} from node ${f.node}`,
    out: `the answer to ${request(f)} after ${f.latencyMs} ms`,
    bytes: f.bytes,
  }),
  'clients.clientResponse.onComplete': (f) => ({
    in: `${f.api} #${f.correlationId}`,
    out: f.failure === '' ? 'to whoever asked' : f.failure,
  }),
  'producer.sender.handleProduceResponse': (f) => ({
    in: `#${f.correlationId} from node ${f.node}`,
    out: f.partitions.join(', '),
  }),
  'producer.sender.completeBatch': (f) => ({ in: f.error, out: ofBatch(f) }),
  'producer.batch.complete': (f) => ({ in: ofBatch(f), out: 'callbacks called, futures kept' }),
  'producer.interceptors.onAcknowledgement': (f) => ({
    in: 'the acknowledgement',
    out: `to ${count(f.interceptors, 'interceptor')}`,
  }),
  'producer.bufferPool.deallocate': (f) => ({
    in: bytes(f.bytes),
    out: `back in the pool: ${bytes(f.availableBytes)} free`,
  }),
  'consumer.poll': (f) => ({ in: `wait up to ${f.timeoutMs} ms`, out: 'to the delegate' }),
  'consumer.delegate.poll': (f) => ({
    in: count(f.assigned, 'assigned partition'),
    out: 'fetch, then collect',
  }),
  'consumer.fetcher.sendFetches': (f) => ({
    in: f.partitions.join(', '),
    out: `one fetch to node ${f.node}`,
  }),
  'consumer.networkClient.poll': (f) => ({
    in: `waits up to ${f.timeoutMs} ms`,
    out: `${count(f.pendingCompletions, 'completion')} to fire`,
  }),
  'broker.apis.handleFetchRequest': (f) => ({
    in: f.partitions.join(', '),
    out: `at least ${bytes(f.minBytes)}, or after ${f.maxWaitMs} ms`,
  }),
  'broker.replicaManager.fetchMessages': (f) => ({
    in: count(f.partitions, 'partition'),
    out: 'read now, or wait in purgatory',
  }),
  'broker.log.read': (f) => ({
    in: `${at(f)} from offset ${f.startOffset}, at most ${bytes(f.maxBytes)}`,
    out: f.bytes === 0 ? 'nothing yet' : bytes(f.bytes),
  }),
  'consumer.fetchBuffer.add': (f) => ({
    in: `${at(f)} from offset ${f.fetchOffset}`,
    out: `${bytes(f.bytes)}, not decoded yet`,
  }),
  'consumer.fetchCollector.collectFetch': (f) => ({
    in: 'what the buffer holds',
    out: count(f.records, 'record'),
  }),
  'consumer.completedFetch.fetchRecords': (f) => ({
    in: at(f),
    out: `${count(f.records, 'record')}; next offset ${f.nextOffset}`,
  }),
  'consumer.deserialize': (f) => ({
    in: `key ${bytes(f.keyBytes)}, value ${bytes(f.valueBytes)}`,
    out: 'key and value again',
  }),
  'consumer.interceptors.onConsume': (f) => ({
    in: count(f.records, 'record'),
    out: `through ${count(f.interceptors, 'interceptor')}`,
  }),
}
