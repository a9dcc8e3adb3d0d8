import { describe, expect, test } from 'vitest'
import { Simulation } from '../../../src/common/Simulation.ts'
import { SystemTime } from '../../../src/common/SystemTime.ts'
import { ClosedSelectorException, NioSelector } from '../../../src/network/nio/NioSelector.ts'
import { CancelledKeyException, SelectionKey } from '../../../src/network/nio/SelectionKey.ts'
import type { SelectableChannel } from '../../../src/network/nio/SocketChannel.ts'

const { OP_ACCEPT, OP_CONNECT, OP_READ, OP_WRITE } = SelectionKey

/** Is ready for what a test says. */
class Lever implements SelectableChannel {
  onReady: (() => void) | undefined
  /** How often a selector looked. */
  looks = 0
  private ops = 0
  private open = true

  set(ops: number): void {
    this.ops = ops
    this.onReady?.()
  }

  readyOps(): number {
    this.looks++
    return this.ops
  }

  isOpen(): boolean {
    return this.open
  }

  close(): void {
    this.open = false
    this.onReady?.()
  }
}

const simulated = (body: (time: Simulation, selector: NioSelector<Lever>) => Promise<void>) => {
  const time = new Simulation({ seed: 1 })
  return time.run(() => body(time, new NioSelector(time)))
}

