/**
 * A loop over a map that awaits in its body, while somebody else puts entries: once over a plain
 * `Map`, once over `CopyOnWriteMap`. The loop is the same line by line.
 *
 *     for (const topic of map.keys()) {      a ── await ── b ── await ── c ── await ── ?
 *       await …                                     ▲ put d       ▲ put e
 *     }
 *
 * JavaScript's `Map` lets an iterator see what is put while it is under way. So does the plain loop
 * here; the other one walks over the version of the map that it was given.
 */

import { defineScenario, type Stage } from '../../../lab/Scenario.ts'
import { CopyOnWriteMap } from '../../../src/common/CopyOnWriteMap.ts'
import { FIRST_TOPICS, MORE_TOPICS, STEP_MS } from './numbers.ts'

/** What both maps can do, as far as the two programs go. */
interface Topics {
  keys(): IterableIterator<string>
  put(topic: string): void
  readonly size: number
}

const plain = (): Topics => {
  const map = new Map<string, true>(FIRST_TOPICS.map((topic) => [topic, true]))
  return {
    keys: () => map.keys(),
    put: (topic) => void map.set(topic, true),
    get size() {
      return map.size
    },
  }
}

const copying = (): Topics => {
  const map = new CopyOnWriteMap<string, true>(FIRST_TOPICS.map((topic) => [topic, true]))
  return {
    keys: () => map.keys(),
    put: (topic) => void map.put(topic, true),
    get size() {
      return map.size
    },
  }
}

const controls = {
  map: {
    kind: 'choice',
    label: 'the map',
    options: [
      { value: 'Map', label: 'Map' },
      { value: 'CopyOnWriteMap', label: 'CopyOnWriteMap' },
    ],
    default: 'Map',
    help: 'Which kind of map both programs share.',
  },
  added: {
    kind: 'choice',
    label: 'added meanwhile',
    options: [
      { value: 'two', label: 'two' },
      { value: 'each', label: 'one per step' },
    ],
    default: 'two',
    help: 'How many topics the other program puts while the loop is under way.',
  },
} as const

const iterate = async (stage: Stage<typeof controls>, topics: Topics): Promise<void> => {
  const { simulation } = stage.world
  for (const topic of topics.keys()) {
    stage.say('loop', 'app.visit', { key: topic, entries: topics.size })
    await simulation.sleep(STEP_MS)
  }
  stage.say('loop', 'app.state', { state: 'the loop is over' })
}

/** Between two steps of the loop, so that nobody has to guess who is first. */
const add = async (stage: Stage<typeof controls>, topics: Topics): Promise<void> => {
  const { simulation } = stage.world
  const count = stage.settings.added === 'two' ? 2 : MORE_TOPICS.length
  await simulation.sleep(STEP_MS / 2)
  for (const topic of MORE_TOPICS.slice(0, count)) {
    topics.put(topic)
    stage.say('writer', 'app.put', { key: topic, entries: topics.size })
    await simulation.sleep(STEP_MS)
  }
}

export const copyOnWrite = defineScenario({
  name: 'copy-on-write',
  seed: 1,
  lengthMs: 200,
  controls,
  hands: {},
  script: () => [],
  start: async (stage) => {
    const topics = stage.settings.map === 'Map' ? plain() : copying()
    stage.watch('topics', () => [...topics.keys()])
    stage.world.simulation.schedule(0, () => {
      void iterate(stage, topics)
      void add(stage, topics)
    })
    return {}
  },
})
