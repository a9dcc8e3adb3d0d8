/**
 * Fig. 1. A writer that works in bursts, a reader with a pace of its own, and the log between them.
 *
 *     writer  ▮▮▮▮▮     ▮▮▮▮▮     ▮▮▮▮▮     ▮▮▮▮▮            five records every 200 ms
 *     reader   ▮ ▮ ▮ ▮ ▮ ▮ ▮                    ▮ ▮ ▮ ▮ ▮   one record every 25 ms, and a break
 *
 * The reader is fast enough for the average and too slow for a burst. What it has not read yet,
 * the lag, is the difference, and only the log holds it.
 */

import { defineScenario } from '../../../lab/Scenario.ts'
import { Cast } from './cast.ts'
import { BREAK_FROM_MS, BREAK_TO_MS, BURST_EVERY_MS, BURSTS, WORK_MS } from './numbers.ts'

export const TOPIC = 'orders'

export const logBetween = defineScenario({
  name: 'log-between',
  seed: 1,
  lengthMs: 1600,
  controls: {
    burst: {
      kind: 'range',
      label: 'records in a burst',
      min: 1,
      max: 6,
      step: 1,
      default: 5,
      help: 'How many records the writer sends at once, every 200 ms.',
    },
  },
  hands: {
    reader: {
      kind: 'switch',
      label: 'the reader runs',
      default: true,
      help: 'Stops the program that reads, or starts it again, at this moment.',
    },
  },
  script: () => [],
  start: async (stage) => {
    const cast = await Cast.gather(stage, {
      topic: TOPIC,
      partitions: 1,
      latencyMs: 5,
      producer: { 'linger.ms': 0 },
      consumer: { 'max.poll.records': 1 },
    })
    const reader = new Switch((on) =>
      stage.say('consumer', 'app.state', { state: on ? 'running' : 'stopped' }),
    )

    const write = async (): Promise<void> => {
      for (let burst = 0, number = 0; burst < BURSTS; burst++) {
        for (let i = 0; i < stage.settings.burst; i++) void cast.send(null, String(number++))
        await cast.sleep(BURST_EVERY_MS)
      }
    }
    const read = async (): Promise<void> => {
      for (;;) {
        await reader.on()
        await cast.receive()
        await cast.sleep(WORK_MS)
      }
    }
    const takeBreak = async (): Promise<void> => {
      await cast.sleep(BREAK_FROM_MS)
      reader.plan(false)
      await cast.sleep(BREAK_TO_MS - BREAK_FROM_MS)
      reader.plan(true)
    }
    cast.run(write)
    cast.run(read)
    cast.run(takeBreak)

    return { reader: (value) => reader.set(value === true) }
  },
})

/** On or off, as planned; once a hand has touched it, as the hand wants. */
class Switch {
  private isOn = true
  private touched = false
  private waiting: (() => void)[] = []
  private readonly changed: (on: boolean) => void

  constructor(changed: (on: boolean) => void) {
    this.changed = changed
  }

  /** Resolves while it is on. */
  async on(): Promise<void> {
    while (!this.isOn) await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  plan(on: boolean): void {
    if (!this.touched) this.turn(on)
  }

  set(on: boolean): void {
    this.touched = true
    this.turn(on)
  }

  private turn(on: boolean): void {
    if (on === this.isOn) return
    this.isOn = on
    this.changed(on)
    for (const resume of this.waiting.splice(0)) resume()
  }
}