describe('NioSelector', () => {
  test('waits until its deadline while nothing is ready', () =>
    simulated(async (time, selector) => {
      selector.register(new Lever(), OP_READ)
      expect(await selector.select(250)).toBe(0)
      expect(Math.floor(time.hiResClockMs())).toBe(250)
      expect(selector.selectedKeys().size).toBe(0)
    }))

  test('ends when something that is asked for becomes possible, and only then', () =>
    simulated(async (time, selector) => {
      const lever = new Lever()
      const key = selector.register(lever, OP_READ)
      time.schedule(10, () => lever.set(OP_WRITE))
      time.schedule(20, () => lever.set(OP_WRITE | OP_READ))
      expect(await selector.select(1_000)).toBe(1)
      expect(Math.floor(time.hiResClockMs())).toBe(20)
      expect([...selector.selectedKeys()]).toEqual([key])
      expect(key.readyOps()).toBe(OP_READ)
      expect([key.isReadable(), key.isWritable()]).toEqual([true, false])
      expect([key.isConnectable(), key.isAcceptable()]).toEqual([false, false])
    }))

  test('finds in one turn all that became ready in it, in the order of becoming ready', () =>
    simulated(async (time, selector) => {
      const levers = [new Lever(), new Lever(), new Lever()]
      const keys = levers.map((lever) => selector.register(lever, OP_READ))
      await selector.selectNow()
      time.schedule(5, () => levers[2]!.set(OP_READ))
      time.schedule(5, () => levers[0]!.set(OP_READ))
      expect(await selector.select(1_000)).toBe(2)
      expect([...selector.selectedKeys()]).toEqual([keys[2], keys[0]])
    }))

  test('says ready for as long as it is so: a level, not an edge', () =>
    simulated(async (time, selector) => {
      const lever = new Lever()
      selector.register(lever, OP_READ | OP_CONNECT | OP_ACCEPT)
      lever.set(OP_READ)
      for (let i = 0; i < 3; i++) expect(await selector.select(1_000)).toBe(1)
      expect(Math.floor(time.hiResClockMs())).toBe(0)
      lever.set(0)
      expect(await selector.select(1_000)).toBe(0)
      expect(Math.floor(time.hiResClockMs())).toBe(1_000)
    }))

  test('does not look at channels that nothing happened to', () =>
    simulated(async (_time, selector) => {
      const levers = Array.from({ length: 2_000 }, () => new Lever())
      for (const lever of levers) selector.register(lever, OP_READ)
      await selector.selectNow()
      const looked = levers.map((lever) => lever.looks)
      levers[7]!.set(OP_READ)
      for (let i = 0; i < 10; i++) await selector.selectNow()
      expect(levers.filter((lever, i) => lever.looks !== looked[i])).toEqual([levers[7]])
    }))

  test('interest taken away hides the level, interest given back shows it again', () =>
    simulated(async (time, selector) => {
      const lever = new Lever()
      const key = selector.register(lever, OP_READ)
      lever.set(OP_READ)
      key.setInterestOps(0)
      expect(await selector.select(10)).toBe(0)
      // Also while a select waits: there is one event loop, so nobody can miss it.
      time.schedule(5, () => key.setInterestOps(OP_READ))
      expect(await selector.select(1_000)).toBe(1)
      expect(Math.floor(time.hiResClockMs())).toBe(15)
      expect(key.interestOps()).toBe(OP_READ)
    }))

  test('every select gives the event loop a turn, even when everything is ready', async () => {
    const selector = new NioSelector<Lever>(new SystemTime())
    const lever = new Lever()
    selector.register(lever, OP_READ)
    lever.set(OP_READ)
    let turns = 0
    const count = () => {
      turns++
      if (turns < 10) setImmediate(count)
    }
    setImmediate(count)
    for (let i = 0; i < 10; i++) expect(await selector.select(1_000)).toBe(1)
    expect(turns).toBeGreaterThanOrEqual(9)
  })

  test('wakeup ends the select that waits, or the next one', () =>
    simulated(async (time, selector) => {
      time.schedule(3, () => selector.wakeup())
      expect(await selector.select(1_000)).toBe(0)
      expect(Math.floor(time.hiResClockMs())).toBe(3)
      selector.wakeup()
      selector.wakeup()
      expect(await selector.select(1_000)).toBe(0)
      expect(Math.floor(time.hiResClockMs())).toBe(3)
      expect(await selector.select(1_000)).toBe(0)
      expect(Math.floor(time.hiResClockMs())).toBe(1_003)
    }))

  test('allows one select at a time, and no negative wait', () =>
    simulated(async (_time, selector) => {
      const waiting = selector.select(5)
      expect(() => selector.select(5)).toThrow('one loop per selector')
      await waiting
      expect(() => selector.select(-1)).toThrow('Negative timeout')
    }))

  test('forgets a key that was cancelled and a channel that was closed', () =>
    simulated(async (_time, selector) => {
      const [first, second] = [new Lever(), new Lever()]
      const key = selector.register(first, OP_READ, 'attached')
      const other = selector.register(second, OP_READ)
      expect(key.attachment()).toBe('attached')
      first.set(OP_READ)
      second.set(OP_READ)
      key.cancel()
      key.cancel()
      expect(await selector.selectNow()).toBe(1)
      second.close()
      expect(other.isValid()).toBe(false)
      expect(await selector.selectNow()).toBe(0)
      expect(selector.keys().size).toBe(0)
      expect(() => key.interestOps()).toThrow(CancelledKeyException)
      expect(() => other.setInterestOps(OP_READ)).toThrow(CancelledKeyException)
      expect(first.onReady).toBeUndefined()
      selector.register(first, OP_READ) // another loop may take it now
    }))

  test('a channel has one selector', () =>
    simulated(async (time, selector) => {
      const lever = new Lever()
      selector.register(lever, OP_READ)
      expect(() => new NioSelector<Lever>(time).register(lever, OP_READ)).toThrow('already')
    }))

  test('closing lets go of the channels and ends the select that waits', () =>
    simulated(async (time, selector) => {
      const lever = new Lever()
      const key = selector.register(lever, OP_READ)
      const waiting = selector.select(1_000)
      selector.close()
      selector.close()
      expect(await waiting).toBe(0)
      expect(Math.floor(time.hiResClockMs())).toBe(0)
      expect(selector.isOpen()).toBe(false)
      expect(key.isValid()).toBe(false)
      expect(lever.isOpen()).toBe(true)
      expect(() => selector.select(0)).toThrow(ClosedSelectorException)
      expect(() => selector.register(lever, OP_READ)).toThrow(ClosedSelectorException)
    }))
})
