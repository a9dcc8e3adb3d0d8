/**
 * Every event of the trace bus: its name, what it carries, and the one method that emits it.
 *
 * Names run `floor.class.event`. Fields are plain numbers, strings and short arrays, never live
 * objects: a listener may keep them. Bytes are counts unless said otherwise. A test compares
 * `TRACE_POINTS` with the places in the source.
 */

interface OnPartition {
  topic: string
  partition: number
}

/** A member of a group, in one round. */
interface OfMember {
  group: string
  member: string
  generation: number
}

interface OnRequest {
  api: string
  apiVersion: number
  correlationId: number
  bytes: number
}

/** A request as a broker knows it: a correlation id is unique to its connection only. */
interface OfConnection {
  connection: string
  api: string
  correlationId: number
}

interface OfGroup {
  groupId: string
}

/** A segment on a network in memory. */
interface OnWire {
  from: string
  to: string
  /** Both directions of a connection have the same. */
  connection: number
  /** Counts the segments of one direction of one connection, from 0. */
  segment: number
  /** `data`, or the flag: `SYN`, `SYN_ACK`, `FIN`, `RST`. */
  kind: string
  bytes: number
}

export interface TraceEvents {
  // ---- producer, in the order in which a record meets it
  'producer.send': {
    topic: string
    /** `null`: not chosen by the caller. */
    partition: number | null
    headers: number
  }
  'producer.interceptors.onSend': { interceptors: number }
  'producer.waitOnMetadata': { topic: string; partitions: number; waitedMs: number }
  'producer.serialize': { keyBytes: number | null; valueBytes: number | null }
  'producer.partition': {
    topic: string
    /** -1: the accumulator chooses, among the partitions of the topic. */
    partition: number
  }
  'producer.accumulator.append': OnPartition & {
    batchIsFull: boolean
    newBatchCreated: boolean
    batchesQueued: number
  }
  /** Memory has run out: a request joins the line. */
  'producer.bufferPool.wait': {
    bytes: number
    /** In line, this one included. */
    queued: number
    availableBytes: number
  }
  /** The first in line reserves a part of what it needs, or all. */
  'producer.bufferPool.accumulate': { bytes: number; got: number; accumulated: number }
  'producer.bufferPool.exhausted': {
    bytes: number
    /** What it had reserved, and leaves behind. */
    reserved: number
    waitedMs: number
  }
  'producer.bufferPool.allocate': {
    bytes: number
    /** A buffer of `batch.size` came from the free list. */
    pooled: boolean
    waitedMs: number
    availableBytes: number
  }
  'producer.batch.tryAppend': OnPartition & {
    /** Records in the batch, this one included. */
    records: number
    batchBytes: number
  }
  'producer.sender.wakeup': Record<string, never>
  'producer.sender.runOnce': { inFlightBatches: number }
  /** An idempotent producer got its id, or counted up its epoch, or gave both up (-1). */
  'producer.transactionManager.setProducerIdAndEpoch': { producerId: string; epoch: number }
  /** `partitions`: those whose batches in flight are numbered from 0 again. */
  'producer.transactionManager.bumpIdempotentProducerEpoch': {
    producerId: string
    epoch: number
    partitions: string[]
  }
  'producer.accumulator.ready': {
    readyNodes: number[]
    nextReadyCheckDelayMs: number
    /** Why: `broker:topic-partition:full`, or `lingered`, `exhausted`, `flush`, `closed`. */
    reasons: string[]
  }
  'producer.accumulator.drain': {
    nodes: number[]
    batches: number
    bytes: number
    /** Of each batch; -1 without idempotence. */
    baseSequences: number[]
  }
  'producer.sender.sendProduceRequest': {
    node: number
    acks: number
    partitions: string[]
    bytes: number
  }
  'producer.sender.handleProduceResponse': {
    node: number
    correlationId: number
    partitions: string[]
  }
  'producer.sender.completeBatch': OnPartition & {
    baseOffset: number
    records: number
    error: string
    /** -1 without idempotence. */
    baseSequence: number
  }
  'producer.sender.reenqueueBatch': OnPartition & {
    attempts: number
    error: string
    /** -1 without idempotence. */
    baseSequence: number
  }
  /** The broker found a batch too large. `parts`: the records in each that took its place. */
  'producer.sender.splitBatch': OnPartition & { parts: number[] }
  'producer.batch.complete': OnPartition & { baseOffset: number; records: number; error: string }
  'producer.interceptors.onAcknowledgement': { interceptors: number }
  'producer.bufferPool.deallocate': { bytes: number; availableBytes: number }

