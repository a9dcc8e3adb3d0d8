/**
 * Records a run ahead of the reader, and records it anew from a moment on.
 *
 *     ├── setting the stage ──┤ 0 ms ───────● action ─────── recorded ─ ─ ─ ─►
 *                             curtain       │
 *                                           └── fork: the same run up to here, then another
 *
 * A run cannot be wound back, but it can be run again: its seed and its actions fix it (see
 * `Simulation`). So a fork is a second run with one more action, and it is the first one, moment
 * for moment, up to that action.
 *
 * I1  An action at `atMs` happens after everything that was due until then, and before everything
 *     later: what was recorded up to `atMs` stays as it was.
 * I2  A recording has at most `MAX_MOMENTS` moments: a page's memory is bounded.
 */

import { macrotask } from '#platform'
import type { Logger } from '../src/common/Logger.ts'
import type { TraceName } from '../src/common/TraceEvents.ts'
import { SimulatedWorld } from '../src/testing/SimulatedWorld.ts'
import type { AppEvents, Json, Moment } from './moments.ts'
import { Recording } from './Recording.ts'
import type { Action, Controls, Hands, HandsAtWork, Scenario, SettingsOf } from './Scenario.ts'
import { defaultSettings } from './Scenario.ts'
import { isQuiet } from './scene/Scene.ts'
import { SceneBuilder } from './scene/SceneBuilder.ts'

export const MAX_MOMENTS = 60_000
/** A stage that is not set after this, in virtual milliseconds, is a defect of its scenario. */
const MAX_SETUP_MS = 60_000
/** A run that does not come to rest is cut off after so many times its length. */
const MAX_EXTENSIONS = 20

/** All that fixes a run of a scenario. */
export interface RunOptions<C extends Controls = Controls> {
  readonly seed?: number
  readonly settings?: Partial<SettingsOf<C>>
  /** Default: the scenario's script. */
  readonly actions?: readonly Action[]
}

export class Recorder<C extends Controls = Controls, H extends Hands = Hands> {
  readonly scenario: Scenario<C, H>
  readonly seed: number
  readonly settings: SettingsOf<C>
  readonly actions: readonly Action[]
  readonly recording = new Recording()
  private readonly world: SimulatedWorld
  private readonly watches = new Map<string, { look: () => Json; last: string }>()
  private hands: HandsAtWork<H> | undefined
  private curtainMs = 0
  private nextAction = 0
  private failure: { error: unknown } | undefined
  /** Calls of `advance` run one after the other. */
  private advancing: Promise<unknown> = Promise.resolve()

  private constructor(scenario: Scenario<C, H>, options: RunOptions<C>) {
    this.scenario = scenario
    this.seed = options.seed ?? scenario.seed
    this.settings = { ...defaultSettings(scenario.controls), ...options.settings }
    const actions = options.actions ?? scenario.script(this.settings)
    this.actions = [...actions].sort((a, b) => a.atMs - b.atMs)
    this.world = new SimulatedWorld({ seed: this.seed, logger: this.logger('') })
    this.world.traceBus.listen((entry) => {
      const { source, name, fields } = entry
      this.recording.add({ atMs: this.sinceCurtain(), source, name, fields })
      this.noteWatches()
    })
  }

  /** Sets the stage and records the scenario's length. */
  static async start<C extends Controls, H extends Hands>(
    scenario: Scenario<C, H>,
    options: RunOptions<C> = {},
  ): Promise<Recorder<C, H>> {
    const recorder = new Recorder(scenario, options)
    await recorder.setStage()
    await recorder.recordStory(0)
    return recorder
  }

  /** Whether nothing more will be recorded (I2). */
  get full(): boolean {
    return this.recording.moments.length >= MAX_MOMENTS
  }

  /**
   * Records on to `untilMs`, virtual milliseconds after the curtain rose.
   *
   * @throws whatever a program or a hand of the scenario threw
   */
  advance(untilMs: number): Promise<void> {
    const run = this.advancing.then(() => this.recordUntil(untilMs))
    this.advancing = run.catch(() => undefined)
    return run
  }

  /** The same run up to the action, and then on, as far as this one is recorded. */
  async fork(action: Action): Promise<Recorder<C, H>> {
    const { seed, settings, recording, scenario } = this
    const forked = new Recorder(scenario, { seed, settings, actions: [...this.actions, action] })
    await forked.setStage()
    await forked.recordStory(recording.recordedMs)
    return forked
  }

  /** The run with another seed or other settings, and the same actions. */
  async again(options: Omit<RunOptions<C>, 'actions'>): Promise<Recorder<C, H>> {
    const settings = { ...this.settings, ...options.settings }
    const { seed = this.seed } = options
    const other = new Recorder(this.scenario, { seed, settings, actions: this.actions })
    await other.setStage()
    await other.recordStory(0)
    return other
  }

  /** Records until nothing is on its way any more, and at least the scenario's length. */
  private async recordStory(atLeastMs: number): Promise<void> {
    const { lengthMs } = this.scenario
    const lastMs = this.actions.at(-1)?.atMs ?? 0
    await this.advance(Math.max(lengthMs, atLeastMs, lastMs + lengthMs))
    const scenes = new SceneBuilder(this.recording.moments)
    for (let more = 0; more < MAX_EXTENSIONS && !this.full; more++) {
      if (isQuiet(scenes.peek(this.recording.moments.length - 1))) return
      await this.advance(this.recording.recordedMs + lengthMs)
    }
  }

