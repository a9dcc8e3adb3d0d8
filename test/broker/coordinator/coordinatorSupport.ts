/**
 * A coordinator as small as can be: its records are words, its state is the words in their order.
 * The log is a list that a test can make slow, or refuse.
 */

import { CompletableFuture } from '../../../src/broker/coordinator/CompletableFuture.ts'
import type { CoordinatorRuntimeOptions } from '../../../src/broker/coordinator/CoordinatorContext.ts'
import type {
  CoordinatorLoader,
  CoordinatorPlayback,
  LoadSummary,
} from '../../../src/broker/coordinator/CoordinatorLoader.ts'
import { UnknownRecordTypeException } from '../../../src/broker/coordinator/CoordinatorRecordSerde.ts'
import { CoordinatorRuntime } from '../../../src/broker/coordinator/CoordinatorRuntime.ts'
import type { CoordinatorShard } from '../../../src/broker/coordinator/CoordinatorShard.ts'
import type { CoordinatorTimer } from '../../../src/broker/coordinator/CoordinatorTimer.ts'
import type { PartitionWriter } from '../../../src/broker/coordinator/PartitionWriter.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import type { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { text } from '../brokerSupport.ts'

export const TP = new TopicPartition('words', 0)

export class WordShard implements CoordinatorShard<string> {
  readonly timer: CoordinatorTimer<string>
  readonly words: string[] = []
  readonly events: string[] = []
  /** A word that cannot be applied. */
  poison: string | undefined

  constructor(timer: CoordinatorTimer<string>) {
    this.timer = timer
  }

  replay(offset: number, _producerId: bigint, _producerEpoch: number, word: string): void {
    if (word === this.poison) throw new Error(`cannot apply ${word}`)
    this.words[offset] = word
  }

  replayEndTransactionMarker(producerId: bigint, _producerEpoch: number, committed: boolean): void {
    this.events.push(`${committed ? 'commit' : 'abort'} ${producerId}`)
  }

  onLoaded(): void {
    this.events.push('loaded')
  }

  onUnloaded(): void {
    this.events.push('unloaded')
  }
}

export const wordSerde = {
  serializeKey: text,
  serializeValue: text,
  deserialize: (key: Uint8Array | null): string => {
    const word = new TextDecoder().decode(key ?? new Uint8Array(0))
    if (word === 'strange') throw new UnknownRecordTypeException(99)
    if (word === 'broken') throw new Error('not a word')
    return word
  },
}

type Done = (baseOffset: number, error: unknown) => void

/** A log that answers at once, unless `slow`; then `release` does. */
export class WordLog implements PartitionWriter, CoordinatorLoader<string> {
  readonly batches: string[][] = []
  maxBytes = 1000
  slow = false
  failure: unknown
  /** Loading goes on only when a test completes it. */
  readonly loading: CompletableFuture<LoadSummary>[] = []
  loadsByHand = false
  private readonly waiting: (() => void)[] = []

  get words(): string[] {
    return this.batches.flat()
  }

  maxBatchSize(): number {
    return this.maxBytes
  }

  append(_topicPartition: TopicPartition, records: MemoryRecords, done: Done): void {
    const answer = (): void => {
      if (this.failure !== undefined) done(-1, this.failure)
      else {
        const baseOffset = this.words.length
        const decoder = new TextDecoder()
        this.batches.push([...records.records()].map(({ key }) => decoder.decode(key ?? undefined)))
        done(baseOffset, undefined)
      }
    }
    if (this.slow) this.waiting.push(answer)
    else answer()
  }

  /** Answers the oldest append. */
  release(): void {
    this.waiting.shift()!()
  }

  load(_tp: TopicPartition, shard: CoordinatorPlayback<string>): CompletableFuture<LoadSummary> {
    const future = new CompletableFuture<LoadSummary>()
    this.loading.push(future)
    if (this.loadsByHand) return future
    for (const [offset, word] of this.words.entries()) shard.replay(offset, -1n, -1, word)
    future.complete({ startTimeMs: 0, endTimeMs: 0, numRecords: this.words.length, numBytes: 0 })
    return future
  }

  close(): void {}
}

export class RuntimeHarness {
  readonly time = new MockTime()
  readonly logger = new RecordingLogger()
  readonly log = new WordLog()
  readonly shards: WordShard[] = []
  readonly runtime: CoordinatorRuntime<WordShard, string>

  constructor(options: Partial<CoordinatorRuntimeOptions<WordShard, string>> = {}) {
    this.runtime = new CoordinatorRuntime<WordShard, string>({
      logger: this.logger,
      time: this.time,
      trace: new TraceBus(this.time, this.logger).from('broker-1'),
      partitionWriter: this.log,
      loader: this.log,
      serde: wordSerde,
      newShard: (_, timer) => {
        const shard = new WordShard(timer)
        this.shards.push(shard)
        return shard
      },
      writeTimeoutMs: 5000,
      ...options,
    })
  }

  /** One that is led and loaded. */
  static loaded(options: Partial<CoordinatorRuntimeOptions<WordShard, string>> = {}) {
    const harness = new RuntimeHarness(options)
    harness.runtime.scheduleLoadOperation(TP, 0)
    return harness
  }

  get shard(): WordShard {
    return this.shards.at(-1)!
  }

  /** Writes words; the answer is what the state was before. */
  write(...words: string[]): CompletableFuture<string> {
    return this.runtime.scheduleWriteOperation('write', TP, (shard) => ({
      records: words,
      response: shard.words.join(' '),
    }))
  }

  read(): CompletableFuture<string> {
    return this.runtime.scheduleReadOperation('read', TP, (shard) => shard.words.join(' '))
  }
}

/** What a future has come to. */
export const outcomeOf = <T>(future: CompletableFuture<T>): T | string => {
  let outcome: T | string = 'waits'
  future.whenComplete((value, error) => {
    outcome = error === undefined ? (value as T) : ((error as Error).constructor.name as string)
  })
  return outcome
}
