/**
 * Answers of Kafka's own log, and what Kafka's own consumer made of them: ours must hand out the
 * same records, go on at the same offset, and stumble over the same damage.
 *
 * `test/golden/fetches.json` was written by Kafka's classes (`FetchFixtures.java` says what stands
 * where): logs of several producers with open, committed and aborted transactions between each
 * other, compressed or not, some of them compacted.
 */

import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FetchedPartitionData } from '../../src/clients/FetchResponse.ts'
import { KafkaException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { TopicPartitionSet } from '../../src/common/TopicPartitionSet.ts'
import { TraceBus } from '../../src/common/Trace.ts'
import { AutoOffsetResetStrategy } from '../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { CompletedFetch } from '../../src/consumer/internals/CompletedFetch.ts'
import { Deserializers } from '../../src/consumer/internals/Deserializers.ts'
import type { FetchConfig } from '../../src/consumer/internals/FetchConfig.ts'
import { SubscriptionState } from '../../src/consumer/internals/SubscriptionState.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import {
  ConsumerHarness,
  fetchConfig,
  fetchedPartition,
  metricAggregator,
  tp0,
} from './support/ConsumerHarness.ts'

type Read = [
  isolation: 0 | 1,
  offset: number,
  firstByte: number,
  lastByte: number,
  lastStableOffset: number,
  aborted: [producerId: number, firstOffset: number][] | null,
  offsets: number[],
  next: number,
  epoch: number | null,
]
type Damaged = [
  checkCrcs: boolean,
  change: [position: number, xor: number] | [length: number],
  calls: (number[] | '!')[],
]
interface Fixture {
  readonly name: string
  readonly bytes: string
  readonly highWatermark: number
  readonly reads: Read[]
  readonly damaged: Damaged[]
}

const fixtures = JSON.parse(
  readFileSync(new URL('../golden/fetches.json', import.meta.url), 'utf8'),
) as Fixture[]

const strings = new Deserializers(new StringDeserializer(), new StringDeserializer())
const trace = new TraceBus(new MockTime()).from('test')
const bytesOf = ({ bytes }: Fixture): Uint8Array =>
  Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))

const committed = (isolation: 0 | 1): Partial<FetchConfig> => ({
  isolationLevel: isolation === 1 ? 'read_committed' : 'read_uncommitted',
})

const answerOf = (fixture: Fixture, read: Read) => {
  const [, , firstByte, lastByte, lastStableOffset, aborted] = read
  return {
    records: bytesOf(fixture).subarray(firstByte, lastByte),
    highWatermark: fixture.highWatermark,
    lastStableOffset,
    abortedTransactions:
      aborted?.map(([producerId, firstOffset]) => ({
        producerId: BigInt(producerId),
        firstOffset,
      })) ?? null,
  }
}

describe.each(fixtures)('$name', (fixture) => {
  let harness: ConsumerHarness
  const bytes = bytesOf(fixture)

  /** What a consumer hands out of one answer, three records at a time. */
  const readOnce = async (read: Read): Promise<number[]> => {
    const [isolation, offset] = read
    harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 3, ...committed(isolation) } })
    harness.assignAndSeek(offset, tp0)
    await harness.fetchAndAnswer([[tp0, answerOf(fixture, read)]])
    const offsets: number[] = []
    while (harness.fetcher.hasCompletedFetches() || harness.fetcher.sendFetches() === 0) {
      const fetch = harness.fetcher.collectFetch()
      for (const record of [...fetch.records().values()].flat()) {
        expect(new TextDecoder().decode(record.value!)).toBe(`v${record.offset}`)
        offsets.push(record.offset)
      }
    }
    return offsets
  }

  test('is read as by Java, from wherever, with and without what was aborted', async () => {
    for (const read of fixture.reads) {
      const [isolation, offset, , , , , offsets, next, epoch] = read
      const what = `from ${offset}, isolation ${isolation}`
      expect(await readOnce(read), what).toEqual(offsets)
      expect(harness.position(tp0), what).toBe(next)
      if (next > offset) {
        expect(harness.subscriptions.position(tp0)?.offsetEpoch, what).toBe(epoch)
      }
    }
  })

  describe('damaged', () => {
    let subscriptions: SubscriptionState
    beforeAll(() => {
      const logger = new RecordingLogger()
      subscriptions = new SubscriptionState(logger, AutoOffsetResetStrategy.NONE)
      subscriptions.assignFromUser(new TopicPartitionSet([tp0]))
      subscriptions.seek(tp0, 0)
    })

    /** What as many calls gave as Java's consumer was asked. */
    const readDamaged = ([checkCrcs, change, calls]: Damaged): Damaged[2] => {
      const records = change.length === 1 ? bytes.slice(0, change[0]) : bytes.slice()
      if (change.length === 2) records[change[0]]! ^= change[1]
      const fetch = new CompletedFetch({
        partition: tp0,
        partitionData: fetchedPartition(tp0, { records }) as FetchedPartitionData,
        fetchOffset: 0,
        metricAggregator: metricAggregator(tp0),
        subscriptions,
        logger: new RecordingLogger(),
        trace,
      })
      return calls.map(() => {
        try {
          const fetched = fetch.fetchRecords({ ...fetchConfig, checkCrcs }, strings, 1000)
          return fetched.map((record) => record.offset)
        } catch (error) {
          expect(error).toBeInstanceOf(KafkaException)
          return '!'
        }
      })
    }
    const handedOut = (calls: Damaged[2]): number[] => calls.filter((call) => call !== '!').flat()

    test('gives the records before the damage, then an error, as with Java', () => {
      for (const damaged of fixture.damaged) {
        const [checkCrcs, change, calls] = damaged
        if (checkCrcs) expect([change, readDamaged(damaged)]).toEqual([change, calls])
      }
    })

    /**
     * Then Java hands out nonsense where it can. We stop at a number beyond 2^53, and at a block
     * whose end cannot be decompressed, instead of giving the records in front of the flaw. Where
     * Java fails with an error that it did not expect, it loses the records before it; we do not.
     */
    test('and without checksums no record that Java does not have, nor a silent end', () => {
      for (const damaged of fixture.damaged) {
        const [checkCrcs, change, calls] = damaged
        if (checkCrcs) continue
        const ours = readDamaged(damaged)
        const [mine, javas] = [handedOut(ours), handedOut(calls)]
        if (calls[0] !== '!') expect([change, mine]).toEqual([change, javas.slice(0, mine.length)])
        if (mine.length < javas.length) expect([change, ours.at(-1)]).toEqual([change, '!'])
      }
    })
  })
})
