/**
 * The lab of chapter 00: one producer, one broker, one consumer, and the way of a record between
 * them.
 */

import { defineScenario } from '../../lab/Scenario.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { controls, hands } from './controls.ts'

export const TOPIC = 'greetings'
const PARTITIONS = 3

export const journey = defineScenario({
  name: 'journey',
  seed: 7,
  lengthMs: 400,
  controls,
  hands,
  script: () => [{ atMs: 0, hand: 'send', value: 'hello, kafka' }],
  start: async (stage) => {
    const { acks, linger, latency } = stage.settings
    const { faults } = stage.world.network
    faults.shape({ latencyMs: latency })
    const cluster = await EmbeddedCluster.start({
      environment: stage.environment('broker-1'),
      config: { 'num.partitions': PARTITIONS },
    })
    const bootstrap = cluster.bootstrapServers
    const producer = new KafkaProducer(
      {
        'bootstrap.servers': bootstrap,
        'client.id': 'producer',
        // What a retry does without numbers: the idempotent producer has a chapter of its own.
        'enable.idempotence': false,
        acks,
        'linger.ms': linger,
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
      },
      stage.environment('producer'),
    )
    const partitions = await producer.partitionsFor(TOPIC)
    const consumer = new KafkaConsumer(
      {
        'bootstrap.servers': bootstrap,
        'client.id': 'consumer',
        'auto.offset.reset': 'earliest',
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
      },
      stage.environment('consumer'),
    )
    consumer.assign(partitions.map(({ topic, partition }) => new TopicPartition(topic, partition)))

    const consume = async (): Promise<never> => {
      for (;;) {
        for (const record of await consumer.poll(1000)) {
          const { topic, partition, offset, key, value } = record
          stage.say('consumer', 'app.received', { topic, partition, offset, key, value })
        }
      }
    }
    consume().catch((error) =>
      stage.say('consumer', 'app.failed', { record: -1, error: String(error) }),
    )

    // The curtain rises when the consumer has asked, and its question waits at the broker.
    await stage.heard('broker.replicaManager.fetchMessages')

    let sent = 0
    return {
      send: async (value) => {
        const record = sent++
        const text = String(value)
        stage.say('producer', 'app.send', { record, topic: TOPIC, key: null, value: text })
        const future = producer.send({ topic: TOPIC, value: text })
        try {
          const { partition, offset } = await future
          stage.say('producer', 'app.acknowledged', { record, topic: TOPIC, partition, offset })
        } catch (error) {
          stage.say('producer', 'app.failed', { record, error: String(error) })
        }
      },
      lose: () => faults.loseNext('producer', 'broker-1'),
    }
  },
})