  // ---- record
  'record.builder.append': { offset: number; recordBytes: number; batchBytes: number }
  'record.builder.close': { records: number; bytes: number; crc: number; compression: string }

  // ---- clients
  'clients.networkClient.ready': { node: number; ready: boolean }
  'clients.nodeConnections.initiateConnect': { node: number; host: string; port: number }
  'clients.networkClient.doSend': OnRequest & { node: number }
  'clients.networkClient.handleCompletedReceives': OnRequest & { node: number; latencyMs: number }
  'clients.nodeConnections.handleDisconnections': { node: number; state: string }
  'clients.nodeConnections.timedOut': OnRequest & { node: number; waitedMs: number }
  'clients.clientResponse.onComplete': {
    api: string
    correlationId: number
    /** `''`, or why there is no body. */
    failure: string
  }
  'clients.metadata.update': { topics: number; nodes: number; requestVersion: number }

  // ---- network, on both sides
  'network.selector.connect': { channel: string; host: string; port: number }
  'network.selector.connected': { channel: string }
  'network.selector.send': { channel: string; bytes: number }
  'network.selector.poll': { timeoutMs: number; readyKeys: number }
  'network.selector.close': { channel: string; reason: string }
  'network.channel.write': { channel: string; bytes: number; completed: boolean }
  'network.transport.write': { channel: string; buffers: number; bytes: number }
  'network.transport.read': { channel: string; bytes: number }
  'network.channel.read': { channel: string; bytes: number; completed: boolean }
  /** Only on a network in memory: what a packet analyser would see. */
  'network.pipe.transmit': OnWire & {
    /** Milliseconds until it arrives, or would have arrived. */
    travelMs: number
    /** This try does not arrive; TCP sends the segment again. */
    lost: boolean
  }
  'network.pipe.deliver': OnWire

  // ---- broker
  'broker.processor.processCompletedReceives': OnRequest & {
    connection: string
    clientId: string | null
  }
  'broker.requestChannel.sendRequest': OfConnection & { queueSize: number }
  'broker.handler.run': OfConnection
  /** A fault rule hit this request. `action`: what it does; `hits`: how many it has hit so far. */
  'broker.faults.hit': OfConnection & { action: string; hits: number }
  'broker.apis.handleProduceRequest': { acks: number; partitions: string[]; bytes: number }
  'broker.apis.handleFetchRequest': { maxWaitMs: number; minBytes: number; partitions: string[] }
  'broker.replicaManager.handleProduceAppend': { requiredAcks: number; partitions: number }
  'broker.replicaManager.fetchMessages': { partitions: number; minBytes: number; maxWaitMs: number }
  'broker.partition.appendRecordsToLeader': OnPartition & { bytes: number; leaderEpoch: number }
  'broker.log.append': OnPartition & {
    firstOffset: number
    lastOffset: number
    records: number
    bytes: number
    segment: number
  }
  'broker.log.read': OnPartition & { startOffset: number; maxBytes: number; bytes: number }
  /** A partition of a coordinator's topic was read to its end and can be asked. */
  'broker.coordinator.load': OnPartition & { epoch: number; records: number }
  'broker.coordinator.append': OnPartition & { operation: string; records: number }
  'broker.group.addMember': OfGroup & {
    memberId: string
    groupInstanceId: string | null
    members: number
  }
  'broker.group.prepareRebalance': OfGroup & {
    generationId: number
    members: number
    reason: string
  }
  /** Every join is answered. Without members: the group is empty now. */
  'broker.group.completeJoin': OfGroup & {
    generationId: number
    members: number
    leader: string | null
    protocolName: string | null
  }
  /** The leader has shared out, and it is written down. */
  'broker.group.stable': OfGroup & { generationId: number; members: number }
  'broker.group.leave': OfGroup & { memberId: string }
  /** Nothing was heard of the member for so long. */
  'broker.group.expire': OfGroup & { memberId: string; sessionTimeoutMs: number }
  'broker.requestChannel.sendResponse': OfConnection & { bytes: number }

