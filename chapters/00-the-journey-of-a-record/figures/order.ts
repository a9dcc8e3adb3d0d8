/**
 * Fig. 2. Nine records of three keys, sent in turn, and the order in which a reader gets them.
 *
 *     sent        a1 b1 c1 a2 b2 c2 a3 b3 c3
 *     partitions  [b1 b2 b3] [a1 c1 a2 c2 a3 c3]       as the partitioner puts the keys
 *     received    one partition after the other
 *
 * A partition is a log and keeps its order. Nothing orders two partitions.
 */

import { defineScenario } from '../../../lab/Scenario.ts'
import { Cast } from './cast.ts'
import { KEYS, VISITS } from './numbers.ts'

export const TOPIC = 'visits'

export const order = defineScenario({
  name: 'order',
  seed: 2,
  lengthMs: 120,
  controls: {
    partitions: {
      kind: 'choice',
      label: 'partitions',
      options: [
        { value: '1', label: '1' },
        { value: '2', label: '2' },
        { value: '3', label: '3' },
      ],
      default: '3',
      help: 'How many partitions the topic has. Kafka: num.partitions.',
    },
  },
  hands: {},
  script: () => [],
  start: async (stage) => {
    const cast = await Cast.gather(stage, {
      topic: TOPIC,
      partitions: Number(stage.settings.partitions),
      latencyMs: 10,
      producer: { 'linger.ms': 20 },
      consumer: {},
    })
    cast.run(async () => {
      for (let visit = 1; visit <= VISITS; visit++) {
        for (const key of KEYS) {
          void cast.send(key, `${key[0]}${visit}`)
          await cast.sleep(2)
        }
      }
    })
    cast.run(async () => {
      for (;;) await cast.receive()
    })
    return {}
  },
})
