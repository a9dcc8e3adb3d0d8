/**
 * What happens to the memory in words, with the names of those it happens to: who waits, who passes
 * whom and why, who has it, whose time is over.
 */

import { is, type Moment } from '../moments.ts'
import type { Recording } from '../Recording.ts'
import { aside, bytes, round, type Told, told } from '../storyWords.ts'
import { type PoolDeed, PoolHistory } from './PoolHistory.ts'

/** `A`, `A and B`, `A, B and C`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

const verb = (names: readonly string[], one: string, many: string): string =>
  names.length === 1 ? one : many

type NameOf = (topic: string) => string

/** How the reader may know why somebody could pass. */
export const whyPassed = ({ line, rung }: PoolDeed, nameOf: NameOf): string => {
  const first = nameOf(line[0]!)
  return rung
    ? `the bell has rung for ${first}, but ${first} is not awake yet`
    : `there is enough for it, and nobody has rung for ${first} yet`
}

const waits = (deed: PoolDeed, who: string, nameOf: NameOf): string => {
  const { line, availableBytes } = deed
  const there = availableBytes === 0 ? 'nothing is free' : `only ${bytes(availableBytes)} are free`
  const place =
    line.length === 0
      ? `${who} is the first in line${availableBytes > 0 ? ', and takes nothing yet' : ''}.`
      : `${who} stands in line behind ${listed(line.map(nameOf))}.`
  return `${who} needs {buffer|${bytes(deed.bytes)}}, ${there}. ${place}`
}

const tellDeed = (deed: PoolDeed, nameOf: NameOf): Told | null => {
  const who = deed.topic === null ? '' : nameOf(deed.topic)
  const bell = deed.rings === null ? '' : ` The bell rings for ${nameOf(deed.rings)}.`
  const behind = deed.line.map(nameOf)
  const left = `${deed.availableBytes === 0 ? 'nothing is' : `${deed.availableBytes} are`} left`
  const buffer = deed.pooled ? '{buffer|a kept buffer}' : '{buffer|a new buffer}'
  switch (deed.kind) {
    case 'served':
      return told('buffer', `${who} gets ${buffer} of ${bytes(deed.bytes)} at once; ${left}.`)
    case 'passes':
      return told(
        'buffer',
        `${who} passes ${listed(behind)}: ${whyPassed(deed, nameOf)}. ` +
          `${who} has ${buffer} of ${bytes(deed.bytes)} without waiting.${bell}`,
      )
    case 'waits':
      return told('clock', waits(deed, who, nameOf))
    case 'reserves': {
      const enough = deed.reserved === deed.bytes ? 'all' : `${deed.reserved} of ${deed.bytes}`
      const others =
        behind.length === 0 ? '' : ` ${listed(behind)} ${verb(behind, 'waits', 'wait')} behind it.`
      return told(
        'buffer',
        `${who} is awake and reserves what is there: {buffer|${enough}}.${others}`,
      )
    }
    case 'has':
      return told(
        'buffer',
        `${who} has its {buffer|${bytes(deed.bytes)}}, after ${round(deed.waitedMs)} ms in line.` +
          bell,
      )
    case 'gaveUp': {
      const rest =
        deed.reserved === 0
          ? ''
          : ` It had {buffer|${deed.reserved} of ${deed.bytes}}, and leaves them.`
      return told('clock', `The time of ${who} is over: ${round(deed.waitedMs)} ms.${rest}${bell}`)
    }
    case 'closed':
      return told(null, `${who} is told that the producer is closed, and leaves the line.`)
    case 'back':
      return told(
        'buffer',
        `{buffer|${bytes(deed.bytes)}} come back: ${deed.availableBytes} are free.${bell}`,
      )
  }
}

/** The first sentence of an error says what, the others what to do about it. */
const inShort = (error: string): string => /^\w+: .*?(?=[:;.,] |$)/.exec(error)?.[0] ?? error

/** Sentences of its own for what concerns the memory; `null`: as everywhere. */
export const poolStory = (
  recording: Recording,
  producer: string,
  nameOf: NameOf,
): ((moment: Moment) => Told | null) => {
  const history = new PoolHistory(recording, producer)
  return (moment) => {
    if (is(moment, 'app.send')) {
      const { topic, value } = moment.fields
      return told('record', `${nameOf(topic)} calls send with the {record} ${value}.`)
    }
    if (is(moment, 'app.failed')) {
      const { record, error } = moment.fields
      const sent = recording.moments.find((m) => is(m, 'app.send') && m.fields.record === record)
      const name = sent !== undefined && is(sent, 'app.send') ? sent.fields.value : 'a record'
      return told('record', `What send returned for the {record} ${name} fails: ${inShort(error)}.`)
    }
    if (is(moment, 'producer.batch.complete') && moment.fields.error === '') {
      const { topic, records } = moment.fields
      const whose = records === 1 ? 'Its callback runs' : 'Its callbacks run'
      return told('batch', `A {batch} of ${nameOf(topic)} is stored. ${whose}; its buffer is next.`)
    }
    if (is(moment, 'app.acknowledged')) {
      const { topic, offset } = moment.fields
      return aside('record', `${nameOf(topic)} hears: stored, at offset ${offset}.`)
    }
    const deed = history.read().at(moment.index)
    return deed === undefined ? null : tellDeed(deed, nameOf)
  }
}
