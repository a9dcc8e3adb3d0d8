import { describe, expect, test } from 'vitest'
import { IdleExpiryManager } from '../../src/network/IdleExpiryManager.ts'

describe('IdleExpiryManager', () => {
  test('names the connection that was silent for longest, and only when it was too long', () => {
    const manager = new IdleExpiryManager(0, 100)
    manager.update('a', 0)
    manager.update('b', 10)
    manager.update('a', 50)
    expect(manager.leastRecentlyUsed()).toBe('b')
    expect(manager.pollExpiredConnection(100)).toBeNull()
    expect(manager.pollExpiredConnection(110)).toBeNull()
    expect(manager.pollExpiredConnection(111)).toEqual({ id: 'b', idleMs: 101 })
    manager.remove('b')
    expect(manager.pollExpiredConnection(150)).toBeNull()
    expect(manager.pollExpiredConnection(151)).toEqual({ id: 'a', idleMs: 101 })
  })

  test('does not look again before the oldest one can have expired', () => {
    const manager = new IdleExpiryManager(0, 100)
    expect(manager.pollExpiredConnection(101)).toBeNull() // nobody there: not before 201
    manager.update('a', 50)
    expect(manager.pollExpiredConnection(160)).toBeNull()
    expect(manager.pollExpiredConnection(202)).toEqual({ id: 'a', idleMs: 152 })
  })

  test('without connections there is nothing', () => {
    const manager = new IdleExpiryManager(0, 100)
    expect(manager.leastRecentlyUsed()).toBeUndefined()
    manager.remove('nobody')
    expect(manager.pollExpiredConnection(1_000)).toBeNull()
  })
})
