/**
 * Sends that could not reach a batch at once, in a line for each topic.
 *
 * In Java a thread that waits for metadata or memory stands still, so it cannot send anything else
 * meanwhile. Here `send` returns, and the caller may go on sending. Three things follow, and this
 * class sees to them:
 *
 *     order     while one send of a topic waits, all later ones of that topic stand behind it
 *     memory    records that wait are bounded by another `buffer.memory` bytes
 *     time      each has a `max.block.ms` of its own, from its own `send` on
 *
 *     'orders'   │ head: waits for memory │ next │ next │ … ◄─ send('orders')
 *     'clicks'   (no line)  ◄─ send('clicks') goes straight to its batch
 *
 * Only the head of a line does anything. When it is through, the next one goes on in the same turn
 * of the event loop, so a batch's worth of waiting sends costs one wait, not a thousand.
 *
 * I1  Sends of one topic reach their batches in the order in which they were made.
 * I2  bytes = Σ bytes of all that wait ≤ limitBytes when one is let in, or it is alone, or it has
 *     begun to wait for memory before its line began: then it cannot be turned away.
 * I3  Every one that waits is appended or fails.
 */

import { BufferExhaustedException } from '../../common/errors.ts'
import type { ProducerRecord } from '../ProducerRecord.ts'
import type { AppendCallback } from './AppendCallbacks.ts'
import { ArrayDeque } from './ArrayDeque.ts'
import type { FutureRecordMetadata } from './FutureRecordMetadata.ts'
import type { RecordAppendResult } from './RecordAppendResult.ts'
import type { SenderTurns } from './SenderTurns.ts'

export interface WaitingSend<K, V> {
  readonly record: ProducerRecord<K, V>
  readonly callback: AppendCallback | null
  /** In the user's hands already. */
  readonly future: FutureRecordMetadata
  /** When `send` was called, milliseconds since 1970. */
  readonly sinceMs: number
  /** Memory was asked for before the line began: the accumulator's promise. */
  readonly appending: Promise<RecordAppendResult> | null
}

/** What the producer does for a send that waits. */
export interface SendSteps<K, V> {
  /** Goes the whole way again; a promise when something has to be waited for. */
  attempt(waiting: WaitingSend<K, V>): RecordAppendResult | Promise<RecordAppendResult>
  /** Has the Sender take its turn soon. */
  wakeup(): void
  /** It will not get into a batch. */
  fail(waiting: WaitingSend<K, V>, error: unknown): void
}

interface Place<K, V> {
  readonly waiting: WaitingSend<K, V>
  readonly bytes: number
}

export class WaitingRoom<K, V> {
  private readonly limitBytes: number
  private readonly turns: SenderTurns
  private readonly steps: SendSteps<K, V>
  private readonly lines = new Map<string, ArrayDeque<Place<K, V>>>()
  private bytes = 0

  /** @param limitBytes that may wait together: `buffer.memory` */
  constructor(limitBytes: number, turns: SenderTurns, steps: SendSteps<K, V>) {
    this.limitBytes = limitBytes
    this.turns = turns
    this.steps = steps
  }

  /** Whether a send of `topic` has to stand in line. Asked for every record. */
  hasLine(topic: string): boolean {
    return this.lines.size > 0 && this.lines.has(topic)
  }

  /** Bytes of all records that wait, as far as their size is known before they are serialized. */
  waitingBytes(): number {
    return this.bytes
  }

  snapshot(): { topic: string; sends: number; bytes: number }[] {
    return Array.from(this.lines, ([topic, line]) => {
      const bytes = Array.from(line).reduce((sum, place) => sum + place.bytes, 0)
      return { topic, sends: line.size, bytes }
    })
  }

  /**
   * Takes a send in, behind those of its topic that are there.
   *
   * @throws BufferExhaustedException when the room is full
   */
  enter(waiting: WaitingSend<K, V>): void {
    const bytes = sizeOfRecord(waiting.record)
    // One that has begun to wait for memory cannot be turned away any more.
    const mayFail = waiting.appending === null && this.bytes > 0
    if (mayFail && this.bytes + bytes > this.limitBytes) {
      throw new BufferExhaustedException(
        `No more records can wait for metadata or memory: those that do have ${this.bytes} ` +
          `bytes, and 'buffer.memory' is ${this.limitBytes}. Await what 'appended' of a send ` +
          `gives before the next one, or raise 'buffer.memory'.`,
      )
    }
    this.bytes += bytes
    const { topic } = waiting.record
    const line = this.lines.get(topic)
    if (line !== undefined) {
      line.addLast({ waiting, bytes })
      return
    }
    const created = new ArrayDeque<Place<K, V>>()
    created.addLast({ waiting, bytes })
    this.lines.set(topic, created)
    void this.serve(topic, created)
  }

  /** Resolves when all that wait at this moment have been appended or have failed. */
  async whenServed(): Promise<void> {
    const lasts = Array.from(this.lines.values(), (line) => line.peekLast()?.waiting.future)
    for (const last of lasts) await last?.appended
  }

  /** One loop per line, for as long as it lasts. */
  private async serve(topic: string, line: ArrayDeque<Place<K, V>>): Promise<void> {
    for (let head = line.peekFirst(); head !== undefined; head = line.peekFirst()) {
      const attempt = this.attempt(head.waiting)
      const outcome = attempt instanceof Promise ? await attempt : attempt
      line.pollFirst()
      this.bytes -= head.bytes
      // First the line, then the news: who goes on sending because of them should find no line.
      if (line.isEmpty()) this.lines.delete(topic)
      const { waiting } = head
      if (outcome instanceof Failed) this.steps.fail(waiting, outcome.error)
      else waiting.future.resolveTo(outcome.future)
    }
  }

  private attempt(waiting: WaitingSend<K, V>): Outcome | Promise<Outcome> {
    // Another line may have used the turn up, so this is asked again after each.
    if (waiting.appending === null && this.turns.isDue()) {
      // What filled the turn may be a part of one batch, for whose sake the Sender lets it linger.
      this.steps.wakeup()
      return this.turns.next().then(() => this.attempt(waiting))
    }
    try {
      const result = waiting.appending ?? this.steps.attempt(waiting)
      return result instanceof Promise
        ? result.catch((error: unknown) => new Failed(error))
        : result.copy()
    } catch (error) {
      return new Failed(error)
    }
  }
}

class Failed {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/** Not the future itself: a promise would wait for what it is given to resolve with. */
type Outcome = RecordAppendResult | Failed

/** Objects that every record brings along, about. */
const RECORD_OVERHEAD = 256
/** For a key or value whose size nobody knows before it is serialized. */
const UNKNOWN_SIZE = 1024

const sizeOfRecord = <K, V>(record: ProducerRecord<K, V>): number => {
  let bytes = RECORD_OVERHEAD + sizeOf(record.key) + sizeOf(record.value)
  for (const { key, value } of record.headerArray()) bytes += sizeOf(key) + sizeOf(value)
  return bytes
}

const sizeOf = (data: unknown): number => {
  if (data === null || data === undefined) return 0
  if (data instanceof Uint8Array) return data.byteLength
  if (typeof data === 'string') return data.length
  return typeof data === 'object' ? UNKNOWN_SIZE : 8
}
