/**
 * Draws states and the ways between them: the states one below the other, each way a line at their
 * right with its words beside the state that it leaves.
 *
 *     ┌────────┐
 *     │ open   ├──┐ ···  2 × to in flight        lanes: a short way is inside of a long one,
 *     │        ├─┐│ ···  1 × to closed           so lines cross as rarely as they can
 *     └────────┘ ││      Sender.runOnce
 *     ┌────────┐ ││
 *     │ closed │◄┘│
 *     └────────┘  …
 */

import type { StatesDiagram, Transition } from '../../../../lab/diagrams/States.ts'
import { arrow, drawing, linesAt, round, type Size, wrapped } from './svg.ts'

interface Box {
  readonly id: string | null
  readonly label: string
  readonly top: number
  readonly bottom: number
}

interface Way {
  readonly transition: Transition
  readonly leavesY: number
  readonly entersY: number
  readonly lane: number
  readonly words: readonly string[]
  readonly by: readonly string[]
}

interface Places {
  readonly boxes: readonly Box[]
  readonly ways: readonly Way[]
  readonly right: number
  readonly textX: number
  readonly height: number
}

/** Between two lines that enter a state. */
const PORT = 13
const LANE = 11
const GAP = 20

const labelOf = ({ states }: StatesDiagram, id: string | null): string =>
  states.find((state) => state.id === id)?.label ?? ''

const place = (diagram: StatesDiagram, size: Size): Places => {
  const isWide = size.name === 'wide'
  const right = isWide ? 150 : 92
  // As many lanes as ways, at most: the text stands behind them all.
  const crossing = lanesNeeded(diagram)
  const textX = right + 22 + crossing * LANE + 10
  const width = size.width - textX
  const small = size.fontSize - 3
  let y = 4
  const boxes: Box[] = []
  const leaves = new Map<Transition, number>()
  const enters = new Map<Transition, number>()
  for (const id of [null, ...diagram.states.map((state) => state.id)]) {
    const top = y
    const into = uncrossed(diagram, id, 'from')
    const out = uncrossed(diagram, id, 'to')
    let at = top + (into.length > 0 ? 15 : 4)
    for (const way of into) {
      enters.set(way, at)
      at += PORT
    }
    for (const way of out) {
      leaves.set(way, at + 5)
      at += 12 + heightOf(diagram, way, width, size, small)
    }
    const bottom = id === null ? at : Math.max(at + 2, top + 34)
    boxes.push({ id, label: labelOf(diagram, id), top, bottom })
    y = bottom + (id === null ? 6 : GAP)
  }
  const lanes = lanesOf(diagram.transitions, leaves, enters)
  const ways = diagram.transitions.map((transition) => ({
    transition,
    leavesY: leaves.get(transition)!,
    entersY: enters.get(transition)!,
    lane: lanes.get(transition)!,
    words: wrapped(wordsOf(diagram, transition), width, size.fontSize),
    by: wrapped(transition.by.join(', '), width, small, 'mono'),
  }))
  return { boxes, ways, right, textX, height: y - GAP + 6 }
}

/**
 * The ways at a state in the order in which their lines cross least: those that have their other
 * end above come first, and of each side the one with the lower end.
 */
const uncrossed = (
  diagram: StatesDiagram,
  id: string | null,
  otherEnd: 'from' | 'to',
): readonly Transition[] => {
  const row = (state: string | null): number => diagram.states.findIndex((one) => one.id === state)
  const thisEnd = otherEnd === 'from' ? 'to' : 'from'
  return diagram.transitions
    .filter((way) => way[thisEnd] === id)
    .sort((a, b) => {
      const [rowA, rowB] = [row(a[otherEnd]), row(b[otherEnd])]
      const sides = Number(rowA > row(id)) - Number(rowB > row(id))
      return sides !== 0 ? sides : rowB - rowA
    })
}

const heightOf = (
  diagram: StatesDiagram,
  way: Transition,
  width: number,
  size: Size,
  small: number,
): number =>
  wrapped(wordsOf(diagram, way), width, size.fontSize).length * size.lineHeight +
  wrapped(way.by.join(', '), width, small, 'mono').length * (size.lineHeight - 3)

const wordsOf = (diagram: StatesDiagram, { to, times }: Transition): string =>
  `${times} × to ${labelOf(diagram, to)}`

