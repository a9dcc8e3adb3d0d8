/**
 * A state diagram from a recorded run: the states that things of one kind went through, how often
 * each way was taken, and by what.
 *
 *     after moment 41    batch 3: open                  ┌──────┐  2 ×  RecordAccumulator.drain
 *     after moment 42    batch 3: in flight      ──►    │ open ├─────────► in flight
 *                                                       └──────┘
 *
 * `look` reads the states from what was watched during the run (`stage.watch`). A thing that it no
 * longer names has ended; `ending` says how.
 *
 * I1  Only ways that were taken are in the diagram, each with its number of times.
 * I2  The result is plain data and the same for the same recording.
 */

import { TRACE_POINTS, type TraceName } from '../../src/common/TraceEvents.ts'
import type { Json, Moment, MomentName } from '../moments.ts'
import type { Recording } from '../Recording.ts'
import type { StoryNoun } from '../story.ts'

export interface DiagramState {
  readonly id: string
  readonly label: string
}

export interface Transition {
  /** `null`: it comes into being. */
  readonly from: string | null
  readonly to: string
  readonly times: number
  /** `Class.method` of the code that did it, each once, in the order of their first time. */
  readonly by: readonly string[]
}

export interface StatesDiagram {
  readonly kind: 'states'
  readonly title: string
  /** What goes through the states, in the plural. */
  readonly subjects: string
  readonly noun: StoryNoun | null
  /** How many of them there were. */
  readonly count: number
  readonly states: readonly DiagramState[]
  readonly transitions: readonly Transition[]
}

export interface StatesOptions {
  readonly title: string
  readonly subjects: string
  readonly noun: StoryNoun | null
  /** In the order in which they are drawn, from the top. */
  readonly states: readonly DiagramState[]
  /** The name of what was watched. */
  readonly watch: string
  /** The state of each thing, by what tells it from the others; `null`: as it was. */
  readonly look: (value: Json) => ReadonlyMap<string, string | null>
  /**
   * The state in which a thing ended that is no longer there, from what happened since it was, and
   * soon after: code may say what it did when it has done it.
   */
  readonly ending: (subject: string, happened: readonly Moment[]) => string
  /** By a state: the moments that can be the cause of entering it. */
  readonly causes: Readonly<Record<string, readonly MomentName[]>>
}

/** The simulated clock counts microseconds of work; what is nearer than this is one moment. */
const SOON_MS = 0.1

interface Way {
  readonly from: string | null
  readonly to: string
  times: number
  readonly by: Set<string>
}

export const statesOf = (
  recordings: readonly Recording[],
  options: StatesOptions,
): StatesDiagram => {
  const ways = new Map<string, Way>()
  let count = 0
  for (const recording of recordings) count += follow(recording, options, ways)
  const { title, subjects, noun, states } = options
  const transitions = [...ways.values()]
    .sort((a, b) => order(states, a) - order(states, b))
    .map(({ from, to, times, by }) => ({ from, to, times, by: [...by] }))
  const used = new Set(transitions.flatMap(({ from, to }) => [from, to]))
  const visited = states.filter(({ id }) => used.has(id))
  return { kind: 'states', title, subjects, noun, count, states: visited, transitions }
}

const order = (states: readonly DiagramState[], { from, to }: Way): number => {
  const place = (id: string | null): number => states.findIndex((state) => state.id === id)
  return (place(from) + 1) * (states.length + 1) + place(to)
}

/** Notes the ways of one run. Returns how many things went them. */
const follow = (recording: Recording, options: StatesOptions, ways: Map<string, Way>): number => {
  const { moments } = recording
  let before = new Map<string, string>()
  let last: Json | undefined
  let since = 0
  const seen = new Set<string>()
  for (const { index } of moments) {
    const value = recording.watched(options.watch, index)
    if (value === undefined || value === last) continue
    const looked = options.look(value)
    const now = new Map<string, string>()
    for (const subject of new Set([...before.keys(), ...looked.keys()])) {
      const from = before.get(subject) ?? null
      const state = looked.get(subject) ?? null
      if (looked.has(subject) && (state ?? from) !== null) now.set(subject, (state ?? from)!)
      const happened = [...moments.slice(since, index + 1), ...soonAfter(moments, index)]
      const to = looked.has(subject) ? (state ?? from) : options.ending(subject, happened)
      if (to === null || from === to) continue
      seen.add(subject)
      noteWay(ways, from, to, causeOf(moments, since, index, options.causes[to] ?? []))
    }
    ;[before, last, since] = [now, value, index + 1]
  }
  return seen.size
}

const noteWay = (ways: Map<string, Way>, from: string | null, to: string, by: string): void => {
  const key = `${from}>${to}`
  const way = ways.get(key) ?? { from, to, times: 0, by: new Set<string>() }
  way.times++
  if (by !== '') way.by.add(by)
  ways.set(key, way)
}

const soonAfter = (moments: readonly Moment[], index: number): Moment[] => {
  const soon: Moment[] = []
  const untilMs = moments[index]!.atMs + SOON_MS
  for (let i = index + 1; i < moments.length && moments[i]!.atMs <= untilMs; i++) {
    soon.push(moments[i]!)
  }
  return soon
}

/**
 * The newest moment since the last look that fits; else the first one soon after it: code may
 * change a thing, say something else, and then say what it did.
 */
const causeOf = (
  moments: readonly Moment[],
  since: number,
  index: number,
  causes: readonly MomentName[],
): string => {
  const fits = ({ name }: Moment): boolean => causes.includes(name)
  const cause =
    moments.slice(since, index + 1).findLast(fits) ?? soonAfter(moments, index).find(fits)
  return cause === undefined ? '' : (TRACE_POINTS[cause.name as TraceName] ?? cause.name)
}
