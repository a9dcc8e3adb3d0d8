/**
 * One lab while somebody plays with it: the recording, the play head, and what the reader does.
 *
 *     recorder ─► recording ─► story lines ─► player ─► position, clock ─► scene
 *         ▲                                                     │
 *         └──── fork (act), record again (setSetting) ◄── reader┘
 *
 * Knows nothing of Vue and of the page, except that somebody calls `tick`: `useLab` does.
 *
 * I1  What is shown always belongs to one recording: a new one replaces recorder, story and scenes
 *     in one step.
 * I2  Of several changes that come while one is recorded, all are made, one after the other.
 */

import { decodeState, encodeState } from './address.ts'
import { is, type Json } from './moments.ts'
import { BEAT_MS, Player } from './Player.ts'
import { Recorder } from './Recorder.ts'
import type { Recording } from './Recording.ts'
import type { Action, Scenario } from './Scenario.ts'
import { emptyScene, type Scene } from './scene/Scene.ts'
import { SceneBuilder } from './scene/SceneBuilder.ts'
import { type StoryLine, tellAll } from './story.ts'

/** Where the reader made the run another one. */
export interface Fork {
  readonly atMs: number
  readonly label: string
  /** The setting that was changed; `null` for something done. */
  readonly setting: string | null
}

/** What of a run's actions a reader did: an address names them all. */
const forksOf = ({ scenario, settings, actions }: Recorder): Fork[] => {
  const byItself = scenario.script(settings).map((action) => JSON.stringify(action))
  return actions
    .filter((action) => !byItself.includes(JSON.stringify(action)))
    .map(({ atMs, hand }) => ({ atMs, label: scenario.hands[hand]!.label, setting: null }))
}

export type Detail = 'story' | 'all'

export class LabSession {
  readonly player = new Player()
  readonly scenario: Scenario
  forks: Fork[] = []
  detail: Detail = 'story'
  /** The lines that are steps, as `detail` says. */
  story: StoryLine[] = []
  scene: Scene = emptyScene()
  private recorder: Recorder
  private scenes: SceneBuilder
  private lines: StoryLine[] = []
  private sceneIndex = -2
  private changing: Promise<unknown> = Promise.resolve()

  private constructor(recorder: Recorder) {
    this.scenario = recorder.scenario
    this.recorder = recorder
    this.scenes = new SceneBuilder(recorder.recording.moments)
    this.player.beatMs = this.scenario.beatMs ?? BEAT_MS
    this.replace(recorder)
    this.show()
  }

  /** @param address as `address` gave it; what of it is not understood is at its default */
  static async open(scenario: Scenario, address = ''): Promise<LabSession> {
    const { seed, settings, actions, atMs, moment } = decodeState(scenario, address)
    const session = new LabSession(await Recorder.start(scenario, { seed, settings, actions }))
    session.forks = forksOf(session.recorder)
    if (moment > 0) session.seekMoment(moment)
    else if (atMs > 0) session.seekTime(atMs)
    return session
  }

  get settings(): Readonly<Record<string, number | string>> {
    return this.recorder.settings
  }

  /** What is done in this run, by its script and by the reader, in order of time. */
  get actions(): readonly Action[] {
    return this.recorder.actions
  }

  /** The run that is shown, for what a scene does not hold: what was watched, and all times. */
  get recording(): Recording {
    return this.recorder.recording
  }

  get address(): string {
    const { seed, settings, actions, recording } = this.recorder
    const atMs = this.spoke === null ? 0 : Math.round(this.player.clockMs * 1000) / 1000
    const moment = this.spoke === null ? 0 : this.spoke.index - recording.curtain + 1
    return encodeState(this.scenario, { seed, settings, actions, atMs, moment })
  }

  /** The line that spoke last. */
  get spoke(): StoryLine | null {
    return this.story[this.player.position] ?? null
  }

  /** `elapsedMs` of the reader's time have passed. Returns whether anything has changed. */
  tick(elapsedMs: number): boolean {
    const changed = this.player.tick(elapsedMs)
    if (changed) this.show()
    return changed
  }

  seek(position: number): void {
    this.player.seek(position)
    this.show()
  }

  /** To the last line at or before `atMs`. */
  seekTime(atMs: number): void {
    this.seek(this.story.findLastIndex((line) => line.atMs <= atMs))
  }

  /** To the last line of the first `count` moments since the curtain rose. */
  private seekMoment(count: number): void {
    const end = this.recorder.recording.curtain + count
    this.seek(this.story.findLastIndex((line) => line.index < end))
  }

  setDetail(detail: Detail): void {
    const at = this.spoke?.index ?? -1
    this.detail = detail
    this.choose()
    this.seek(this.story.findLastIndex((line) => line.index <= at))
  }