  // ---- consumer
  'consumer.poll': { timeoutMs: number }
  'consumer.delegate.poll': { assigned: number }
  'consumer.fetcher.sendFetches': { node: number; partitions: string[] }
  'consumer.networkClient.poll': { timeoutMs: number; pendingCompletions: number }
  /** The coordinator was found: `node` is its broker. */
  'consumer.coordinator.find': { group: string; node: number }
  /** The member is in a new round; `members` are those that the leader is told of. */
  'consumer.coordinator.join': OfMember & { isLeader: boolean; members: number }
  /** The member has its share: so many bytes of assignment. */
  'consumer.coordinator.sync': OfMember & { bytes: number }
  /** A heartbeat was answered: `NONE`, or what has happened. */
  'consumer.coordinator.heartbeat': OfMember & { error: string }
  /** The member stores how far it has come in so many partitions. */
  'consumer.coordinator.commit': OfMember & { partitions: number }
  /** The member says that it leaves. */
  'consumer.coordinator.leave': OfMember & { reason: string }
  'consumer.fetchBuffer.add': OnPartition & { fetchOffset: number; bytes: number }
  'consumer.fetchCollector.collectFetch': { records: number }
  'consumer.completedFetch.fetchRecords': OnPartition & { records: number; nextOffset: number }
  'consumer.deserialize': { keyBytes: number | null; valueBytes: number | null }
  'consumer.interceptors.onConsume': { interceptors: number; records: number }
}

export type TraceName = keyof TraceEvents

