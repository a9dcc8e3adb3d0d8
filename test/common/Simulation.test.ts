import { describe, expect, test } from 'vitest'
import { IllegalStateException, TimeoutException } from '../../src/common/errors.ts'
import { Simulation } from '../../src/common/Simulation.ts'

/** Ten loops that wait for chance's time and write down when they woke. */
const race = async (simulation: Simulation): Promise<string[]> => {
  const seen: string[] = []
  const loop = async (name: number): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      await simulation.sleep(simulation.random.nextInt(5))
      seen.push(`${name}@${simulation.hiResClockMs()}`)
    }
  }
  await Promise.all(Array.from({ length: 10 }, (_, name) => loop(name)))
  return seen
}

const runRace = (seed: number): Promise<string[]> => {
  const simulation = new Simulation({ seed })
  return simulation.run(() => race(simulation))
}

describe('Simulation', () => {
  test('the same seed gives the same run, another seed another', async () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(await runRace(seed)).toEqual(await runRace(seed))
    }
    expect(await runRace(1)).not.toEqual(await runRace(2))
  })

  test('a wait of an hour costs nothing, and the clock shows it', async () => {
    const simulation = new Simulation({ seed: 1, startMs: 5000 })
    const result = await simulation.run(async () => {
      await simulation.sleep(3_600_000)
      return simulation.milliseconds()
    })

    expect(result).toBe(3_605_000)
    expect(simulation.hiResClockMs()).toBe(3_600_000)
    expect(simulation.steps).toBe(1)
  })

  test('between two entries all that follows from the first has run, however deep', async () => {
    const simulation = new Simulation({ seed: 1 })
    const seen: string[] = []
    const deep = async (depth: number): Promise<void> => {
      await null
      if (depth > 0) return deep(depth - 1)
      seen.push('deep')
    }
    await simulation.run(async () => {
      simulation.schedule(1, () => {
        void deep(50)
      })
      simulation.schedule(1, () => seen.push('next'))
      await simulation.sleep(2)
    })

    expect(seen).toEqual(['deep', 'next'])
  })

  test('a run that waits for nothing is a deadlock, and names the seed', async () => {
    const simulation = new Simulation({ seed: 4711 })

    await expect(simulation.run(() => new Promise(() => {}))).rejects.toThrow(IllegalStateException)
    await expect(simulation.run(() => new Promise(() => {}))).rejects.toThrow(/4711.*deadlock/)
  })

  test('a deadlock is seen also when the last entries were called off', async () => {
    const simulation = new Simulation({ seed: 1 })
    const stuck = simulation.run(async () => {
      simulation.schedule(10, () => {}).cancel()
      await new Promise(() => {})
    })

    await expect(stuck).rejects.toThrow(IllegalStateException)
  })

  test('a run that never ends is stopped after its longest time', async () => {
    const simulation = new Simulation({ seed: 1, maxDurationMs: 100 })
    const endless = simulation.run(async () => {
      for (;;) await simulation.sleep(30)
    })

    await expect(endless).rejects.toThrow(TimeoutException)
    expect(simulation.hiResClockMs()).toBe(120)
  })

  test('what was called off does not run', async () => {
    const simulation = new Simulation({ seed: 1 })
    const seen: string[] = []
    await simulation.run(async () => {
      const gone = simulation.schedule(5, () => seen.push('gone'))
      simulation.schedule(4, () => gone.cancel())
      await simulation.sleep(10)
    })

    expect(seen).toEqual([])
  })

  test('an error of the run, or of an entry, is the error of the run', async () => {
    const simulation = new Simulation({ seed: 1 })

    await expect(simulation.run(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
    const broken = simulation.run(async () => {
      simulation.schedule(1, () => {
        throw new Error('an entry')
      })
      await simulation.sleep(2)
    })
    await expect(broken).rejects.toThrow('an entry')
  })

  test('it can be stepped by hand, looking at when the next step is due', async () => {
    const simulation = new Simulation({ seed: 1 })
    const seen: number[] = []
    simulation.schedule(7, () => seen.push(simulation.hiResClockMs()))
    simulation.schedule(0, () => seen.push(simulation.hiResClockMs()))

    expect(simulation.nextStepMs()).toBe(0.001)
    expect(await simulation.step()).toBe(true)
    expect(simulation.nextStepMs()).toBe(7)
    await simulation.step()
    expect(await simulation.step()).toBe(false)
    expect(seen).toEqual([0.001, 7])
    expect(simulation.nextStepMs()).toBeUndefined()
  })

  test('a loop that polls without waiting cannot keep the clock from moving', async () => {
    const simulation = new Simulation({ seed: 1 })
    let late = false
    simulation.schedule(2, () => {
      late = true
    })
    await simulation.run(async () => {
      while (!late) await simulation.sleep(0)
    })

    expect(Math.floor(simulation.hiResClockMs())).toBe(2)
  })

  test('fractions of a millisecond count, though milliseconds() shows whole ones', async () => {
    const simulation = new Simulation({ seed: 1, startMs: 0 })
    await simulation.run(() => simulation.sleep(1.75))

    expect(simulation.milliseconds()).toBe(1)
    expect(simulation.hiResClockMs()).toBe(1.75)
  })

  test('timers run on virtual time', async () => {
    const simulation = new Simulation({ seed: 1 })
    const timer = simulation.timer(50)
    await simulation.run(() => timer.sleep(80))

    expect(timer.isExpired()).toBe(true)
    expect(simulation.hiResClockMs()).toBe(50)
  })
})
