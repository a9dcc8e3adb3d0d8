/**
 * Fig. 3. Ten records, three milliseconds apart, and the time a batch may wait for company.
 *
 *     linger.ms   0    [0] [1] [2] [3] [4] …        ten requests, nobody waits
 *     linger.ms  50    [0  1  2  3  4  5 …]         one request, the first record waits longest
 */

import { defineScenario } from '../../../lab/Scenario.ts'
import { Cast } from './cast.ts'
import { EVERY_MS, RECORDS } from './numbers.ts'

export const TOPIC = 'clicks'

export const company = defineScenario({
  name: 'company',
  seed: 3,
  lengthMs: 110,
  controls: {
    linger: {
      kind: 'range',
      label: 'linger.ms',
      min: 0,
      max: 50,
      step: 5,
      default: 10,
      unit: 'ms',
      help: 'How long a batch waits for company before it leaves. Kafka: linger.ms.',
    },
  },
  hands: {},
  script: () => [],
  start: async (stage) => {
    const cast = await Cast.gather(stage, {
      topic: TOPIC,
      partitions: 1,
      latencyMs: 4,
      // More than Kafka's 5, so that the limit of requests in flight is not what makes batches.
      producer: { 'linger.ms': stage.settings.linger, 'max.in.flight.requests.per.connection': 10 },
    })
    cast.run(async () => {
      for (let i = 0; i < RECORDS; i++) {
        void cast.send(null, String(i))
        await cast.sleep(EVERY_MS)
      }
    })
    return {}
  },
})
