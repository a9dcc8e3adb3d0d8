/**
 * One deque, and the question when its first batch may leave: records come one by one, nobody else
 * is there.
 *
 *     records       r0  r1  r2  r3  r4  r5  r6 …       one every 4 ms
 *     first batch   [r0  r1  r2  r3    ]               r4 did not fit: it begins a second batch
 *     ready         ────────────────── ▲ or linger.ms is over, whichever is first
 */

import { defineScenario } from '../../../lab/Scenario.ts'
import { asJson } from '../../../lab/snapshots.ts'
import { EmbeddedCluster } from '../../../src/broker/EmbeddedCluster.ts'
import { StringSerializer } from '../../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../../src/producer/KafkaProducer.ts'
import { BATCH_SIZE, RECORD_EVERY_MS, VALUE_BYTES } from './numbers.ts'

export const TOPIC = 'orders'

export const ready = defineScenario({
  name: 'ready',
  seed: 1,
  lengthMs: 80,
  controls: {
    records: {
      kind: 'range',
      label: 'records',
      min: 1,
      max: 8,
      step: 1,
      default: 6,
      help: 'How many records are sent, one every 4 ms.',
    },
    linger: {
      kind: 'range',
      label: 'linger.ms',
      min: 0,
      max: 40,
      step: 5,
      default: 30,
      unit: 'ms',
      help: 'How long a batch that is not full waits. Kafka: linger.ms.',
    },
  },
  hands: {},
  script: () => [],
  start: async (stage) => {
    const { simulation } = stage.world
    stage.world.network.faults.shape({ latencyMs: 2 })
    const cluster = await EmbeddedCluster.start({ environment: stage.environment('broker-1') })
    const producer = new KafkaProducer<string, string>(
      {
        'bootstrap.servers': cluster.bootstrapServers,
        'client.id': 'producer',
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
        'batch.size': BATCH_SIZE,
        'linger.ms': stage.settings.linger,
      },
      stage.environment('producer'),
    )
    await producer.partitionsFor(TOPIC)
    stage.watch('producer', () => asJson(producer.snapshot()))
    const write = async (): Promise<void> => {
      for (let record = 0; record < stage.settings.records; record++) {
        const value = `r${record}`.padEnd(VALUE_BYTES, '.')
        stage.say('producer', 'app.send', { record, topic: TOPIC, key: null, value: `r${record}` })
        producer.send({ topic: TOPIC, value }).then(
          ({ partition, offset }) =>
            stage.say('producer', 'app.acknowledged', { record, topic: TOPIC, partition, offset }),
          (error: unknown) => stage.say('producer', 'app.failed', { record, error: String(error) }),
        )
        await simulation.sleep(RECORD_EVERY_MS)
      }
    }
    simulation.schedule(0, () => void write())
    return {}
  },
})