  /** To the end of a poll loop's turn: the last line before the next `Selector.poll`. */
  async stepPoll(): Promise<void> {
    const next = this.story[this.player.position + 1] ?? (await this.extend())
    if (next === undefined) return
    const poll = this.lines.find((l) => l.index > next.index && l.name === 'network.selector.poll')
    const end = poll?.index ?? Number.POSITIVE_INFINITY
    this.seek(this.story.findLastIndex((line) => line.index < end))
  }

  /** The reader does something now: the run is another one from here on. */
  act(hand: string, value: Json): Promise<void> {
    return this.change(async () => {
      const atMs = this.player.position < 0 ? 0 : Math.round(this.player.clockMs * 1000) / 1000
      const action: Action = { atMs, hand, value }
      const { playing } = this.player
      const forked = await this.recorder.fork(action)
      const number = forked.actions.indexOf(action)
      const done = forked.recording.moments.find(
        (moment) => is(moment, 'hand.action') && moment.fields.action === number,
      )
      this.replace(forked)
      const { label, kind } = this.scenario.hands[hand]!
      this.forks = [...this.forks, { atMs, label, setting: null }]
      this.seek(this.story.findLastIndex((line) => line.index <= (done?.index ?? -1)))
      // What was handed in wants to be followed.
      if (playing || kind === 'text') this.player.play()
    })
  }

  /** The same run with another setting; the clock goes back to where the two part, if it must. */
  setSetting(name: string, value: number | string): Promise<void> {
    return this.change(async () => {
      if (this.recorder.settings[name] === value) return
      const { playing } = this.player
      const old = this.recorder.recording
      const here = (this.spoke?.index ?? old.curtain - 1) - old.curtain
      const other = await this.recorder.again({ settings: { [name]: value } })
      const { recording } = other
      const common = old.inCommon(recording)
      this.replace(other)
      const atMs = recording.moments[recording.curtain + common]?.atMs ?? 0
      const label = `${this.scenario.controls[name]?.label ?? name} ${value}`
      const others = this.forks.filter((fork) => fork.setting !== name)
      this.forks = [...others, { atMs, label, setting: name }]
      const reached = recording.curtain + Math.min(here, common - 1)
      this.seek(this.story.findLastIndex((line) => line.index <= reached))
      if (playing) this.player.play()
    })
  }

  /** Back to the scenario's own run, with the settings as they are. */
  reset(): Promise<void> {
    return this.change(async () => {
      const { settings, seed } = this.recorder
      this.forks = []
      this.replace(await Recorder.start(this.scenario, { seed, settings }))
      this.seek(-1)
    })
  }

  private change(make: () => Promise<void>): Promise<void> {
    const made = this.changing.then(make)
    this.changing = made.catch(() => undefined)
    return made
  }

  /** I1 */
  private replace(recorder: Recorder): void {
    this.recorder = recorder
    this.scenes = new SceneBuilder(recorder.recording.moments)
    this.lines = this.told(recorder.recording, recorder.recording.curtain)
    this.sceneIndex = -2
    this.choose()
  }

  private told(recording: Recording, from: number): StoryLine[] {
    return tellAll(recording, this.scenes, from, this.scenario.retell?.(recording))
  }

  private choose(): void {
    const { steps } = this.scenario
    const isStep = (line: StoryLine): boolean =>
      line.important && (steps === undefined || steps.includes(line.name))
    const told = this.lines.filter(isStep)
    // What is said twice in a row, a sender that looks again, is said once.
    const once = told.filter((l, i) => l.name !== told[i - 1]?.name || l.text !== told[i - 1]?.text)
    this.story = this.detail === 'all' ? this.lines : steps === undefined ? told : once
    this.player.setLines(this.story)
  }

  /** Records on; the first new step. */
  private async extend(): Promise<StoryLine | undefined> {
    const { recorder, scenario, story } = this
    const { recording } = recorder
    const from = recording.moments.length
    await recorder.advance(recording.recordedMs + scenario.lengthMs)
    if (recorder !== this.recorder) return undefined
    this.lines = [...this.lines, ...this.told(recording, from)]
    this.choose()
    return this.story[story.length]
  }

  /** Draws the newest moment that the clock has reached, and none beyond the next line. */
  private show(): void {
    const { recording } = this.recorder
    const { position, clockMs } = this.player
    const here = this.story[position]?.index ?? recording.curtain - 1
    const next = this.story[position + 1]?.index ?? recording.moments.length
    const reached = position < 0 ? here : recording.indexAfter(clockMs) - 1
    const index = Math.max(here, Math.min(reached, next - 1))
    if (index === this.sceneIndex) return
    this.sceneIndex = index
    this.scene = this.scenes.at(index)
  }
}
