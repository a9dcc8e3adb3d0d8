/**
 * Whatever commits, deletions, transactions and the passing of time come to: a broker that reads
 * the log has the same.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GroupCoordinatorRecordSerde } from '../../../src/broker/group/GroupCoordinatorRecordSerde.ts'
import { RecordBatch } from '../../../src/record/RecordBatch.ts'
import { OffsetHarness } from './OffsetHarness.ts'

const GROUPS = ['g', 'h']
const TOPICS = ['foo', 'bar']
const MINUTE_MS = 60_000
const where = {
  groupId: fc.constantFrom(...GROUPS),
  topic: fc.constantFrom(...TOPICS),
  partition: fc.nat(2),
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('commit' as const), ...where, offset: fc.nat(1000) }),
  fc.record({
    kind: fc.constant('commitInTransaction' as const),
    ...where,
    offset: fc.nat(1000),
    producer: fc.constantFrom(1n, 2n),
  }),
  fc.record({
    kind: fc.constant('endTransaction' as const),
    producer: fc.constantFrom(1n, 2n),
    committed: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('deleteOffset' as const), ...where }),
  fc.record({ kind: fc.constant('deleteGroup' as const), groupId: where.groupId }),
  fc.record({ kind: fc.constant('growOld' as const), minutes: fc.nat(2) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

type LogEntry =
  | { readonly key: Uint8Array; readonly value: Uint8Array | null; readonly producer: bigint }
  | { readonly endOf: bigint; readonly committed: boolean }

/** A harness that writes everything it replays into a log of bytes. */
class LoggedHarness extends OffsetHarness {
  readonly log: LogEntry[] = []
  private readonly serde = new GroupCoordinatorRecordSerde()

  override replayOffsets(...[records, producer]: Parameters<OffsetHarness['replayOffsets']>): void {
    for (const record of records) {
      const key = this.serde.serializeKey(record)
      const value = this.serde.serializeValue(record)
      this.log.push({ key, value, producer: producer ?? RecordBatch.NO_PRODUCER_ID })
    }
    super.replayOffsets(records, producer)
  }

  override endTransaction(producer: bigint, committed: boolean): void {
    this.log.push({ endOf: producer, committed })
    super.endTransaction(producer, committed)
  }

  take(step: Step): void {
    switch (step.kind) {
      case 'commit':
        this.committed(step.groupId, step.topic, step.partition, { committedOffset: step.offset })
        return
      case 'commitInTransaction': {
        const fields = { committedOffset: step.offset, producerId: step.producer }
        this.committed(step.groupId, step.topic, step.partition, fields)
        return
      }
      case 'endTransaction':
        this.endTransaction(step.producer, step.committed)
        return
      case 'deleteOffset':
        this.classicGroup(step.groupId)
        this.deleteOffset(step.groupId, step.topic, step.partition)
        return
      case 'deleteGroup':
        this.deleteAllOffsets(step.groupId)
        return
      case 'growOld':
        void this.time.sleep(step.minutes * MINUTE_MS)
        for (const groupId of this.manager.groupIds()) this.cleanupExpiredOffsets(groupId)
    }
  }

  /** A broker that has nothing but these bytes. */
  readAgain(): OffsetHarness {
    const harness = new OffsetHarness()
    for (const entry of this.log) {
      if ('endOf' in entry) harness.endTransaction(entry.endOf, entry.committed)
      else {
        const record = this.serde.deserialize(entry.key, entry.value)
        harness.replayOffsets([record], entry.producer)
      }
    }
    return harness
  }

  /** All that a fetch can show, and all that waits. */
  static stateOf(harness: OffsetHarness) {
    return GROUPS.map((groupId) => ({
      stable: harness.fetchAll(groupId, true),
      all: harness.fetchAll(groupId, false),
      pending: TOPICS.flatMap((topic) =>
        [0, 1, 2].filter((partition) =>
          harness.offsets.hasPendingTransactionalOffsets(groupId, topic, partition),
        ),
      ),
    }))
  }
}

test('a broker that reads the log has the same offsets as the one that wrote it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const harness = new LoggedHarness({ 'offsets.retention.minutes': 2 })
      for (const each of steps) harness.take(each)
      const written = LoggedHarness.stateOf(harness)
      expect(LoggedHarness.stateOf(harness.readAgain())).toEqual(written)
    }),
    { numRuns: 300, seed: 7 },
  )
})

test('an offset is the last that was committed, and gone when it was deleted or grew old', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const harness = new LoggedHarness({ 'offsets.retention.minutes': 2 })
      const expected = new Map<string, { offset: number; atMs: number }>()
      const plain = steps.filter(({ kind }) => !kind.endsWith('Transaction'))
      for (const each of plain) {
        harness.take(each)
        const nowMs = harness.time.milliseconds()
        if (each.kind === 'commit') {
          const key = `${each.groupId} ${each.topic} ${each.partition}`
          expected.set(key, { offset: each.offset, atMs: nowMs })
        } else if (each.kind === 'deleteOffset') {
          expected.delete(`${each.groupId} ${each.topic} ${each.partition}`)
        } else if (each.kind === 'deleteGroup') {
          for (const key of expected.keys()) {
            if (key.startsWith(`${each.groupId} `)) expected.delete(key)
          }
        } else if (each.kind === 'growOld') {
          for (const [key, { atMs }] of expected) {
            if (nowMs - atMs >= 2 * MINUTE_MS) expected.delete(key)
          }
        }
      }
      for (const groupId of GROUPS) {
        for (const topic of TOPICS) {
          for (const partition of [0, 1, 2]) {
            const found = harness.offsets.offset(groupId, topic, partition)?.committedOffset
            const model = expected.get(`${groupId} ${topic} ${partition}`)?.offset
            expect(found).toBe(model)
          }
        }
      }
    }),
    { numRuns: 300, seed: 11 },
  )
})
