/**
 * What the parts of the story have in common: what a line is made of, and how things are named.
 *
 * I1  A thing has the same words wherever it is told of.
 */

import type { LabEvents, Moment, MomentName } from './moments.ts'
import type { Scene } from './scene/Scene.ts'

export type StoryNoun = 'record' | 'batch' | 'buffer' | 'request' | 'partition' | 'broker' | 'clock'

export interface Told {
  readonly text: string
  readonly noun: StoryNoun | null
  readonly important: boolean
}

export type Telling<N extends MomentName> = (
  fields: LabEvents[N],
  moment: Moment<N>,
  scene: Scene,
) => Told | null
export type Tellings = { readonly [N in MomentName]?: Telling<N> }

export const told = (noun: StoryNoun | null, text: string): Told => ({
  text,
  noun,
  important: true,
})
export const aside = (noun: StoryNoun | null, text: string): Told => ({
  text,
  noun,
  important: false,
})

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n} ${n === 1 ? one : many}`
export const bytes = (n: number): string => count(n, 'byte')
export const quoted = (text: string | null): string => (text === null ? 'null' : `“${text}”`)
export const on = (p: { topic: string; partition: number }): string => `${p.topic}-${p.partition}`
export const round = (ms: number): number => Math.round(ms * 10) / 10
