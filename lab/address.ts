/**
 * A lab in the address line: what a reader has set, done, and how far the clock is. A link to it
 * shows another reader the same run at the same moment.
 *
 *     ?journey=acks=1;linger=20;do=0,send,hello;do=3,lose;t=12.3,45
 *
 * What stands at its default is left out, so that a fresh lab has a clean address. Whatever is not
 * understood is left out as well: an address comes from anywhere.
 */

import type { Json } from './moments.ts'
import type { Action, Control, Scenario } from './Scenario.ts'
import { defaultSettings } from './Scenario.ts'

export interface LabState {
  readonly seed: number
  readonly settings: Readonly<Record<string, number | string>>
  readonly actions: readonly Action[]
  /** Where the clock stands. */
  readonly atMs: number
  /** Moments since the curtain rose: many happen at the same time. */
  readonly moment: number
}

/** More actions than anybody does by hand; an address with more is cut off. */
const MAX_ACTIONS = 200
const MAX_TEXT = 1000
/** A run that is longer takes longer to record than a reader waits. */
const MAX_MS = 60_000

export const encodeState = (scenario: Scenario, state: LabState): string => {
  const parts: string[] = []
  if (state.seed !== scenario.seed) parts.push(`seed=${state.seed}`)
  for (const [name, control] of Object.entries(scenario.controls)) {
    const value = state.settings[name]
    if (value !== undefined && value !== control.default) {
      parts.push(`${name}=${encodeURIComponent(value)}`)
    }
  }
  const byItself = scenario.script(settingsOf(scenario, state.settings))
  if (JSON.stringify(byItself) !== JSON.stringify(state.actions)) {
    for (const { atMs, hand, value } of state.actions) {
      const text = value === null ? '' : `,${encodeURIComponent(JSON.stringify(value))}`
      parts.push(`do=${atMs},${hand}${text}`)
    }
  }
  if (state.moment > 0) parts.push(`t=${state.atMs},${state.moment}`)
  return parts.join(';')
}

export const decodeState = (scenario: Scenario, text: string): LabState => {
  let { seed } = scenario
  let atMs = 0
  let moment = 0
  const settings: Record<string, number | string> = { ...defaultSettings(scenario.controls) }
  const actions: Action[] = []
  for (const part of text.split(';')) {
    const [name = '', value = ''] = splitAt(part, '=')
    const control = Object.hasOwn(scenario.controls, name) ? scenario.controls[name] : undefined
    if (name === 'seed') seed = /^\d{1,15}$/.test(value) ? Number(value) : seed
    else if (name === 't') {
      const [ms, count] = splitAt(value, ',')
      atMs = milliseconds(ms) ?? atMs
      moment = /^\d{1,6}$/.test(count) ? Number(count) : moment
    } else if (name === 'do') {
      const action = actionOf(scenario, value)
      if (action !== undefined && actions.length < MAX_ACTIONS) actions.push(action)
    } else if (control !== undefined) {
      const setting = settingOf(control, decoded(value) ?? '')
      if (setting !== undefined) settings[name] = setting
    }
  }
  const byItself = scenario.script(settingsOf(scenario, settings))
  return { seed, settings, actions: actions.length > 0 ? actions : byItself, atMs, moment }
}

const settingsOf = (scenario: Scenario, settings: LabState['settings']) => ({
  ...defaultSettings(scenario.controls),
  ...settings,
})

const settingOf = (control: Control, text: string): number | string | undefined => {
  if (control.kind === 'choice') return control.options.find((o) => o.value === text)?.value
  const number = text === '' ? Number.NaN : Number(text)
  return number >= control.min && number <= control.max ? number : undefined
}

const actionOf = (scenario: Scenario, text: string): Action | undefined => {
  const [at = '', rest = ''] = splitAt(text, ',')
  const [hand = '', value = ''] = splitAt(rest, ',')
  const atMs = milliseconds(at)
  const kind = Object.hasOwn(scenario.hands, hand) ? scenario.hands[hand]?.kind : undefined
  if (atMs === undefined || kind === undefined) return undefined
  if (kind === 'button') return { atMs, hand, value: null }
  const parsed = parsedJson(decoded(value) ?? '')
  if (kind === 'text' && typeof parsed === 'string' && parsed.length <= MAX_TEXT) {
    return { atMs, hand, value: parsed }
  }
  return kind === 'switch' && typeof parsed === 'boolean'
    ? { atMs, hand, value: parsed }
    : undefined
}

const milliseconds = (text: string): number | undefined => {
  const ms = text === '' ? Number.NaN : Number(text)
  return ms >= 0 && ms <= MAX_MS ? ms : undefined
}

const splitAt = (text: string, separator: string): [string, string] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** `undefined` when a percent sign stands where none may. */
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

const parsedJson = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