/** The order of the states alone tells how many ways stand beside each other. */
const lanesNeeded = (diagram: StatesDiagram): number => {
  const row = (id: string | null): number =>
    diagram.states.findIndex((state) => state.id === id) * 100
  const leaves = new Map<Transition, number>()
  const enters = new Map<Transition, number>()
  for (const way of diagram.transitions) {
    leaves.set(way, row(way.from) + 60 + diagram.transitions.indexOf(way))
    enters.set(way, row(way.to) + diagram.transitions.indexOf(way))
  }
  return Math.max(0, ...lanesOf(diagram.transitions, leaves, enters).values()) + 1
}

/** The shortest way takes the first lane; a longer one the first that is free beside it. */
const lanesOf = (
  transitions: readonly Transition[],
  leaves: ReadonlyMap<Transition, number>,
  enters: ReadonlyMap<Transition, number>,
): Map<Transition, number> => {
  const span = (way: Transition): readonly [number, number] => {
    const ends = [leaves.get(way)!, enters.get(way)!]
    return [Math.min(...ends) - 4, Math.max(...ends) + 4]
  }
  const length = (way: Transition): number => span(way)[1] - span(way)[0]
  const lanes = new Map<Transition, number>()
  for (const way of [...transitions].sort((a, b) => length(a) - length(b))) {
    const [top, bottom] = span(way)
    const beside = [...lanes].filter(([other]) => span(other)[0] < bottom && span(other)[1] > top)
    const taken = new Set(beside.map(([, lane]) => lane))
    let lane = 0
    while (taken.has(lane)) lane++
    lanes.set(way, lane)
  }
  return lanes
}

const boxes = (diagram: StatesDiagram, { boxes, right }: Places, size: Size): string =>
  boxes
    .map(({ id, label, top, bottom }) => {
      const middle = (top + bottom) / 2
      if (id === null)
        return `<circle class="d-dot" cx="${right - 14}" cy="${round(top + 9)}" r="5"/>`
      const isEnd = diagram.transitions.every(({ from }) => from !== id)
      const noun = diagram.noun ?? 'batch'
      const [y, height] = [round(top), round(bottom - top)]
      const box = `x="1" y="${y}" width="${right - 1}" height="${height}" rx="3"`
      const lines = wrapped(label, right - 16, size.fontSize)
      const firstY = middle + size.fontSize * 0.33 - ((lines.length - 1) * size.lineHeight) / 2
      return (
        `<rect class="k-${noun}${isEnd ? '' : ' k-leaf'}" ${box}/>` +
        linesAt(10, firstY, lines, size.lineHeight, { fontSize: size.fontSize })
      )
    })
    .join('')

const ways = ({ ways, right, textX }: Places, size: Size): string =>
  ways
    .map(({ transition, leavesY, entersY, lane, words, by }) => {
      const x = right + 18 + lane * LANE
      const startX = transition.from === null ? right - 9 : right
      const points = [
        [startX, leavesY],
        [x, leavesY],
        [x, entersY],
        [right + 2, entersY],
      ] as const
      const baseline = leavesY + size.fontSize * 0.33
      const byY = baseline + words.length * size.lineHeight - 2
      const small = { fontSize: size.fontSize - 3, className: 'm so' }
      return (
        `<path class="d-row" d="M${x + 3} ${round(leavesY)}H${textX - 5}"/>` +
        arrow(points, '') +
        linesAt(textX, baseline, words, size.lineHeight, { fontSize: size.fontSize }) +
        linesAt(textX, byY, by, size.lineHeight - 3, small)
      )
    })
    .join('')

export const statesSvg = (diagram: StatesDiagram, size: Size, id: string): string => {
  const places = place(diagram, size)
  const content = ways(places, size) + boxes(diagram, places, size)
  const { title, states, count, subjects } = diagram
  const description =
    `${states.length} states and ${diagram.transitions.length} ways between them, taken by ` +
    `${count} ${subjects}. The list behind it says the same in words.`
  return drawing(size, places.height, content, { id, title, description })
}

/** The same in words, a way a line. */
export const statesWords = (diagram: StatesDiagram): string[] =>
  diagram.transitions.map(({ from, to, times, by }) => {
    const start = from === null ? 'Comes into being' : `From ${labelOf(diagram, from)}`
    const code = by.length === 0 ? '' : `, by ${by.join(', ')}`
    const often = times === 1 ? '1 time' : `${times} times`
    return `${start}, to ${labelOf(diagram, to)}: ${often}${code}.`
  })
