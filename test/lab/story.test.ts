import { describe, expect, test } from 'vitest'
import { journey } from '../../chapters/00-the-journey-of-a-record/lab.ts'
import { Recorder } from '../../lab/Recorder.ts'
import { plain, tellAll } from '../../lab/story.ts'
import { TRACE_POINTS } from '../../src/common/TraceEvents.ts'

const NOUNS = ['record', 'batch', 'buffer', 'request', 'partition', 'broker', 'clock']

describe('the story', () => {
  test('has a sentence for every moment of a run, and none is the bare name of an event', async () => {
    for (const acks of ['0', 'all'] as const) {
      const recorder = await Recorder.start(journey, { settings: { acks } })
      const lines = tellAll((await recorder.fork({ atMs: 3, hand: 'lose', value: null })).recording)
      expect(lines.length).toBeGreaterThan(100)
      for (const line of lines) {
        expect(line.text, line.name).not.toBe(line.name)
        expect(line.text).toMatch(/[.:?!”]$|\d$|\S$/)
        expect(plain(line.text)).not.toMatch(/[{}]|undefined|NaN|null\b/)
        expect(line.station).toBe(TRACE_POINTS[line.name as keyof typeof TRACE_POINTS] ?? null)
      }
    }
  })

  test('marks only nouns that have a sign', async () => {
    const lines = tellAll((await Recorder.start(journey)).recording)
    const marked = lines.flatMap((line) => [...line.text.matchAll(/\{(\w+)/g)].map((m) => m[1]!))
    expect(new Set(marked).size).toBeGreaterThan(4)
    for (const noun of marked) expect(NOUNS).toContain(noun)
  })

  test('in short is what a reader needs: from send to poll, in order', async () => {
    const lines = tellAll((await Recorder.start(journey)).recording).filter((l) => l.important)
    expect(lines.length).toBeLessThan(60)
    const names = lines.map((line) => line.name)
    const way = [
      'app.send',
      'producer.serialize',
      'producer.batch.tryAppend',
      'record.builder.close',
      'clients.networkClient.doSend',
      'network.pipe.transmit',
      'broker.processor.processCompletedReceives',
      'broker.log.append',
      'broker.requestChannel.sendResponse',
      'app.acknowledged',
      'consumer.fetchBuffer.add',
      'consumer.deserialize',
      'app.received',
    ] as const
    const places = way.map((name) => names.indexOf(name))
    expect(places.every((place) => place >= 0)).toBe(true)
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  test('goes on where it was left when the recording has grown', async () => {
    const recorder = await Recorder.start(journey)
    const first = tellAll(recorder.recording)
    const from = recorder.recording.moments.length
    await recorder.advance(recorder.recording.recordedMs + 700)
    const more = tellAll(recorder.recording, undefined, from)
    expect([...first, ...more]).toEqual(tellAll(recorder.recording))
  })
})
