/**
 * The lab of chapter 06: one producer with a load that the reader shapes, two topics, and two
 * brokers that lead some partitions each, one of them slow.
 *
 *     program ── send ─► producer ═══ 5 ms ═══ broker 1   orders-0 …
 *                                 ═══ slow ═══ broker 2   orders-1 …
 *
 * I1  When the curtain rises the producer knows both topics and is connected to nobody but the
 *     broker that told it: the first request to each broker opens its connection.
 */

import { defineScenario, type Stage } from '../../lab/Scenario.ts'
import { asJson, type LabCast } from '../../lab/snapshots.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { controls, hands, RETRY_BACKOFF_MS } from './controls.ts'

export const TOPICS = ['orders', 'clicks'] as const
const NEAR_MS = 5
/** How long the program sends. */
export const LOAD_MS = 200
const BURST = 12
export const REQUEST_TIMEOUT_MS = 200
export const MAX_BLOCK_MS = 500

type OurStage = Stage<typeof controls>
type OurProducer = KafkaProducer<string, string>

/** The program: what it sends, and what it hears of it. */
class Program {
  private readonly stage: OurStage
  private readonly producer: OurProducer
  private sent = 0

  constructor(stage: OurStage, producer: OurProducer) {
    this.stage = stage
    this.producer = producer
  }

  /** @param partition `undefined`: the producer chooses */
  async send(topic: string, partition: number | undefined): Promise<void> {
    const { stage } = this
    const record = this.sent++
    const value = `r${record}`.padEnd(stage.settings.value, '.')
    stage.say('producer', 'app.send', { record, topic, key: null, value: `r${record}` })
    try {
      const to = partition === undefined ? {} : { partition }
      const metadata = await this.producer.send({ topic, ...to, value })
      const { partition: at, offset } = metadata
      stage.say('producer', 'app.acknowledged', { record, topic, partition: at, offset })
    } catch (error) {
      stage.say('producer', 'app.failed', { record, error: String(error) })
    }
  }

  async load(): Promise<void> {
    const { rate, spread, partitions } = this.stage.settings
    if (rate === 0) return
    const { simulation } = this.stage.world
    const count = Number(partitions)
    for (let i = 0; i < (rate * LOAD_MS) / 1000; i++) {
      const topic = TOPICS[i % TOPICS.length]!
      const turn = Math.floor(i / TOPICS.length) % count
      if (spread === 'sticky') void this.send(topic, undefined)
      else if (spread === 'hot' && i % 3 !== 2) void this.send(TOPICS[0], 0)
      else void this.send(topic, turn)
      await simulation.sleep(1000 / rate)
    }
  }

  burst(): void {
    for (let i = 0; i < BURST; i++) void this.send(TOPICS[i % TOPICS.length]!, 0)
  }
}

const gather = async (stage: OurStage): Promise<OurProducer> => {
  const { settings, world } = stage
  const { faults } = world.network
  faults.shape({ latencyMs: NEAR_MS })
  const cluster = await EmbeddedCluster.start({
    brokers: 2,
    environment: stage.environment('cluster'),
    environmentOf: (id) => stage.environment(`broker-${id}`),
    config: {
      'num.partitions': Number(settings.partitions),
      'message.max.bytes': settings.largest,
    },
  })
  const producer = new KafkaProducer<string, string>(
    {
      'bootstrap.servers': cluster.bootstrapServers.split(',')[0]!,
      'client.id': 'producer',
      // Order without numbers: the idempotent producer has a chapter of its own.
      'enable.idempotence': false,
      'key.serializer': StringSerializer,
      'value.serializer': StringSerializer,
      'batch.size': settings.batchSize,
      'linger.ms': settings.linger,
      'max.request.size': settings.maxRequest,
      'max.in.flight.requests.per.connection': Number(settings.inFlight),
      'buffer.memory': settings.memory,
      'delivery.timeout.ms': settings.delivery,
      'request.timeout.ms': REQUEST_TIMEOUT_MS,
      'retry.backoff.ms': RETRY_BACKOFF_MS,
      'max.block.ms': MAX_BLOCK_MS,
    },
    stage.environment('producer'),
  )
  for (const topic of TOPICS) await producer.partitionsFor(topic)
  faults.shape({ latencyMs: settings.slow }, ['producer', 'broker-2'])
  return producer
}

/** The brokers, and the partitions that each leads, in the order in which the client has them. */
const castOf = async (stage: OurStage, producer: OurProducer) => {
  const known = await Promise.all(TOPICS.map((topic) => producer.partitionsFor(topic)))
  const { simulation } = stage.world
  // The client's clock counts whole milliseconds, the run's counts microseconds.
  const late = simulation.hiResClockMs() - Math.floor(simulation.hiResClockMs())
  const zeroMs = simulation.milliseconds() + late
  return (away: boolean): LabCast => ({
    zeroMs,
    brokers: [1, 2].map((id) => ({
      id,
      host: `broker-${id}`,
      latencyMs: id === 1 ? NEAR_MS : stage.settings.slow,
      away: id === 2 && away,
      leads: known
        .flat()
        .filter(({ leader }) => leader?.id === id)
        .map(({ topic, partition }) => ({ topic, partition })),
    })),
  })
}

export const accumulator = defineScenario({
  name: 'accumulator',
  seed: 6,
  lengthMs: 300,
  beatMs: 380,
  controls,
  hands,
  steps: [
    'hand.action',
    'app.failed',
    'producer.accumulator.append',
    'producer.accumulator.ready',
    'producer.accumulator.drain',
    'producer.bufferPool.wait',
    'producer.bufferPool.accumulate',
    'producer.bufferPool.exhausted',
    'record.builder.close',
    'producer.sender.sendProduceRequest',
    'producer.sender.reenqueueBatch',
    'producer.sender.splitBatch',
    'producer.batch.complete',
    'clients.nodeConnections.initiateConnect',
    'clients.nodeConnections.handleDisconnections',
    'clients.nodeConnections.timedOut',
  ],
  script: () => [
    { atMs: 90, hand: 'burst', value: null },
    { atMs: 150, hand: 'cut', value: null },
  ],
  start: async (stage) => {
    const { faults } = stage.world.network
    const producer = await gather(stage)
    const castWhen = await castOf(stage, producer)
    let away = false
    stage.watch('cast', () => asJson(castWhen(away)))
    stage.watch('producer', () => asJson(producer.snapshot()))
    const program = new Program(stage, producer)
    stage.world.simulation.schedule(0, () => void program.load())
    return {
      burst: () => program.burst(),
      flush: () => producer.flush(),
      cut: () => faults.breakConnections('producer', 'broker-2'),
      lose: () => faults.loseNext('producer', 'broker-2'),
      away: (value) => {
        away = value === true
        if (away) faults.partition('producer', 'broker-2')
        else faults.heal('producer', 'broker-2')
      },
      close: () => producer.close(),
    }
  },
})
