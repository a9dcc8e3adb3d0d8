/**
 * The lab of chapter 07: one producer with a budget of a few cells, four programs that send to a
 * topic each, and a broker that takes its time.
 *
 *     A, B, D  small records ─┐
 *     C        large ones    ─┴─► producer ═══ 40 ms ═══ broker
 *                 ▲                                        │
 *                 └──── B's callback sends for D ◄─────────┘
 *
 * A topic for each program, so that each can stand in the pool's line for itself: of one topic only
 * the first waits there, the others behind it in the waiting room.
 *
 * I1  When the curtain rises the producer knows all topics and is connected to the broker, and the
 *     whole budget is unallocated.
 */

import { poolStory } from '../../lab/pool/poolStory.ts'
import { defineScenario, type Stage } from '../../lab/Scenario.ts'
import { asJson, type LabCast } from '../../lab/snapshots.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { TimeoutException } from '../../src/common/errors.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'
import { controls, hands } from './controls.ts'

export const PROGRAMS = ['A', 'B', 'C', 'D'] as const
export type ProgramName = (typeof PROGRAMS)[number]
/** How long A and B send by themselves. */
export const LOAD_MS = 60
const BURST = 12
const REQUEST_TIMEOUT_MS = 1000
const DELIVERY_TIMEOUT_MS = 1500

/** A value with which a record needs a buffer of just `bytes`. */
const valueBytesFor = (bytes: number): number => {
  const around = (value: number): number =>
    DefaultRecordBatch.estimateBatchSizeUpperBound(null, new Uint8Array(value), []) - value
  // The length of the value is written in as few bytes as it needs: a guess, and the answer.
  return bytes - around(bytes - around(bytes))
}

type OurStage = Stage<typeof controls>
type OurProducer = KafkaProducer<string, string>

export const topicOf = (program: ProgramName): string => program.toLowerCase()
/** A program has the name of its topic, as a capital. */
export const programOf = (topic: string): string => topic.toUpperCase()

/** The programs: what they send, and what they hear of it. */
class Programs {
  private readonly stage: OurStage
  private readonly producer: OurProducer
  private sent = 0
  private readonly counts = new Map<ProgramName, number>()

  constructor(stage: OurStage, producer: OurProducer) {
    this.stage = stage
    this.producer = producer
  }

  async send(program: ProgramName): Promise<void> {
    const { stage } = this
    const { value: small, large, batchSize, callback } = stage.settings
    const record = this.sent++
    const topic = topicOf(program)
    const name = `${program}${this.count(program)}`
    const bytes = program === 'C' ? valueBytesFor(large * batchSize) : small
    stage.say('producer', 'app.send', { record, topic, key: null, value: name })
    const answers = program === 'B' && callback === 'sends'
    try {
      const { partition, offset } = await this.producer.send(
        { topic, value: name.padEnd(bytes, '.') },
        answers ? (_metadata, error) => void (error === null && this.send('D')) : null,
      )
      stage.say('producer', 'app.acknowledged', { record, topic, partition, offset })
    } catch (error) {
      stage.say('producer', 'app.failed', { record, error: String(error) })
    }
  }

  async load(): Promise<void> {
    const { rate } = this.stage.settings
    const { simulation } = this.stage.world
    for (let i = 0; i < (rate * LOAD_MS) / 1000; i++) {
      void this.send(i % 2 === 0 ? 'A' : 'B')
      await simulation.sleep(1000 / rate)
    }
  }

  burst(): void {
    for (let i = 0; i < BURST; i++) void this.send('A')
  }

  private count(program: ProgramName): number {
    const count = (this.counts.get(program) ?? 0) + 1
    this.counts.set(program, count)
    return count
  }
}

const strings = { 'key.serializer': StringSerializer, 'value.serializer': StringSerializer }

