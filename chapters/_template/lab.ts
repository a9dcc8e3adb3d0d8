/**
 * What the lab runs: one producer, one broker, one record. A start: put on this stage whatever the
 * chapter is about, and let `controls.ts` hold the settings that matter in it.
 */

import { defineScenario } from '../../lab/Scenario.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { controls, hands } from './controls.ts'

const TOPIC = 'greetings'

export const lab = defineScenario({
  name: 'lab',
  seed: 1,
  lengthMs: 200,
  controls,
  hands,
  script: () => [{ atMs: 0, hand: 'send', value: hands.send.default }],
  start: async (stage) => {
    stage.world.network.faults.shape({ latencyMs: stage.settings.latency })
    const cluster = await EmbeddedCluster.start({ environment: stage.environment('broker-1') })
    const producer = new KafkaProducer<string, string>(
      {
        'bootstrap.servers': cluster.bootstrapServers,
        'client.id': 'producer',
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
      },
      stage.environment('producer'),
    )
    // The curtain rises when the producer knows the topic.
    await producer.partitionsFor(TOPIC)
    let sent = 0
    return {
      send: async (value) => {
        const record = sent++
        const text = String(value)
        stage.say('producer', 'app.send', { record, topic: TOPIC, key: null, value: text })
        try {
          const { partition, offset } = await producer.send({ topic: TOPIC, value: text })
          stage.say('producer', 'app.acknowledged', { record, topic: TOPIC, partition, offset })
        } catch (error) {
          stage.say('producer', 'app.failed', { record, error: String(error) })
        }
      },
    }
  },
})
