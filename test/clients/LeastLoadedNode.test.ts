/** Whom to ask, when any node will do: by what is known of each, and where one begins to look. */

import { describe, expect, it } from 'vitest'
import { LeastLoadedNode, type NodeLoad } from '../../src/clients/LeastLoadedNode.ts'
import { Node } from '../../src/common/Node.ts'

interface Known {
  readonly state: 'ready' | 'full' | 'preparing' | 'connectable' | 'held back'
  readonly inFlight?: number
  readonly triedMs?: number
}

const choose = (known: readonly Known[], start = 0): LeastLoadedNode => {
  const of = (id: string): Known => known[Number(id)]!
  const load: NodeLoad = {
    isReady: (id) => ['ready', 'full'].includes(of(id).state),
    canSendMore: (id) => of(id).state !== 'full',
    inFlight: (id) => of(id).inFlight ?? 0,
    isPreparing: (id) => of(id).state === 'preparing',
    canConnect: (id) => of(id).state === 'connectable',
    lastConnectAttemptMs: (id) => of(id).triedMs ?? 0,
  }
  return LeastLoadedNode.choose(
    known.map((_, id) => new Node(id, 'localhost', 9092)),
    start,
    load,
  )
}

const chosen = (known: readonly Known[], start = 0): number | undefined =>
  choose(known, start).node?.id

describe('the least loaded node', () => {
  it('is a ready one with the fewest requests in flight', () => {
    const busy: Known[] = [
      { state: 'ready', inFlight: 3 },
      { state: 'ready', inFlight: 1 },
      { state: 'ready', inFlight: 2 },
    ]
    expect(chosen(busy)).toBe(1)
    expect(chosen([...busy, { state: 'ready' }])).toBe(3)
  })

  it('is the first idle one from where chance begins', () => {
    const idle: Known[] = [{ state: 'ready' }, { state: 'ready' }, { state: 'ready' }]
    expect([0, 1, 2].map((start) => chosen(idle, start))).toEqual([0, 1, 2])
  })

  it('is rather a busy one than one to wait for, and rather that than a new connection', () => {
    const all: Known[] = [
      { state: 'connectable' },
      { state: 'preparing' },
      { state: 'ready', inFlight: 4 },
      { state: 'held back' },
    ]
    for (const start of [0, 1, 2, 3]) {
      expect(chosen(all, start)).toBe(2)
      expect(chosen([all[0]!, all[1]!, all[3]!], start % 3)).toBe(1)
      expect(chosen([all[0]!, all[3]!], start % 2)).toBe(0)
    }
  })

  it('is, of those to connect to, the one that was tried the longest ago', () => {
    const tried = [30, 10, 20].map((triedMs): Known => ({ state: 'connectable', triedMs }))
    for (const start of [0, 1, 2]) expect(chosen(tried, start)).toBe(1)
  })

  it('is none when all are held back, which is a reason to begin anew', () => {
    const none = choose([{ state: 'held back' }, { state: 'held back' }])
    expect(none.node).toBeNull()
    expect(none.hasNodeAvailableOrConnectionReady()).toBe(false)
  })

  it('is none while every connection is full, which is no reason to begin anew', () => {
    for (const start of [0, 1]) {
      const none = choose([{ state: 'full' }, { state: 'held back' }], start)
      expect(none.node).toBeNull()
      expect(none.hasNodeAvailableOrConnectionReady()).toBe(true)
    }
  })
})