/** Where each event comes from: `Class.method` of the line that emits it. */
export const TRACE_POINTS: { readonly [N in TraceName]: string } = {
  'producer.send': 'KafkaProducer.send',
  'producer.interceptors.onSend': 'ProducerInterceptors.onSend',
  'producer.waitOnMetadata': 'KafkaProducer.waitOnMetadata',
  'producer.serialize': 'KafkaProducer.serialize',
  'producer.partition': 'KafkaProducer.partition',
  'producer.accumulator.append': 'RecordAccumulator.append',
  'producer.bufferPool.wait': 'BufferPool.waitForMemory',
  'producer.bufferPool.accumulate': 'BufferPool.accumulate',
  'producer.bufferPool.exhausted': 'BufferPool.exhausted',
  'producer.bufferPool.allocate': 'BufferPool.allocate',
  'producer.batch.tryAppend': 'ProducerBatch.tryAppend',
  'producer.sender.wakeup': 'Sender.wakeup',
  'producer.sender.runOnce': 'Sender.runOnce',
  'producer.transactionManager.setProducerIdAndEpoch': 'TransactionManager.setProducerIdAndEpoch',
  'producer.transactionManager.bumpIdempotentProducerEpoch':
    'TransactionManager.bumpIdempotentProducerEpoch',
  'producer.accumulator.ready': 'RecordAccumulator.ready',
  'producer.accumulator.drain': 'RecordAccumulator.drain',
  'producer.sender.sendProduceRequest': 'Sender.sendProduceRequest',
  'producer.sender.handleProduceResponse': 'Sender.handleProduceResponse',
  'producer.sender.completeBatch': 'Sender.completeBatch',
  'producer.sender.reenqueueBatch': 'BatchOutcomes.reenqueueBatch',
  'producer.sender.splitBatch': 'BatchOutcomes.splitBatch',
  'producer.batch.complete': 'ProducerBatch.completeFutureAndFireCallbacks',
  'producer.interceptors.onAcknowledgement': 'ProducerInterceptors.onAcknowledgement',
  'producer.bufferPool.deallocate': 'BufferPool.deallocate',
  'record.builder.append': 'MemoryRecordsBuilder.append',
  'record.builder.close': 'MemoryRecordsBuilder.close',
  'clients.networkClient.ready': 'NetworkClient.ready',
  'clients.nodeConnections.initiateConnect': 'NodeConnections.initiateConnect',
  'clients.networkClient.doSend': 'NetworkClient.doSend',
  'clients.networkClient.handleCompletedReceives': 'NetworkClient.handleCompletedReceives',
  'clients.nodeConnections.handleDisconnections': 'NodeConnections.handleDisconnections',
  'clients.nodeConnections.timedOut': 'NodeConnections.handleTimedOutRequests',
  'clients.clientResponse.onComplete': 'ClientResponse.onComplete',
  'clients.metadata.update': 'Metadata.update',
  'network.selector.connect': 'SelectorChannels.connect',
  'network.selector.connected': 'Selector.pollSelectionKeys',
  'network.selector.send': 'Selector.send',
  'network.selector.poll': 'Selector.poll',
  'network.selector.close': 'SelectorChannels.doClose',
  'network.channel.write': 'KafkaChannel.write',
  'network.transport.write': 'PlaintextTransportLayer.write',
  'network.transport.read': 'PlaintextTransportLayer.read',
  'network.channel.read': 'KafkaChannel.read',
  'network.pipe.transmit': 'MemoryPipe.traceSegment',
  'network.pipe.deliver': 'MemoryPipe.deliverOne',
  'broker.processor.processCompletedReceives': 'Processor.processCompletedReceives',
  'broker.requestChannel.sendRequest': 'RequestChannel.sendRequest',
  'broker.handler.run': 'KafkaRequestHandler.run',
  'broker.faults.hit': 'FaultInjector.handle',
  'broker.apis.handleProduceRequest': 'KafkaApis.handleProduceRequest',
  'broker.apis.handleFetchRequest': 'KafkaApis.handleFetchRequest',
  'broker.replicaManager.handleProduceAppend': 'ReplicaManager.handleProduceAppend',
  'broker.replicaManager.fetchMessages': 'ReplicaManager.fetchMessages',
  'broker.partition.appendRecordsToLeader': 'Partition.appendRecordsToLeader',
  'broker.log.append': 'UnifiedLog.appendAsLeader',
  'broker.log.read': 'UnifiedLog.read',
  'broker.coordinator.load': 'CoordinatorContext.activate',
  'broker.coordinator.append': 'CoordinatorContext.append',
  'broker.group.addMember': 'ClassicGroupJoin.addMemberThenRebalanceOrCompleteJoin',
  'broker.group.prepareRebalance': 'ClassicGroupRebalance.prepareRebalance',
  'broker.group.completeJoin': 'ClassicGroupRebalance.completeClassicGroupJoin',
  'broker.group.stable': 'ClassicGroupSync.stabilize',
  'broker.group.leave': 'ClassicGroupLeave.removeCurrentMemberFromClassicGroup',
  'broker.group.expire': 'ClassicGroupHeartbeat.expireClassicGroupMemberHeartbeat',
  'broker.requestChannel.sendResponse': 'RequestChannel.sendResponse',
  'consumer.poll': 'KafkaConsumer.poll',
  'consumer.delegate.poll': 'ClassicKafkaConsumer.poll',
  'consumer.fetcher.sendFetches': 'Fetcher.sendFetches',
  'consumer.networkClient.poll': 'ConsumerNetworkClient.pollInTurn',
  'consumer.coordinator.find': 'CoordinatorLookup.handle',
  'consumer.coordinator.join': 'JoinGroupResponseHandler.emit',
  'consumer.coordinator.sync': 'SyncGroupResponseHandler.emit',
  'consumer.coordinator.heartbeat': 'HeartbeatResponseHandler.handle',
  'consumer.coordinator.commit': 'OffsetCommitter.sendOffsetCommitRequest',
  'consumer.coordinator.leave': 'GroupRequests.sendLeaveGroupRequest',
  'consumer.fetchBuffer.add': 'FetchBuffer.add',
  'consumer.fetchCollector.collectFetch': 'FetchCollector.collectFetch',
  'consumer.completedFetch.fetchRecords': 'CompletedFetch.fetchRecords',
  'consumer.deserialize': 'CompletedFetch.parseRecord',
  'consumer.interceptors.onConsume': 'ConsumerInterceptors.onConsume',
}