  private async setStage(): Promise<void> {
    const { simulation } = this.world
    const stage = {
      settings: this.settings,
      world: this.world,
      environment: (host: string) => ({
        ...this.world.environment(host),
        logger: this.logger(host),
      }),
      say: <N extends keyof AppEvents>(source: string, name: N, fields: AppEvents[N]) =>
        this.say(source, name, fields),
      heard: (name: TraceName) => this.heard(name),
      watch: (name: string, look: () => Json) => {
        this.watches.set(name, { look, last: '' })
      },
    }
    // Not `Simulation.run`: the run goes on after the stage is set, for as long as somebody looks.
    let settled = false
    const setting = this.scenario.start(stage).finally(() => {
      settled = true
    })
    setting.catch(() => undefined)
    await macrotask()
    for (;;) {
      const nextMs = simulation.nextStepMs()
      if (settled || nextMs === undefined || nextMs > MAX_SETUP_MS) break
      await simulation.step()
    }
    if (!settled) throw new Error(`The stage of '${this.scenario.name}' is never set.`)
    this.hands = await setting
    this.curtainMs = simulation.hiResClockMs()
    this.recording.curtain = this.recording.moments.length
    for (const moment of this.recording.moments) shift(moment, -this.curtainMs)
  }

  private heard(name: TraceName): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.world.traceBus.listen((entry) => {
        if (entry.name !== name) return
        stop()
        resolve()
      })
    })
  }

  private async recordUntil(untilMs: number): Promise<void> {
    const { simulation } = this.world
    const endMs = this.curtainMs + untilMs
    while (!this.full) {
      if (await this.actIfDue(endMs)) continue
      const nextMs = simulation.nextStepMs()
      if (nextMs === undefined || nextMs > endMs) break
      await simulation.step()
      if (this.failure !== undefined) throw this.failure.error
    }
    this.recording.recordedMs = Math.max(this.recording.recordedMs, untilMs)
  }

  /**
   * I1. The next action, when everything that was due until then has happened: done at once, or put
   * into the queue. Returns whether it was done.
   */
  private async actIfDue(endMs: number): Promise<boolean> {
    const { simulation } = this.world
    const action = this.actions[this.nextAction]
    if (action === undefined) return false
    const due = microseconds(this.curtainMs + action.atMs)
    const next = simulation.nextStepMs()
    if (due > microseconds(endMs) || (next !== undefined && microseconds(next) <= due)) {
      return false
    }
    const number = this.nextAction++
    const waitUs = due - microseconds(simulation.hiResClockMs())
    if (waitUs > 0) {
      simulation.schedule(waitUs / 1000, () => this.act(action, number))
      return false
    }
    // Through the queue it would come behind what is due a microsecond later.
    this.act(action, number)
    await macrotask()
    if (this.failure !== undefined) throw this.failure.error
    return true
  }

  private act(action: Action, number: number): void {
    const hand = this.hands?.[action.hand]
    if (hand === undefined) {
      this.failure = { error: new Error(`'${this.scenario.name}' has no hand '${action.hand}'.`) }
      return
    }
    const { label } = this.scenario.hands[action.hand]!
    this.say('reader', 'hand.action', {
      action: number,
      hand: action.hand,
      label,
      value: action.value,
    })
    const fail = (error: unknown): void => {
      this.failure = { error }
    }
    try {
      void Promise.resolve(hand(action.value)).catch(fail)
    } catch (error) {
      fail(error)
    }
  }

  private say<N extends keyof AppEvents>(source: string, name: N, fields: AppEvents[N]): void {
    this.recording.add({ atMs: this.sinceCurtain(), source, name, fields } as Omit<Moment, 'index'>)
    this.noteWatches()
  }

  /** Rounded to the microseconds that the simulated clock counts. */
  private sinceCurtain(): number {
    return Math.round((this.world.simulation.hiResClockMs() - this.curtainMs) * 1000) / 1000
  }

  private noteWatches(): void {
    for (const [name, watch] of this.watches) {
      const value = watch.look()
      const text = JSON.stringify(value)
      if (text === watch.last) continue
      watch.last = text
      this.recording.note(name, JSON.parse(text) as Json)
    }
  }

  /** Warnings and errors of the cast are part of the story. */
  private logger(source: string, prefix = ''): Logger {
    const write = (level: 'warn' | 'error', message: string): void =>
      this.say(source, 'app.log', { level, message: prefix + message })
    return {
      isEnabled: (level) => level === 'warn' || level === 'error',
      debug: () => undefined,
      info: () => undefined,
      warn: (message) => write('warn', message),
      error: (message, cause) =>
        write('error', cause === undefined ? message : `${message}: ${String(cause)}`),
      withPrefix: (more) => this.logger(source, prefix + more),
    }
  }
}

/** What the simulated clock counts, and what can be compared. */
const microseconds = (ms: number): number => Math.round(ms * 1000)

/** Before the curtain rose, nobody knew when it would. */
const shift = (moment: { atMs: number }, byMs: number): void => {
  moment.atMs = Math.round((moment.atMs + byMs) * 1000) / 1000
}
