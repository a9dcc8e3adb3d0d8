/**
 * Draws a sequence: a line down for each actor, an event below the other, its words at the right.
 *
 *      ms   producer  broker  consumer
 *       0      ●─────────┼───────┼──────   the record is in a batch
 *       5      ●╲        │       │         it leaves
 *      25      │ ╲───────●       │         the log grows
 *
 * The words stand in a column of their own: beside the lines of the actors they would stand in the
 * way of the messages.
 */

import type { SequenceDiagram, SequenceEvent } from '../../../../lab/diagrams/Sequence.ts'
import { arrow, drawing, linesAt, round, type Size, sign, textAt, wrapped } from './svg.ts'

interface Places {
  /** Of each actor's line. */
  readonly x: readonly number[]
  /** Of each event. */
  readonly y: readonly number[]
  readonly words: readonly (readonly string[])[]
  readonly timeX: number
  readonly textX: number
  readonly headY: number
  readonly height: number
}

const DOT = 4
/** Between two events of the same time, and of two times. */
const GAP = 9
const LATER_GAP = 24

const place = (diagram: SequenceDiagram, size: Size): Places => {
  const isWide = size.name === 'wide'
  const [timeX, first, gap] = isWide ? [38, 84, 112] : [25, 54, 55]
  const x = diagram.actors.map((_, i) => first + i * gap)
  const textX = x.at(-1)! + (isWide ? 30 : 16)
  const words = diagram.events.map(({ text }) => wrapped(text, size.width - textX, size.fontSize))
  const headY = isWide ? 48 : 42
  let below = headY + 14
  const y = diagram.events.map((event, i) => {
    const before = diagram.events[i - 1]
    const isLater = before !== undefined && timeOf(before) !== timeOf(event)
    const at = below + (isLater ? LATER_GAP : GAP) + size.fontSize / 2
    below = at + (words[i]!.length - 1) * size.lineHeight + size.fontSize / 2
    return at
  })
  return { x, y, words, timeX, textX, headY, height: below + 16 }
}

const timeOf = ({ atMs }: SequenceEvent): string =>
  String(Math.round(atMs * 10) / 10).replace('-', '−')

const heads = ({ actors }: SequenceDiagram, { x, headY, height }: Places, size: Size): string =>
  actors
    .map(({ label, noun }, i) => {
      const colour = noun === 'broker' ? 'f-broker' : ''
      const fontSize = size.name === 'wide' ? 16 : 12
      return (
        sign(noun ?? 'record', x[i]!, headY - 32, size.name === 'wide' ? 18 : 15) +
        textAt(x[i]!, headY - 6, label, { fontSize, className: colour, anchor: 'middle' }) +
        `<path class="lead" d="M${x[i]} ${headY}V${round(height - 4)}"/>`
      )
    })
    .join('')

const waits = ({ events, waits }: SequenceDiagram, { x, y }: Places): string =>
  waits
    .map(({ from, to }) => {
      const middle = x[events[from]!.actor]!
      const high = round(y[to]! - y[from]!)
      return (
        `<rect class="k-clock d-wait" x="${middle - 5}" y="${round(y[from]!)}" width="10" ` +
        `height="${high}" rx="3"/>`
      )
    })
    .join('')

const events = ({ events }: SequenceDiagram, places: Places, size: Size): string => {
  const { x, y, words, timeX, textX } = places
  return events
    .map((event, i) => {
      const before = events[i - 1]
      const isLater = before === undefined || timeOf(before) !== timeOf(event)
      const baseline = y[i]! + size.fontSize * 0.33
      const time = {
        fontSize: size.name === 'wide' ? 13 : 11.5,
        className: 'm',
        anchor: 'end',
      } as const
      return (
        (isLater ? textAt(timeX, baseline, timeOf(event), time) : '') +
        `<path class="d-row" d="M${x[event.actor]! + 8} ${round(y[i]!)}H${textX - 5}"/>` +
        `<circle class="d-dot" cx="${x[event.actor]}" cy="${round(y[i]!)}" r="${DOT}"/>` +
        linesAt(textX, baseline, words[i]!, size.lineHeight, { fontSize: size.fontSize })
      )
    })
    .join('')
}

const messages = (diagram: SequenceDiagram, places: Places, size: Size): string => {
  const { x, y, height } = places
  return diagram.messages
    .map(({ name, from, to, isAnswer }) => {
      const fromX = x[diagram.events[from]!.actor]!
      const targetX = to === null ? fromX + awayFrom(fromX, x) * 34 : x[diagram.events[to]!.actor]!
      const targetY = to === null ? Math.min(y[from]! + 16, height - 6) : y[to]!
      const way = Math.sign(targetX - fromX)
      const start = [fromX + way * (DOT + 1), y[from]!] as const
      const end = [targetX - (to === null ? 0 : way * (DOT + 2)), targetY] as const
      const className = `${isAnswer ? 'd-answer' : ''}${to === null ? ' d-open' : ''}`.trim()
      const middle = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2] as const
      const label = to === null ? '' : labelAt(middle[0], middle[1], name, size)
      return `<g class="d-message">${arrow([start, end], className)}${label}</g>`
    })
    .join('')
}

/** The direction in which there is another line. */
const awayFrom = (fromX: number, x: readonly number[]): number => (fromX > x[0]! ? -1 : 1)

const labelAt = (x: number, y: number, name: string, size: Size): string =>
  size.name === 'wide'
    ? textAt(x, y + 4, name, { fontSize: 12, className: 'm f-request d-on-line', anchor: 'middle' })
    : sign('request', x, y, 12)

export const sequenceSvg = (diagram: SequenceDiagram, size: Size, id: string): string => {
  const places = place(diagram, size)
  const unit = textAt(places.timeX, places.headY - (size.name === 'wide' ? 6 : 28), 'ms', {
    fontSize: size.name === 'wide' ? 14.5 : 12.5,
    className: 'lab so',
    anchor: 'end',
  })
  const content =
    unit +
    heads(diagram, places, size) +
    waits(diagram, places) +
    messages(diagram, places, size) +
    events(diagram, places, size)
  const { title, actors } = diagram
  const description =
    `A sequence of ${diagram.events.length} events and ${diagram.messages.length} messages of ` +
    `${actors.map(({ label }) => label).join(', ')}. The list behind it says the same in words.`
  return drawing(size, places.height, content, { id, title, description })
}

/** The same in words, an event a line. */
export const sequenceWords = (diagram: SequenceDiagram): string[] =>
  diagram.events.map((event, i) => {
    const arrived = diagram.messages
      .filter(({ to }) => to === i)
      .map(({ name, isAnswer }) => `${isAnswer ? `the answer to ${name}` : name} arrives: `)
    const left = diagram.messages
      .filter(({ from }) => from === i)
      .map(({ name, isAnswer }) => `; ${isAnswer ? `the answer to ${name}` : name} leaves`)
    const who = diagram.actors[event.actor]!.label
    return `${timeOf(event)} ms, ${who}: ${arrived.join('')}${event.text}${left.join('')}.`
  })
