import { describe, expect, test } from 'vitest'
import { journey } from '../../chapters/00-the-journey-of-a-record/lab.ts'
import { Recorder } from '../../lab/Recorder.ts'
import { isQuiet, type Scene } from '../../lab/scene/Scene.ts'
import { SceneBuilder } from '../../lab/scene/SceneBuilder.ts'

type Acks = '0' | '1' | 'all'
const sends = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ atMs: i * 2, hand: 'send', value: `text ${i}` }))
const record = (acks: Acks, count = 6) =>
  Recorder.start(journey, { settings: { acks }, actions: sends(count) })

/** Where a record is, by what the scene says of it everywhere. */
const placesOf = (scene: Scene, id: string): string[] => {
  const places: string[] = []
  for (const batch of Object.values(scene.batches)) {
    if (!batch.records.includes(id) || batch.place === 'done') continue
    const deques = Object.values(scene.producers['producer']!.deques)
    if (deques.some((deque) => deque.includes(batch.id))) places.push('deque')
    const requests = Object.values(scene.requests)
    if (requests.some((request) => request.batches.includes(batch.id))) places.push('request')
  }
  return places
}

describe('the scene', () => {
  test('follows a record from send to the consumer', async () => {
    const { recording } = await Recorder.start(journey)
    const scenes = new SceneBuilder(recording.moments)
    const seen: string[] = []
    const note = (what: string) => {
      if (!seen.includes(what)) seen.push(what)
    }
    for (const { index } of recording.moments) {
      const scene = scenes.peek(index)
      const record = scene.records['producer/0']
      if (record === undefined) continue
      note(record.place)
      for (const request of Object.values(scene.requests)) {
        if (request.api === 'Produce') note(`Produce ${request.place}`)
        else if (request.carries.length > 0) note(`Fetch ${request.place}`)
      }
      const logs = Object.values(scene.brokers['broker-1']!.logs)
      if (logs.some((log) => log.length > 0)) note('log')
      if (scene.consumers['consumer']!.fetched.length > 0) note('fetched')
      if (scene.consumers['consumer']!.received.length > 0) note('received')
    }
    expect(seen).toEqual([
      'send',
      'interceptors',
      'metadata',
      'serializer',
      'partitioner',
      'batch',
      'Produce client',
      'Produce out',
      'Produce queue',
      'Produce handling',
      'log',
      'Produce back',
      'Fetch back',
      'Produce arrived',
      'Fetch arrived',
      'acknowledged',
      'fetched',
      'received',
    ])
  })

  test.each(['0', '1', 'all'] as const)(
    'has each record at one place at most, acks=%s',
    async (acks) => {
      const { recording } = await record(acks)
      const scenes = new SceneBuilder(recording.moments)
      for (const { index } of recording.moments) {
        const scene = scenes.peek(index)
        for (const id of Object.keys(scene.records)) {
          expect(placesOf(scene, id).length, `${id} at ${index}`).toBeLessThanOrEqual(1)
        }
      }
    },
  )

  test.each(['0', '1', 'all'] as const)(
    'ends quiet and agrees with what the programs saw, acks=%s',
    async (acks) => {
      const { recording } = await record(acks)
      const scene = new SceneBuilder(recording.moments).at(recording.moments.length - 1)
      expect(isQuiet(scene)).toBe(true)
      expect(scene.producers['producer']!.inFlight).toEqual([])
      const received = scene.consumers['consumer']!.received.map((r) => r.value)
      expect([...received].sort()).toEqual(sends(6).map((action) => action.value))
      const log = Object.values(scene.brokers['broker-1']!.logs).flat()
      expect(log.map((entry) => scene.records[entry.record!]!.value).sort()).toEqual(
        [...received].sort(),
      )
      expect(Object.values(scene.packets)).toEqual([])
    },
  )

  test('has an answer with its client when the last of its bytes is, and not before', async () => {
    const { recording } = await record('all', 12)
    const scenes = new SceneBuilder(recording.moments)
    let read = 0
    for (const { index, name, source, fields } of recording.moments) {
      const before = structuredClone(scenes.peek(index - 1))
      const scene = scenes.peek(index)
      const underWay = Object.values(scene.packets).filter(({ isResponse }) => isResponse)
      for (const { request } of underWay) {
        expect(scene.requests[request ?? '']?.place, `${request} at ${index}`).not.toBe('arrived')
      }
      if (name !== 'clients.networkClient.handleCompletedReceives') continue
      const { correlationId } = fields as { correlationId: number }
      const answered = before.requests[`${source}#${correlationId}`]
      if (answered === undefined) continue
      expect(answered.place, `${answered.id} at ${index}`).toBe('arrived')
      read++
    }
    expect(read).toBeGreaterThan(6)
  })

  test('loses no record between the wire and the fetch buffer', async () => {
    const { recording } = await record('all', 12)
    const scenes = new SceneBuilder(recording.moments)
    const brought = new Map<string, { partition: string; offset: number }>()
    let wasReading = false
    for (const { index } of recording.moments) {
      const scene = scenes.peek(index)
      const consumer = scene.consumers['consumer']
      if (consumer === undefined) continue
      const { reading, fetched, positions } = consumer
      const carried = Object.values(scene.requests).flatMap(({ carries }) => carries)
      wasReading ||= reading.length > 0
      for (const { partition, from, to } of carried) {
        for (let offset = from; offset < to; offset++) {
          brought.set(`${partition}@${offset}`, { partition, offset })
        }
      }
      for (const [id, { partition, offset }] of brought) {
        const isHere = (r: { partition: string; from: number; to?: number }) =>
          r.partition === partition && r.from <= offset && offset < (r.to ?? Infinity)
        const places = [carried, reading, fetched].filter((list) => list.some(isHere)).length
        const isTaken = offset < (positions[partition] ?? 0)
        expect(places > 0 || isTaken, `${id} at ${index}`).toBe(true)
      }
    }
    expect(wasReading).toBe(true)
    expect(scenes.peek(recording.moments.length - 1).consumers['consumer']!.reading).toEqual([])
  })

  test('knows when a batch began to wait', async () => {
    const { recording } = await record('all', 12)
    const scene = new SceneBuilder(recording.moments).at(recording.moments.length - 1)
    const begun = recording.moments
      .filter(({ name, fields }) => {
        return name === 'producer.batch.tryAppend' && 'records' in fields && fields.records === 1
      })
      .map(({ atMs }) => atMs)
    expect(Object.values(scene.batches).map(({ createdMs }) => createdMs)).toEqual(begun)
    expect(new Set(begun).size).toBeGreaterThan(1)
  })

  test('is the same from whichever side the reader comes', async () => {
    const { recording } = await record('all', 12)
    const { length } = recording.moments
    expect(length).toBeGreaterThan(600)
    const forwards = new SceneBuilder(recording.moments)
    const all = recording.moments.map(({ index }) => forwards.at(index))
    const jumping = new SceneBuilder(recording.moments)
    for (let i = length - 1; i >= 0; i -= 37) expect(jumping.at(i)).toEqual(all[i])
    for (let i = 5; i < length; i += 331) expect(jumping.at(i)).toEqual(all[i])
    expect(jumping.at(-1).records).toEqual({})
  })

  test('belongs to the caller: changing it changes nothing', async () => {
    const { recording } = await record('all', 1)
    const scenes = new SceneBuilder(recording.moments)
    const last = recording.moments.length - 1
    delete scenes.at(last).records['producer/0']
    expect(Object.keys(scenes.at(last).records)).toEqual(['producer/0'])
  })
})
