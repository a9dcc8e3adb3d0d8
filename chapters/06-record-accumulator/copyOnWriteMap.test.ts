/** What a loop sees that awaits in its body, while somebody adds a topic. */

import { describe, expect, test } from 'vitest'
import { CopyOnWriteMap } from '../../src/common/CopyOnWriteMap.ts'
import { note } from '../../test/support/notes.ts'
import { TOPIC, Workbench } from './workbench.ts'

describe('a topic that is added while a loop awaits', () => {
  const topics = [['orders', 1] as const, ['stock', 2] as const]
  const walk = async (map: Iterable<readonly [string, number]>, add: () => void) => {
    const seen: string[] = []
    for (const [topic] of map) {
      if (seen.length === 0) add()
      await Promise.resolve()
      seen.push(topic)
    }
    return seen
  }

  test('is seen in a plain map, and not in one that is copied on write', async () => {
    note('N57', 'holds', 'one for the topics, and one in each topic for its partitions')
    const [plain, copied] = [
      new Map<string, number>(topics),
      new CopyOnWriteMap<string, number>(topics),
    ]
    expect(await walk(plain, () => plain.set('returns', 3))).toEqual(['orders', 'stock', 'returns'])
    expect(await walk(copied, () => copied.put('returns', 3))).toEqual(['orders', 'stock'])
    expect([...copied.keys()]).toEqual(['orders', 'stock', 'returns'])

    const bench = new Workbench({ leaders: [1] })
    bench.send(0)
    const infos = bench.accumulator.queues.topicInfos()
    bench.send(0, { topic: 'returns' })
    expect(Array.from(infos, ({ topic }) => topic)).toEqual([TOPIC])
  })
})