/** A topic comes into being when somebody asks for it. That may take longer than `max.block.ms`. */
const untilKnown = async (producer: OurProducer, topic: string): Promise<void> => {
  for (;;) {
    try {
      await producer.partitionsFor(topic)
      return
    } catch (error) {
      if (!(error instanceof TimeoutException)) throw error
    }
  }
}

const gather = async (stage: OurStage): Promise<OurProducer> => {
  const { settings, world } = stage
  const cluster = await EmbeddedCluster.start({
    brokers: 1,
    environment: stage.environment('cluster'),
    environmentOf: (id) => stage.environment(`broker-${id}`),
    config: { 'num.partitions': 1 },
  })
  const producer = new KafkaProducer<string, string>(
    {
      ...strings,
      'bootstrap.servers': cluster.bootstrapServers,
      'client.id': 'producer',
      'buffer.memory': settings.memory * settings.batchSize,
      'batch.size': settings.batchSize,
      'linger.ms': settings.linger,
      // Idempotent, it would send the first batch of each topic alone; that has its own chapter.
      'enable.idempotence': false,
      'max.block.ms': settings.maxBlock,
      'request.timeout.ms': REQUEST_TIMEOUT_MS,
      'delivery.timeout.ms': DELIVERY_TIMEOUT_MS,
    },
    stage.environment('producer'),
  )
  for (const program of PROGRAMS) await untilKnown(producer, topicOf(program))
  world.network.faults.shape({ latencyMs: settings.slow })
  return producer
}

/** The broker, and the partitions that it leads. */
const castOf = async (stage: OurStage, producer: OurProducer) => {
  const known = await Promise.all(PROGRAMS.map((p) => producer.partitionsFor(topicOf(p))))
  const { simulation } = stage.world
  // The client's clock counts whole milliseconds, the run's counts microseconds.
  const late = simulation.hiResClockMs() - Math.floor(simulation.hiResClockMs())
  const zeroMs = simulation.milliseconds() + late
  const leads = known.flat().map(({ topic, partition }) => ({ topic, partition }))
  return (away: boolean): LabCast => ({
    zeroMs,
    brokers: [{ id: 1, host: 'broker-1', latencyMs: stage.settings.slow, away, leads }],
  })
}

export const pool = defineScenario({
  name: 'pool',
  seed: 7,
  lengthMs: 400,
  beatMs: 900,
  controls,
  hands,
  steps: [
    'hand.action',
    'app.send',
    'app.failed',
    'producer.bufferPool.allocate',
    'producer.bufferPool.wait',
    'producer.bufferPool.accumulate',
    'producer.bufferPool.exhausted',
    'producer.bufferPool.deallocate',
    'producer.sender.sendProduceRequest',
    'producer.batch.complete',
  ],
  retell: (recording) => poolStory(recording, 'producer', programOf),
  script: () => [
    { atMs: 62, hand: 'c', value: null },
    { atMs: 66, hand: 'd', value: null },
    { atMs: 70, hand: 'a', value: null },
    { atMs: 74, hand: 'b', value: null },
    { atMs: 150, hand: 'c', value: null },
    { atMs: 205, hand: 'still', value: true },
    { atMs: 215, hand: 'a', value: null },
    { atMs: 350, hand: 'still', value: false },
  ],
  start: async (stage) => {
    const { faults } = stage.world.network
    const producer = await gather(stage)
    const castWhen = await castOf(stage, producer)
    let away = false
    stage.watch('cast', () => asJson(castWhen(away)))
    stage.watch('producer', () => asJson(producer.snapshot()))
    const programs = new Programs(stage, producer)
    stage.world.simulation.schedule(0, () => void programs.load())
    return {
      a: () => void programs.send('A'),
      b: () => void programs.send('B'),
      c: () => void programs.send('C'),
      d: () => void programs.send('D'),
      burst: () => programs.burst(),
      still: (value) => {
        away = value === true
        if (away) faults.partition('producer', 'broker-1')
        else faults.heal('producer', 'broker-1')
      },
      close: () => producer.close(),
      closeNow: () => producer.close(0),
    }
  },
})
