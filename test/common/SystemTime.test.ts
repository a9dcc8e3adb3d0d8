import { describe, expect, test } from 'vitest'
import { SystemTime } from '../../src/common/SystemTime.ts'

describe('SystemTime', () => {
  test('a callback after 0 ms runs after one turn, not at once, nor when called off', async () => {
    const time = new SystemTime()
    const seen: string[] = []
    time.schedule(0, () => seen.push('called off')).cancel()
    const turned = new Promise<void>((resolve) => {
      time.schedule(-1, () => {
        seen.push('turned')
        resolve()
      })
    })
    await Promise.resolve()
    seen.push('continuation')
    await turned

    expect(seen).toEqual(['continuation', 'turned'])
  })

  test('a callback that was called off in time does not run', async () => {
    const time = new SystemTime()
    const seen: string[] = []
    const gone = time.schedule(1, () => seen.push('gone'))
    gone.cancel()
    gone.cancel()
    await time.sleep(3)

    expect(seen).toEqual([])
  })

  test('both clocks go on while it sleeps', async () => {
    const time = new SystemTime()
    const timer = time.timer(1000)
    const [wall, fine] = [time.milliseconds(), time.hiResClockMs()]
    await time.sleep(2)
    timer.update()

    expect(Number.isInteger(wall)).toBe(true)
    expect(time.hiResClockMs() - fine).toBeGreaterThanOrEqual(1)
    expect(timer.notExpired()).toBe(true)
  })
})
