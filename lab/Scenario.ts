/**
 * The contract of every `lab.ts`: a cast of real clients and brokers, what a reader may set, and
 * what a reader may do.
 *
 *     scenario + seed + settings + actions ──Recorder──► recording ──► pictures, text, demo
 *
 * `settings` hold for a whole run: the configuration of clients and brokers, which they read once
 * when they are made. Changing one records the run anew. `hands` are things done at a moment: a
 * record sent, a packet lost, a program stopped. Doing one forks the run there.
 *
 * I1  The same scenario, seed, settings and actions give the same recording, moment for moment.
 */

import type { TraceName } from '../src/common/TraceEvents.ts'
import type { Environment } from '../src/network/Environment.ts'
import type { SimulatedWorld } from '../src/testing/SimulatedWorld.ts'
import type { AppEvents, Json, Moment, MomentName } from './moments.ts'
import type { Recording } from './Recording.ts'
import type { Told } from './storyWords.ts'

export interface RangeControl {
  readonly kind: 'range'
  readonly label: string
  readonly min: number
  readonly max: number
  readonly step: number
  readonly default: number
  /** Shown behind the number: `ms`, `bytes`. */
  readonly unit?: string
  /** One sentence: what it is, and Kafka's name for it. */
  readonly help: string
  /** Controls of one group stand together, below its name. */
  readonly group?: string
}

export interface ChoiceControl {
  readonly kind: 'choice'
  readonly label: string
  readonly group?: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly default: string
  readonly help: string
}

/** A setting: fixed for the run. */
export type Control = RangeControl | ChoiceControl
export type Controls = Readonly<Record<string, Control>>
type SettingOf<C extends Control> = C extends ChoiceControl ? C['options'][number]['value'] : number

/** Of controls that are not known by name: any setting at all. */
export type SettingsOf<C extends Controls> = {
  readonly [K in keyof C]: SettingOf<C[K]>
}

/** What a reader may do at a moment. */
export type Hand =
  | {
      readonly kind: 'text'
      readonly label: string
      readonly default: string
      readonly help: string
    }
  | { readonly kind: 'button'; readonly label: string; readonly help: string }
  | {
      readonly kind: 'switch'
      readonly label: string
      readonly default: boolean
      readonly help: string
    }
export type Hands = Readonly<Record<string, Hand>>

/** Something done by a hand, at a moment of the run. */
export interface Action {
  readonly atMs: number
  readonly hand: string
  /** The text of a text hand, the new state of a switch, `null` of a button. */
  readonly value: Json
}

/** What a scenario is given to build on. */
export interface Stage<C extends Controls = Controls> {
  readonly settings: SettingsOf<C>
  readonly world: SimulatedWorld
  /** What a client or a broker on the machine `host` gets. */
  environment(host: string): Environment
  /** Adds a moment: what a program did. */
  say<N extends keyof AppEvents>(source: string, name: N, fields: AppEvents[N]): void
  /** Resolves when `name` is next said on the trace bus: the stage may wait for its cast. */
  heard(name: TraceName): Promise<void>
  /**
   * Records what `look` returns whenever it has changed since the last moment: state that no trace
   * entry tells.
   */
  watch(name: string, look: () => Json): void
}

/** What each hand does. A promise is not waited for; one that fails fails the recording. */
export type HandsAtWork<H extends Hands> = {
  readonly [K in keyof H]: (value: Json) => void | Promise<void>
}

export interface Scenario<C extends Controls = Controls, H extends Hands = Hands> {
  /** In the address line. */
  readonly name: string
  readonly seed: number
  readonly controls: C
  readonly hands: H
  /** What happens when the reader does nothing. */
  script(settings: SettingsOf<C>): readonly Action[]
  /**
   * The moments that are steps of the story: what this lab is about. A moment that says that
   * nothing was found stays a detail. Default: those that the story itself calls important.
   */
  readonly steps?: readonly MomentName[]
  /** Sentences of its own for what this lab is about; `null`: as the story has them everywhere. */
  retell?(recording: Recording): (moment: Moment) => Told | null
  /** How long a step stands, in milliseconds of the reader's time. Default: `BEAT_MS`. */
  readonly beatMs?: number
  /** How long the run is recorded at least, in virtual milliseconds after the curtain rose. */
  readonly lengthMs: number
  /** Builds the stage. The curtain rises, and the clock starts at 0, when it resolves. */
  start(stage: Stage<C>): Promise<HandsAtWork<H>>
}

/** Keeps the types of `controls` and `hands` while it checks them. */
export const defineScenario = <const C extends Controls, const H extends Hands>(
  scenario: Scenario<C, H>,
): Scenario<C, H> => scenario

/** The settings of `controls` when nobody has touched them. */
export const defaultSettings = <C extends Controls>(controls: C): SettingsOf<C> =>
  Object.fromEntries(
    Object.entries(controls).map(([name, control]) => [name, control.default]),
  ) as SettingsOf<C>
