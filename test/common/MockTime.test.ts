import { describe, expect, test } from 'vitest'
import { MockTime } from '../../src/common/MockTime.ts'

describe('MockTime', () => {
  test('stands still until somebody sleeps', async () => {
    const time = new MockTime(0, 1000)
    expect([time.milliseconds(), time.milliseconds()]).toEqual([1000, 1000])

    await time.sleep(5)
    expect(time.milliseconds()).toBe(1005)
    expect(time.hiResClockMs()).toBe(1005)
  })

  test('moves with each reading when told to', () => {
    const time = new MockTime(10, 0)

    expect([time.milliseconds(), time.milliseconds(), time.hiResClockMs()]).toEqual([10, 20, 30])
  })

  test('sleep runs what became due, in order, each at its own time', async () => {
    const time = new MockTime(0, 0)
    const seen: string[] = []
    const note = (name: string) => () => seen.push(`${name}@${time.milliseconds()}`)
    time.schedule(30, note('late'))
    time.schedule(10, note('first'))
    time.schedule(10, note('second'))
    const called = time.schedule(20, note('cancelled'))
    called.cancel()

    time.sleep(20)
    expect(seen).toEqual(['first@10', 'second@10'])
    time.sleep(10)
    expect(seen).toEqual(['first@10', 'second@10', 'late@30'])
  })

  test('a callback may schedule and sleep itself; the clock never goes back', async () => {
    const time = new MockTime(0, 0)
    const seen: number[] = []
    time.schedule(5, () => {
      time.schedule(2, () => seen.push(time.milliseconds()))
      time.sleep(20)
      seen.push(time.milliseconds())
    })
    time.sleep(10)

    expect(seen).toEqual([7, 25])
    expect(time.milliseconds()).toBe(25)
  })

  test('a wait of 0 is one turn of the event loop, though the clock stands still', async () => {
    const time = new MockTime()
    const seen: string[] = []
    const turned = new Promise<void>((resolve) => {
      time.schedule(0, () => {
        seen.push('turned')
        resolve()
      })
    })
    time.schedule(0, () => seen.push('cancelled')).cancel()
    seen.push('at once')
    await turned

    expect(seen).toEqual(['at once', 'turned'])
  })

  test('can be put anywhere', () => {
    const time = new MockTime(0, 1000)
    time.setCurrentTimeMs(400)

    expect(time.milliseconds()).toBe(400)
  })
})
