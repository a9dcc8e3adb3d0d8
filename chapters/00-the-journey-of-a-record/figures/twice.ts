/**
 * Fig. 4. One record, and an answer that does not come.
 *
 *     writer ── record ──► log: 0
 *            ◄── ✂ answer                 the record is stored, and the writer does not know
 *     writer ── record ──► log: 0, 1      so it does what it must, and sends again
 *            ◄── answer
 *
 * A writer that gets no answer cannot tell "not stored" from "stored, but nobody told me". Without
 * a number on the record, neither can the broker: that number is what `enable.idempotence` adds,
 * which this producer does not have yet.
 */

import { defineScenario } from '../../../lab/Scenario.ts'
import { Cast } from './cast.ts'

export const TOPIC = 'payments'

export const twice = defineScenario({
  name: 'twice',
  seed: 4,
  lengthMs: 320,
  controls: {
    answer: {
      kind: 'choice',
      label: 'the answer',
      options: [
        { value: 'lost', label: 'is lost' },
        { value: 'arrives', label: 'arrives' },
      ],
      default: 'lost',
      help: 'Whether the connection breaks when the broker answers the first request.',
    },
  },
  hands: {},
  script: () => [],
  start: async (stage) => {
    const cast = await Cast.gather(stage, {
      topic: TOPIC,
      partitions: 1,
      latencyMs: 20,
      producer: { acks: 'all', 'linger.ms': 0 },
      consumer: {},
    })
    cast.run(async () => {
      if (stage.settings.answer === 'lost') {
        stage.world.network.faults.cutAfter('broker-1', 'producer', 0)
      }
      await cast.send(null, '€5')
    })
    cast.run(async () => {
      for (;;) await cast.receive()
    })
    return {}
  },
})
