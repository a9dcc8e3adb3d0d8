/**
 * Chapter 00 in the terminal: one record's way, told by the real producer, broker and consumer, on
 * virtual time.
 *
 *     Act 1  one record, nobody disturbs it          Act 3  order, with one partition and with two
 *     Act 2  the same with a lost packet             Act 4  a lost answer
 *
 * Nothing below states a time, an offset or an order. All of them are read from what was recorded.
 */

import { is, type Moment, type MomentName } from '../../lab/moments.ts'
import { Recorder } from '../../lab/Recorder.ts'
import type { Action } from '../../lab/Scenario.ts'
import { plain, type StoryLine, tellAll } from '../../lab/story.ts'
import { order } from './figures/order.ts'
import { twice } from './figures/twice.ts'
import { journey } from './lab.ts'

/** As wide as the page's text. */
const WIDTH = 84
const SEND: Action = { atMs: 0, hand: 'send', value: 'hello, kafka' }
const LOSE: Action = { atMs: 0, hand: 'lose', value: null }

export const demo = async (write: (text: string) => void): Promise<void> => {
  const smooth = await Recorder.start(journey, { actions: [SEND] })
  const { acks, linger, latency } = smooth.settings
  write('Act 1. One record, and nobody disturbs it.\n')
  write(`acks=${acks}, linger.ms=${linger}; a packet travels ${latency} ms each way.\n`)
  write('The consumer has asked already.\n\n')
  write(story(toTheEnd(tellAll(smooth.recording))))

  const rough = await Recorder.start(journey, { actions: [LOSE, SEND] })
  write('\nAct 2. The same, but the packet with the request is lost at its first try.\n\n')
  write(timetable(smooth.recording.moments, rough.recording.moments))

  write('\nAct 3. Three keys, sent in turn. In which order does a consumer get them?\n\n')
  for (const partitions of ['1', '2'] as const) {
    const { recording } = await Recorder.start(order, { settings: { partitions } })
    const sent = all(recording.moments, 'app.send').map(({ fields }) => fields.value)
    const received = all(recording.moments, 'app.received').map(({ fields }) => fields.value)
    if (partitions === '1') write(row('sent', sent.join(' ')))
    write(row(partitions === '1' ? '1 partition' : `${partitions} partitions`, received.join(' ')))
  }

  const { recording } = await Recorder.start(twice, { settings: { answer: 'lost' } })
  write('\nAct 4. The record arrives, the answer does not, and the producer sends again.\n\n')
  write(ending(recording.moments))
}

/** What moves the story on, until the program has its record. */
const toTheEnd = (lines: readonly StoryLine[]): StoryLine[] => {
  const told = lines.filter(({ important, name }) => important && name !== 'hand.action')
  return told.slice(0, told.findIndex(({ name }) => name === 'app.received') + 1)
}

/** Time and place are said when they change. */
const story = (lines: readonly StoryLine[]): string => {
  let [scene, text] = ['', '']
  for (const { atMs, source, text: marked } of lines) {
    const here = `${milliseconds(atMs).padStart(8)}  ${source}\n`
    if (here !== scene) text += here
    text += hanging(' '.repeat(10), plain(marked))
    scene = here
  }
  return text
}

/** `text` behind `margin`, continued below itself. */
const hanging = (margin: string, text: string): string => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)}${lines.at(-1) === '' ? '' : ' '}${word}`
    if (margin.length + longer.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  const below = ' '.repeat(margin.length)
  return lines.map((line, i) => `${i === 0 ? margin : below}${line}\n`).join('')
}

const timetable = (smooth: readonly Moment[], rough: readonly Moment[]): string => {
  const row = (what: string, value: (moments: readonly Moment[]) => string): string =>
    `  ${what.padEnd(34)}${value(smooth).padStart(10)}${value(rough).padStart(14)}\n`
  const at = (name: MomentName) => (moments: readonly Moment[]) =>
    milliseconds(all(moments, name)[0]!.atMs)
  return (
    row('', (moments) => (moments === smooth ? 'smooth' : 'packet lost')) +
    row('the record is in its batch', at('producer.accumulator.append')) +
    row('the request is written', (moments) => milliseconds(produceRequests(moments)[0]!.atMs)) +
    row('the log has the record', at('broker.log.append')) +
    row('the producer is told', at('app.acknowledged')) +
    row('poll returns it', at('app.received')) +
    row('Produce requests that were made', (moments) => String(produceRequests(moments).length))
  )
}

const produceRequests = (moments: readonly Moment[]) =>
  all(moments, 'clients.networkClient.doSend').filter(({ fields }) => fields.api === 'Produce')

const ending = (moments: readonly Moment[]): string => {
  const received = all(moments, 'app.received').map(
    ({ fields }) => `offset ${fields.offset}: ${fields.value}`,
  )
  const [told] = all(moments, 'app.acknowledged')
  return (
    row('calls of send', String(all(moments, 'app.send').length)) +
    row('requests', String(produceRequests(moments).length)) +
    row('told', `offset ${told!.fields.offset}`) +
    row('read', received.join(', '))
  )
}

const row = (what: string, value: string): string => `  ${what.padEnd(15)}${value}\n`

const milliseconds = (ms: number): string => `${ms.toFixed(1)} ms`

const all = <N extends MomentName>(moments: readonly Moment[], name: N): Moment<N>[] =>
  moments.filter((moment): moment is Moment<N> => is(moment, name))
