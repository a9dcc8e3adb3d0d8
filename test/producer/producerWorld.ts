/**
 * A producer in virtual time, before a broker that a test commands: what it leads, how long it
 * takes, what it says.
 *
 *     await producerWorld({}, async ({ producer, broker, time }) => { … })
 *
 * The client is a `MockClient` whose requests are answered by `broker`; everything above it is the
 * real thing.
 */

import type { ClientRequest } from '../../src/clients/ClientRequest.ts'
import { MockClient } from '../../src/clients/MockClient.ts'
import type { MockMetadataUpdater } from '../../src/clients/MockMetadataUpdater.ts'
import type { RequestDataOf } from '../../src/clients/RequestBuilder.ts'
import type { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { Simulation } from '../../src/common/Simulation.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import type { Time } from '../../src/common/Time.ts'
import { TraceBus, type TraceEntry } from '../../src/common/Trace.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ProducerMetadata } from '../../src/producer/internals/ProducerMetadata.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import type { ProducerConfigInput } from '../../src/producer/ProducerConfig.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../src/protocol/Errors.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { metadataUpdateWith } from '../support/RequestTestUtils.ts'

type ProduceData = RequestDataOf<typeof ApiKeys.PRODUCE>

/** What the broker does with a batch of `values` for a partition such as `t-0`. */
export type Verdict = (partition: string, values: string[]) => WireError | 'silence'

export class Broker {
  /** Topics and their partitions. */
  topics: Record<string, number> = { t: 1 }
  topicErrors: Record<string, WireError> = {}
  metadataAnswers = true
  latencyMs = 2
  verdict: Verdict = () => Errors.NONE
  /** All values of a partition, in the order in which they were written. */
  readonly log = new Map<string, string[]>()
  requests = 0
  batches = 0

  private readonly ids = new Map<string, Uuid>()
  /** By partition: the epoch and the sequence that come next, and what was written under them. */
  private readonly sequences = new Map<string, { epoch: number; next: number; base: number }>()

  values(partition = 't-0'): string[] {
    return this.log.get(partition) ?? []
  }

  metadataFor(topics: readonly string[]) {
    const known: Record<string, number> = {}
    const topicErrors: Record<string, WireError> = {}
    const topicIds: Record<string, Uuid> = {}
    for (const topic of topics) {
      const count = this.topics[topic]
      if (this.topicErrors[topic] !== undefined) topicErrors[topic] = this.topicErrors[topic]
      else if (count === undefined) topicErrors[topic] = Errors.UNKNOWN_TOPIC_OR_PARTITION
      else known[topic] = count
      topicIds[topic] = this.idOf(topic)
    }
    return metadataUpdateWith(1, { topics: known, topicErrors, topicIds })
  }

  /** `null`: no answer will come. */
  answer({ topicData }: ProduceData) {
    this.requests++
    let silent = false
    const responses = topicData.map(({ topicId, partitionData }) => ({
      topicId,
      partitionResponses: partitionData.map(({ index, records }) => {
        const partition = `${this.nameOf(topicId)}-${index}`
        const written = [...MemoryRecords.readableRecords(records!).records()]
        const values = written.map(({ value }) => new TextDecoder().decode(value ?? undefined))
        const verdict = this.verdict(partition, values)
        this.batches++
        if (verdict === 'silence') {
          silent = true
          return { index }
        }
        if (verdict !== Errors.NONE) return { index, errorCode: verdict.code, baseOffset: -1 }
        const log = this.values(partition)
        const known = this.checkSequence(partition, records!, log.length)
        if (known !== null) return { index, ...known }
        this.log.set(partition, [...log, ...values])
        return { index, baseOffset: log.length }
      }),
    }))
    return silent ? null : { responses }
  }

  /** What an idempotent batch that is not the next one is answered; `null`: it is. */
  private checkSequence(partition: string, records: Uint8Array, end: number) {
    const batch = MemoryRecords.readableRecords(records).firstBatch()!
    if (!batch.hasProducerId) return null
    const { producerEpoch: epoch, baseSequence } = batch
    const last = this.sequences.get(partition)
    const fresh = last === undefined || epoch > last.epoch
    const expected = fresh ? 0 : last.next
    if (!fresh && baseSequence < expected) {
      return { baseOffset: last.base + baseSequence }
    }
    if (baseSequence !== expected) {
      return { errorCode: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code, baseOffset: -1 }
    }
    // Without other producers the offset of a record is its sequence, and where the epoch began.
    const base = fresh ? end : last.base
    this.sequences.set(partition, { epoch, next: baseSequence + batch.countOrNull, base })
    return null
  }

  private idOf(topic: string): Uuid {
    const known = this.ids.get(topic)
    if (known !== undefined) return known
    const id = Uuid.randomUuid(new SeededRandom(this.ids.size + 1))
    this.ids.set(topic, id)
    return id
  }

  private nameOf(id: Uuid): string | undefined {
    return [...this.ids].find(([, known]) => known.equals(id))?.[0]
  }
}

class AnsweringClient extends MockClient {
  private readonly broker: Broker
  private readonly metadata: ProducerMetadata

  constructor(time: Time, metadata: ProducerMetadata, broker: Broker) {
    super(time, updaterOf(time, metadata, broker))
    this.waitDuringPoll = true
    this.broker = broker
    this.metadata = metadata
  }

  override send(request: ClientRequest, nowMs: number): void {
    super.send(request, nowMs)
    if (request.apiKey === ApiKeys.INIT_PRODUCER_ID) {
      this.respondToRequest(request, ApiKeys.INIT_PRODUCER_ID, { producerId: 1000n })
      return
    }
    const { latestAllowedVersion } = request.requestBuilder
    const data = request.requestBuilder.build(latestAllowedVersion) as ProduceData
    const answer = this.broker.answer(data)
    if (!request.expectResponse) {
      this.respondToRequest(request, ApiKeys.PRODUCE, null)
    } else if (answer !== null) {
      this.time.schedule(this.broker.latencyMs, () => {
        if (this.requests().includes(request)) {
          this.respondToRequest(request, ApiKeys.PRODUCE, answer)
        }
      })
    }
  }

  /** As a real one, it also wakes when metadata may be asked for. */
  override poll(timeoutMs: number, nowMs: number) {
    const { metadata } = this
    const dueMs = metadata.updateRequested() ? metadata.timeToNextUpdate(nowMs) : timeoutMs
    const waitMs = this.broker.metadataAnswers ? Math.min(timeoutMs, dueMs) : timeoutMs
    return super.poll(waitMs, nowMs)
  }
}

const updaterOf = (
  time: Time,
  metadata: ProducerMetadata,
  broker: Broker,
): MockMetadataUpdater => ({
  fetchNodes: (): readonly Node[] => metadata.fetch().nodes,
  isUpdateNeeded: () =>
    broker.metadataAnswers &&
    metadata.updateRequested() &&
    metadata.timeToNextUpdate(time.milliseconds()) === 0,
  update: ({ response }, nowMs) => metadata.updateWithCurrentRequestVersion(response, false, nowMs),
  updateWithCurrentMetadata: (nowMs) => {
    const { topics } = metadata.newMetadataRequestBuilder()
    metadata.updateWithCurrentRequestVersion(broker.metadataFor(topics ?? []), false, nowMs)
  },
  close: () => metadata.close(),
})

export interface World {
  readonly time: Simulation
  readonly broker: Broker
  readonly client: MockClient
  readonly metadata: ProducerMetadata
  readonly producer: KafkaProducer<string, string>
  readonly logger: RecordingLogger
  readonly trace: TraceEntry[]
}

export type WorldConfig = Partial<ProducerConfigInput<string, string>>

/**
 * Runs `main` with a producer of strings; closes it afterwards. The same seed gives the same run.
 */
export const producerWorld = async (
  config: WorldConfig,
  main: (world: World) => Promise<void>,
  prepare: (broker: Broker) => void = () => {},
): Promise<World> => {
  const time = new Simulation({ seed: 5 })
  const logger = new RecordingLogger()
  const broker = new Broker()
  prepare(broker)
  const metadata = new ProducerMetadata({
    refreshBackoffMs: 100,
    refreshBackoffMaxMs: 1000,
    metadataExpireMs: 300_000,
    metadataIdleMs: config['metadata.max.idle.ms']
      ? Number(config['metadata.max.idle.ms'])
      : 300_000,
    time,
    random: time.random,
    logger,
  })
  metadata.bootstrap([{ host: 'localhost', port: 9092 }])
  const client = new AnsweringClient(time, metadata, broker)
  const traceBus = new TraceBus(time)
  const trace: TraceEntry[] = []
  traceBus.listen((entry) => trace.push(entry))
  const producer = new KafkaProducer<string, string>(
    {
      'bootstrap.servers': 'localhost:9092',
      'client.id': 'p',
      'key.serializer': StringSerializer,
      'value.serializer': StringSerializer,
      ...config,
    },
    { time, random: time.random, logger, traceBus },
    { client, metadata },
  )
  const world = { time, broker, client, metadata, producer, logger, trace }
  await time.run(async () => {
    await main(world)
    await producer.close()
  })
  return world
}

/** The error that a send ended with. */
export const failureOf = async (sent: PromiseLike<unknown>): Promise<Error> => {
  try {
    await sent
  } catch (error) {
    return error as Error
  }
  throw new Error('It was sent')
}
