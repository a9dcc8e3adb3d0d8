import { beforeAll, describe, expect, test } from 'vitest'
import { diagrams } from '../../chapters/00-the-journey-of-a-record/diagrams.ts'
import { journey } from '../../chapters/00-the-journey-of-a-record/lab.ts'
import { type SequenceDiagram, sequenceOf } from '../../lab/diagrams/Sequence.ts'
import { statesOf } from '../../lab/diagrams/States.ts'
import type { Json, Moment, MomentName } from '../../lab/moments.ts'
import { Recorder } from '../../lab/Recorder.ts'
import { Recording } from '../../lab/Recording.ts'

describe('a sequence of the journey', () => {
  let diagram: SequenceDiagram
  beforeAll(async () => {
    diagram = await diagrams.journey()
  })
  const sourceOf = (event: number): string => diagram.actors[diagram.events[event]!.actor]!.source
  const message = (name: string, isAnswer: boolean) =>
    diagram.messages.find((one) => one.name === name && one.isAnswer === isAnswer)!

  test('has its events in the order of the run', () => {
    const times = diagram.events.map(({ atMs }) => atMs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('draws a message from the event about its request to the event that it brings about', () => {
    const { from, to } = message('Produce #4', false)
    expect([sourceOf(from), sourceOf(to!)]).toEqual(['producer', 'broker-1'])
    expect(diagram.events[from]!.text).toMatch(/^the batch leaves/)
    expect(diagram.events[to!]!.text).toMatch(/^offset 0 of/)
  })

  test('tells answers apart although two requests have the same number', () => {
    const [stored, read] = [message('Produce #4', true), message('Fetch #4', true)]
    expect([sourceOf(stored.to!), sourceOf(read.to!)]).toEqual(['producer', 'consumer'])
    expect(diagram.events[read.from]!.text).toBe('the fetch that waited is answered')
  })

  test('leaves a message open that has not arrived at its end', () => {
    expect(message('Fetch #5', false).to).toBeNull()
  })

  test('draws a wait until the event about the same request', () => {
    const waits = diagram.waits.map(({ from, to }) => [
      sourceOf(from),
      diagram.events[from]!.text,
      diagram.events[to]!.text,
    ])
    expect(waits).toContainEqual([
      'broker-1',
      'there is nothing yet: the fetch waits',
      'the fetch that waited is answered',
    ])
  })

  test('says leaving and arriving where no event does', async () => {
    const { recording } = await Recorder.start(journey)
    const { actors, title } = diagram
    const bare = sequenceOf(recording.moments, {
      title,
      actors,
      events: {},
      messages: ['Produce'],
      fromMs: 0,
      untilMs: 100,
    })
    expect(bare.events.map(({ text }) => text)).toEqual([
      'Produce #4 leaves',
      'Produce #4 arrives',
      'the answer to Produce #4 leaves',
      'the answer to Produce #4 arrives',
    ])
  })
})

/** A recording in which `light` is watched: each row is a moment and the lights after it. */
const recordingOf = (
  rows: readonly (readonly [MomentName, Readonly<Record<string, string | null>>])[],
): Recording => {
  const recording = new Recording()
  for (const [i, [name, lights]] of rows.entries()) {
    recording.add({ atMs: i, source: 'street', name, fields: {} } as Omit<Moment, 'index'>)
    recording.note('light', lights)
  }
  return recording
}

const lightsOf = (...recordings: Recording[]) =>
  statesOf(recordings, {
    title: 'A light',
    subjects: 'lights',
    noun: null,
    watch: 'light',
    states: ['red', 'green', 'broken', 'gone'].map((id) => ({ id, label: id })),
    look: (value: Json) => new Map(Object.entries(value as Record<string, string | null>)),
    ending: () => 'gone',
    causes: { green: ['producer.sender.runOnce'], gone: ['producer.batch.complete'] },
  })

describe('states', () => {
  const run = recordingOf([
    ['producer.send', { a: 'red', b: 'red' }],
    ['producer.sender.runOnce', { a: 'green', b: 'red' }],
    ['producer.send', { a: null, b: 'green' }],
    ['producer.batch.complete', { b: 'green' }],
  ])

  test('are counted by way, over all runs, in the order of the states', () => {
    const { transitions, count } = lightsOf(run, run)
    expect(count).toBe(4)
    expect(transitions.map(({ from, to, times }) => [from, to, times])).toEqual([
      [null, 'red', 4],
      ['red', 'green', 4],
      ['green', 'gone', 2],
    ])
  })

  test('name the code that did it, and none where no moment fits', () => {
    const by = lightsOf(run).transitions.map((way) => [way.to, way.by])
    expect(by).toEqual([
      ['red', []],
      ['green', ['Sender.runOnce']],
      ['gone', ['ProducerBatch.completeFutureAndFireCallbacks']],
    ])
  })

  test('that nothing came into are left out', () => {
    expect(lightsOf(run).states.map(({ id }) => id)).toEqual(['red', 'green', 'gone'])
  })
})
