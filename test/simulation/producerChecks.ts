/**
 * What must hold after a simulated run, whatever went wrong in it.
 *
 * I1  Every send settles: its future and its callback, once, with the same outcome.
 * I2  An acknowledged record is in the log at its offset, with its bytes.
 * I3  With idempotence a record is in the log at most once.
 * I4  Nothing is in the log that was not sent; offsets have no gaps.
 * I5  The records of a producer in a partition are in the order of `send`, with idempotence.
 *     Without, but with one request in flight, those that were acknowledged are: one that timed out
 *     can still arrive, behind its successors. Else a batch that is tried again can be behind them,
 *     too.
 * I6  Callbacks of acknowledged records come in the order of their offsets, where I5 holds.
 * I7  The memory is all back, and nothing waits, when the producer is closed. (Closed by force it
 *     keeps, as Kafka's does, the memory of what was in flight: the network may still read it.)
 * I8  When nothing goes wrong every record is acknowledged, and in the log exactly once.
 * I9  Who has the patience gets there: with unlimited retries and a `delivery.timeout.ms` that is
 *     longer than everything that goes wrong together no batch expires, nor fails for its sequence.
 *
 * With acks=0 nobody is asked, so nothing is promised but I1, I4 and I7, and no second copy in I8.
 */

import { OutOfOrderSequenceException } from '../../src/common/errors/ApiExceptions.ts'
import { KafkaException, TimeoutException } from '../../src/common/errors.ts'
import type { ProducerSnapshot } from '../../src/producer/internals/ProducerSnapshot.ts'
import type { Plan, ProducerPlan } from './producerPlan.ts'

/** A record that was given to `send`, and what its producer was told about it. */
export interface SentRecord {
  readonly topic: string
  /** Counts the records of a producer. */
  readonly number: number
  readonly key: string | null
  readonly value: Uint8Array
  callbacks: number
  settled: boolean
  /** Of the callback. */
  error?: Error | null
  partition?: number
  offset?: number
  /** Counts the callbacks of a producer. */
  toldAs?: number
  /** Of the future; `undefined` when it failed. */
  futureOffset?: number | undefined
}

/** A record in a log. */
export interface StoredRecord {
  readonly offset: number
  readonly producer: string
  readonly number: number
  readonly key: string | null
  readonly value: Uint8Array
}

/** By `topic-partition`. */
export type Logs = Map<string, StoredRecord[]>

export interface CheckedProducer {
  readonly plan: ProducerPlan
  readonly sent: readonly SentRecord[]
  snapshot(): ProducerSnapshot
}

/** @throws Error that says what is wrong */
export const checkOutcome = (
  plan: Plan,
  producers: readonly CheckedProducer[],
  logs: Logs,
): void => {
  for (const [name, stored] of logs) checkOffsets(name, stored)
  const byName = new Map(producers.map((producer) => [producer.plan.name, producer]))
  for (const [name, stored] of logs) {
    for (const record of stored) checkWasSent(name, record, byName.get(record.producer))
  }
  for (const producer of producers) {
    for (const record of producer.sent) {
      checkSettled(producer, record)
      if (record.error === null) checkAcknowledged(producer, record, logs)
      else if (plan.calm) fail(producer, record, `failed though all went well: ${record.error}`)
      else if (isPatient(producer, plan)) checkGotThere(producer, record)
    }
    checkCopies(plan, producer, logs)
    if (keepsOrder(producer)) checkOrder(producer, logs)
    checkReturned(producer)
  }
}

const isIdempotent = ({ plan }: CheckedProducer): boolean =>
  plan.settings['enable.idempotence'] === true

const isAnswered = ({ plan }: CheckedProducer): boolean => plan.settings.acks !== '0'

const keepsOrder = (producer: CheckedProducer): boolean =>
  isIdempotent(producer) ||
  (isAnswered(producer) && producer.plan.settings['max.in.flight.requests.per.connection'] === 1)

function fail(producer: CheckedProducer, { topic, number }: SentRecord, what: string): never {
  throw new Error(`record ${number} of ${producer.plan.name} to ${topic}: ${what}`)
}

/** I1. */
const checkSettled = (producer: CheckedProducer, record: SentRecord): void => {
  const { callbacks, settled, error, offset, futureOffset } = record
  if (callbacks !== 1) fail(producer, record, `${callbacks} callbacks`)
  if (!settled) fail(producer, record, 'its future never settled')
  if (error === null) {
    if (futureOffset !== offset) {
      fail(producer, record, `the callback says offset ${offset}, the future ${futureOffset}`)
    }
  } else {
    if (futureOffset !== undefined) fail(producer, record, `failed, and has an offset: ${error}`)
    if (!(error instanceof KafkaException) || error.constructor === KafkaException) {
      if (!isEndOfProducer(error)) fail(producer, record, `failed without a name: ${error}`)
    }
  }
}

/** Kafka says by a plain exception that a producer was closed before the record could go. */
const isEndOfProducer = (error: Error | undefined): boolean =>
  error !== undefined && /closed/.test(error.message)

/** Longer than all misfortunes of a plan, and the time-outs by which they are noticed. */
const PATIENCE_MS = 20_000
/** A request that takes longer than its time-out by itself never gets through. */
const ENOUGH_FOR_A_REQUEST_MS = 1000
const FAST_ENOUGH_BYTES_PER_MS = 100

