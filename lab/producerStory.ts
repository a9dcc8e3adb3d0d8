/**
 * What the producer's moments are in words: from `send` to the request, and back to the callbacks.
 */

import type { Scene } from './scene/Scene.ts'
import { aside, bytes, count, on, round, type Tellings, told } from './storyWords.ts'

/** Why a broker may be sent to: `1:orders-0:full`. */
const becauseOf = (reason: string, producer: string, scene: Scene): string => {
  const [, node = '', partition = '', why = ''] = /^(-?\d+):(.*):(\w+)$/.exec(reason) ?? []
  const queued = scene.producers[producer]?.deques[partition]?.length ?? 0
  const words: Readonly<Record<string, string>> = {
    full: queued > 1 ? 'has another one behind it' : 'is full',
    lingered: 'has waited linger.ms',
    exhausted: 'may go early: somebody waits for memory',
    flush: 'may go early: somebody flushes',
    closed: 'may go early: the producer is closing',
  }
  const batch = `the first {batch} of {partition|${partition}} ${words[why] ?? why}`
  return `{broker|Broker ${node}} has something to get: ${batch}.`
}

export const producerTellings: Tellings = {
  'producer.send': (f) => aside('record', `A {record} for ${f.topic} enters the producer.`),
  'producer.interceptors.onSend': (f) => {
    const who = f.interceptors === 0 ? 'there are none' : count(f.interceptors, 'interceptor')
    return told('record', `Interceptors may look at the {record} and change it: ${who}.`)
  },
  'producer.waitOnMetadata': (f) => {
    const known = f.waitedMs === 0 ? 'known already' : `known after ${f.waitedMs} ms`
    return told('partition', `Who leads ${f.topic}? ${count(f.partitions, 'partition')}, ${known}.`)
  },
  'producer.serialize': (f) => {
    const key = f.keyBytes === null ? 'no key' : `a key of ${bytes(f.keyBytes)}`
    const value = f.valueBytes === null ? 'a null value' : `a value of ${bytes(f.valueBytes)}`
    return told('record', `The serializers turn the {record} into bytes: ${key}, ${value}.`)
  },
  'producer.partition': (f) =>
    told(
      'partition',
      f.partition < 0
        ? 'No key and no partition given: the accumulator will choose the {partition}.'
        : `The partitioner chooses {partition|partition ${f.partition}}.`,
    ),
  'producer.bufferPool.allocate': (f) =>
    told(
      'buffer',
      `There is no batch with room, so the pool lends {buffer|a buffer} of ${f.bytes} bytes, ` +
        `${f.pooled ? 'used before' : 'new'}; ${f.availableBytes} are left.`,
    ),
  'producer.bufferPool.wait': (f) =>
    told(
      'buffer',
      `Memory has run out: a send needs {buffer|${f.bytes} bytes}, ${f.availableBytes} are free. ` +
        `It joins the line, ${f.queued} ${f.queued === 1 ? 'waits' : 'wait'}.`,
    ),
  'producer.bufferPool.accumulate': (f) =>
    told(
      'buffer',
      `The first in line reserves {buffer|${f.got} bytes}: it has ${f.accumulated} of ${f.bytes}.`,
    ),
  'producer.bufferPool.exhausted': (f) =>
    told(
      'buffer',
      `After ${round(f.waitedMs)} ms a send gives up its wait for {buffer|${f.bytes} bytes}` +
        `${f.reserved === 0 ? '' : ` and leaves the ${f.reserved} that it had reserved`}.`,
    ),
  'record.builder.append': (f) =>
    aside(
      'record',
      `The {record} is written into the {buffer}: ${bytes(f.recordBytes)}, ` +
        `as number ${f.offset} of its batch.`,
    ),
  'producer.batch.tryAppend': (f) =>
    told(
      'batch',
      `The {record} is in the {batch} of {partition|${on(f)}}: ` +
        `${count(f.records, 'record')}, ${bytes(f.batchBytes)} with the header.`,
    ),
  'producer.accumulator.append': (f) => {
    const which = f.newBatchCreated ? 'a new {batch}' : 'the open {batch}'
    const full =
      f.batchesQueued > 1
        ? `${count(f.batchesQueued, 'batch', 'batches')} stand in line, so the first may leave.`
        : f.batchIsFull
          ? 'It is full and may leave.'
          : 'It waits for company.'
    return told('batch', `send is done: the record is in ${which} of {partition|${on(f)}}. ${full}`)
  },
  'producer.sender.wakeup': () => aside(null, 'The sender is woken from its poll.'),
  'producer.sender.runOnce': (f) =>
    aside('clock', `The sender takes a turn; ${count(f.inFlightBatches, 'batch', 'batches')} out.`),
  'producer.accumulator.ready': (f, m, scene) =>
    f.readyNodes.length === 0
      ? aside('batch', 'No {batch} may leave yet.')
      : told('batch', f.reasons.map((reason) => becauseOf(reason, m.source, scene)).join(' ')),
  'producer.accumulator.drain': (f) =>
    f.batches === 0
      ? aside('batch', 'Nothing to take.')
      : told(
          'batch',
          `The sender takes ${count(f.batches, 'batch', 'batches')}, ${bytes(f.bytes)}: ` +
            'at most the first of each partition.',
        ),
  'record.builder.close': (f) =>
    told(
      'batch',
      `The {batch} is closed: ${count(f.records, 'record')}, ${bytes(f.bytes)}, checksum ` +
        `${f.crc.toString(16).padStart(8, '0')}.`,
    ),
  'producer.sender.sendProduceRequest': (f) =>
    told(
      'request',
      `${f.partitions.length === 1 ? 'It becomes' : `${f.partitions.length} batches become`} ` +
        `one Produce {request} to {broker|broker ${f.node}}, ` +
        `acks=${f.acks === -1 ? 'all' : f.acks}.`,
    ),
  'producer.sender.handleProduceResponse': () =>
    told('request', 'The sender opens the answer and looks for each {batch}.'),
  'producer.sender.completeBatch': (f) =>
    told(
      'batch',
      f.error === 'NONE'
        ? f.baseOffset < 0
          ? `Nobody was asked whether {partition|${on(f)}} has the {batch}; it counts as sent.`
          : `{partition|${on(f)}} has the {batch}, from offset ${f.baseOffset} on.`
        : `The {batch} for {partition|${on(f)}}: ${f.error}.`,
    ),
  'producer.sender.splitBatch': (f) =>
    told(
      'batch',
      `The broker finds the {batch} of {partition|${on(f)}} too large. ` +
        `${count(f.parts.length, 'part')}` +
        ` of ${f.parts.join(' and ')} records ${f.parts.length === 1 ? 'takes' : 'take'} its ` +
        'place.',
    ),
  'producer.sender.reenqueueBatch': (f) =>
    told(
      'batch',
      `The {batch} goes back to the head of the queue of {partition|${on(f)}} after try ` +
        `${f.attempts}, ${f.error}. It backs off before the next.`,
    ),
  'producer.batch.complete': (f) => {
    const end = f.error === '' ? 'is done' : `has failed, ${f.error}`
    const whose = f.records === 1 ? 'its record' : `its ${f.records} records`
    return told(
      'batch',
      `The {batch} of {partition|${on(f)}} ${end}: whoever waits for ${whose} is told.`,
    )
  },
  'producer.interceptors.onAcknowledgement': (f) =>
    aside('record', `${count(f.interceptors, 'interceptor')} hear of the outcome.`),
  'producer.bufferPool.deallocate': (f) =>
    told('buffer', `The {buffer} goes back: ${f.availableBytes} bytes are free.`),
}
