/**
 * What the producer's moments do to a scene: a record enters, finds its batch, and is acknowledged.
 */

import type { LabEvents } from '../moments.ts'
import type { SceneBatch } from './Scene.ts'
import { type Handlers, list, remove, type SceneState } from './SceneState.ts'

/** What a batch takes before its first record. */
const BATCH_HEADER_BYTES = 61

/** A program that does not say what it sends. */
const NOTHING_TOLD = { record: -1, key: null, value: null }

export const producerMoments: Handlers = {
  'app.send': (state, { record, key, value }, { source }) => {
    state.memory.told[source] = { record, key, value }
  },
  'app.failed': (state, { record: number }, { source }) => {
    // One that failed before it was in a batch; the others fail with their batch.
    const id = state.memory.ofProgram[`${source} ${number}`] ?? ''
    const record = state.scene.records[id]
    if (record === undefined || record.batch !== null) return
    record.place = 'failed'
    remove(state.memory.entering[source] ?? [], id)
  },
  'producer.send': (state, { topic, partition }, { source }) => {
    state.producer(source)
    const id = `${source}/${state.number(`${source} record`)}`
    const { record: number, key, value } = state.memory.told[source] ?? NOTHING_TOLD
    delete state.memory.told[source]
    state.memory.ofProgram[`${source} ${number}`] = id
    const record = { id, producer: source, key, value, topic, partition, batch: null }
    state.scene.records[id] = { ...record, place: 'send', offset: null, bytes: null }
    list(state.memory.entering, source).push(id)
  },
  'producer.interceptors.onSend': (state, _fields, { source }) => {
    state.enters(source, 'interceptors')
  },
  'producer.waitOnMetadata': (state, { topic }, { source }) => {
    state.enters(source, 'metadata', topic)
  },
  'producer.serialize': (state, _fields, { source }) => {
    state.enters(source, 'serializer')
  },
  'producer.partition': (state, { topic, partition }, { source }) => {
    const record = state.enters(source, 'partitioner', topic)
    if (record !== undefined && partition >= 0) record.partition = partition
  },
  'producer.bufferPool.allocate': (state, { availableBytes }, { source }) => {
    state.producer(source).freeBytes = availableBytes
  },
  'producer.bufferPool.deallocate': (state, { availableBytes }, { source }) => {
    state.producer(source).freeBytes = availableBytes
  },
  'producer.batch.tryAppend': (state, fields, { source, atMs }) => {
    appended(state, source, fields, atMs)
  },
  'producer.sender.runOnce': (state, _fields, { source }) => {
    state.producer(source).turns++
  },
  'producer.sender.sendProduceRequest': (state, { partitions }, { source }) => {
    for (const partition of partitions) {
      const batch = takeOldest(state, source, partition)
      if (batch === undefined) continue
      batch.place = 'inFlight'
      batch.tries++
      list(state.memory.taken, source).push(batch.id)
    }
  },
  'producer.sender.reenqueueBatch': (state, { topic, partition }, { source }) => {
    const batch = state.oldestInFlight(source, topic, partition)
    if (batch === undefined) return
    batch.place = 'deque'
    list(state.producer(source).deques, `${topic}-${partition}`).unshift(batch.id)
    state.count('retry')
  },
  'producer.sender.splitBatch': (state, { topic, partition, parts }, { source }) => {
    const whole = state.oldestInFlight(source, topic, partition)
    if (whole !== undefined) split(state, whole, parts)
  },
  'producer.batch.complete': (state, fields, { source }) => {
    const { topic, partition, baseOffset, error } = fields
    // What is completed in its deque was never sent: its delivery timed out there.
    const batch =
      state.oldestInFlight(source, topic, partition) ??
      takeOldest(state, source, `${topic}-${partition}`)
    if (batch !== undefined) complete(state, batch, baseOffset, error !== '')
  },
}

const takeOldest = (state: SceneState, source: string, partition: string) =>
  state.scene.batches[state.producer(source).deques[partition]?.shift() ?? '']

const appended = (
  state: SceneState,
  source: string,
  fields: LabEvents['producer.batch.tryAppend'],
  atMs: number,
): void => {
  const { topic, partition, records, batchBytes } = fields
  const record = state.takeEntering(source, topic, partition)
  if (record === undefined) return
  const deque = list(state.producer(source).deques, `${topic}-${partition}`)
  let batch = state.scene.batches[deque.at(-1) ?? '']
  if (records === 1 || batch === undefined) {
    const id = `${source}/batch-${state.number(`${source} batch`)}`
    const of = { id, producer: source, topic, partition, createdMs: atMs }
    batch = { ...of, records: [], bytes: BATCH_HEADER_BYTES, place: 'deque', tries: 0 }
    state.scene.batches[id] = batch
    deque.push(id)
  }
  record.bytes = batchBytes - batch.bytes
  record.place = 'batch'
  record.partition = partition
  record.batch = batch.id
  batch.bytes = batchBytes
  batch.records.push(record.id)
}

/** The parts stand in front of their deque, in order, with the records of the whole. */
const split = (state: SceneState, whole: SceneBatch, parts: readonly number[]): void => {
  const { producer, topic, partition, createdMs, records } = whole
  let from = 0
  const ids = parts.map((count) => {
    const id = `${producer}/batch-${state.number(`${producer} batch`)}`
    const of = records.slice(from, from + count)
    from += count
    const inside = of.map((record) => state.scene.records[record]).filter((r) => r !== undefined)
    const bytes = inside.reduce((sum, r) => sum + (r.bytes ?? 0), BATCH_HEADER_BYTES)
    for (const record of inside) record.batch = id
    const batch = { id, producer, topic, partition, createdMs, records: of, bytes }
    state.scene.batches[id] = { ...batch, place: 'deque', tries: 0 }
    return id
  })
  delete state.scene.batches[whole.id]
  list(state.producer(producer).deques, `${topic}-${partition}`).unshift(...ids)
}

const complete = (
  state: SceneState,
  batch: SceneBatch,
  baseOffset: number,
  failed: boolean,
): void => {
  batch.place = failed ? 'failed' : 'done'
  for (const [i, id] of batch.records.entries()) {
    const record = state.scene.records[id]
    if (record === undefined) continue
    record.place = failed ? 'failed' : 'acknowledged'
    record.offset = failed || baseOffset < 0 ? -1 : baseOffset + i
  }
}