const isPatient = ({ plan: { settings, closeTimeoutMs } }: CheckedProducer, plan: Plan): boolean =>
  settings.retries === undefined &&
  closeTimeoutMs === undefined &&
  Number(settings['delivery.timeout.ms']) >= PATIENCE_MS &&
  Number(settings['request.timeout.ms']) >= ENOUGH_FOR_A_REQUEST_MS &&
  (plan.link.bytesPerMs ?? FAST_ENOUGH_BYTES_PER_MS) >= FAST_ENOUGH_BYTES_PER_MS

/** I9. */
const checkGotThere = (producer: CheckedProducer, record: SentRecord): void => {
  const { error } = record
  const expired = error instanceof TimeoutException && error.message.startsWith('Expiring')
  if (!expired && !(error instanceof OutOfOrderSequenceException)) return
  fail(producer, record, `failed, though everything was healed long before: ${error.message}`)
}

/** I2. */
const checkAcknowledged = (producer: CheckedProducer, record: SentRecord, logs: Logs): void => {
  const { topic, partition, offset, key, value, number } = record
  // Nobody says with acks=0 what became of a record, nor where.
  if (!isAnswered(producer)) return
  const log = logs.get(`${topic}-${partition}`)
  if (log === undefined) fail(producer, record, `acknowledged in ${topic}-${partition}?`)
  const isIt = (each: StoredRecord): boolean =>
    each.producer === producer.plan.name && each.number === number
  // A duplicate that the broker knows no offset of any more is told as -1: it is there all the
  // same.
  const stored = offset === -1 && isIdempotent(producer) ? log.find(isIt) : log[offset!]
  if (stored === undefined || !isIt(stored)) {
    const found = stored === undefined ? 'nothing' : `record ${stored.number} of ${stored.producer}`
    const where = log.filter(isIt).map((each) => each.offset)
    fail(
      producer,
      record,
      `acknowledged at ${topic}-${partition}@${offset}, where there is ${found}; ` +
        `it is at [${where}]`,
    )
  } else if (stored.key !== key || !equal(stored.value, value)) {
    fail(producer, record, `at ${topic}-${partition}@${offset} are other bytes`)
  }
}

/** I3, I8. */
const checkCopies = (plan: Plan, producer: CheckedProducer, logs: Logs): void => {
  const copies = new Map<number, string[]>()
  for (const [name, stored] of logs) {
    for (const each of stored) {
      if (each.producer !== producer.plan.name) continue
      const places = copies.get(each.number) ?? []
      places.push(`${name}@${each.offset}`)
      copies.set(each.number, places)
    }
  }
  for (const record of producer.sent) {
    const places = copies.get(record.number) ?? []
    if (places.length > 1 && (isIdempotent(producer) || plan.calm)) {
      fail(producer, record, `is in the log ${places.length} times: ${places.join(', ')}`)
    }
    if (places.length === 0 && plan.calm && isAnswered(producer))
      fail(producer, record, 'is not in the log')
  }
}

/** I4. */
const checkOffsets = (name: string, stored: readonly StoredRecord[]): void => {
  for (const [i, { offset }] of stored.entries()) {
    if (offset !== i) throw new Error(`${name}: offset ${offset} follows ${i - 1}`)
  }
}

const checkWasSent = (
  name: string,
  stored: StoredRecord,
  producer: CheckedProducer | undefined,
): void => {
  const sent = producer?.sent[stored.number]
  if (sent === undefined || !name.startsWith(`${sent.topic}-`)) {
    throw new Error(`${name}@${stored.offset}: nobody sent this`)
  }
  if (!equal(sent.value, stored.value)) throw new Error(`${name}@${stored.offset}: other bytes`)
}

/** I5, I6. */
const checkOrder = (producer: CheckedProducer, logs: Logs): void => {
  const { name } = producer.plan
  for (const [partition, stored] of logs) {
    let last = -1
    let lastTold = -1
    for (const { producer: by, number, offset } of stored) {
      if (by !== name) continue
      const { error, offset: told, toldAs } = producer.sent[number]!
      const acknowledged = error === null && told === offset
      if (!acknowledged && !isIdempotent(producer)) continue
      if (number < last) {
        throw new Error(`${partition}@${offset}: record ${number} of ${name} is behind ${last}`)
      }
      last = number
      if (!acknowledged) continue
      if (toldAs! < lastTold) {
        throw new Error(`${partition}@${offset}: record ${number} of ${name} was told too early`)
      }
      lastTold = toldAs!
    }
  }
}

/** I7. */
const checkReturned = (producer: CheckedProducer): void => {
  const { bufferPool, accumulator, inFlight, waitingSends } = producer.snapshot()
  const mayBeForced = producer.plan.closeTimeoutMs !== undefined
  const left = {
    bytesInUse: mayBeForced ? 0 : bufferPool.inUseBytes,
    waiters: bufferPool.waiters.length,
    incomplete: accumulator.incomplete.length,
    inFlight: mayBeForced ? 0 : inFlight.length,
    waitingSends: waitingSends.length,
  }
  for (const [what, count] of Object.entries(left)) {
    if (count !== 0) throw new Error(`${producer.plan.name} is closed, and has ${what}: ${count}`)
  }
}

const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])
