/** The home page: where the road puts what a scene shows, and the map of the book. */

import { describe, expect, test } from 'vitest'
import { journey } from '../../chapters/00-the-journey-of-a-record/lab.ts'
import { CHAPTERS } from '../../docs/.vitepress/book.ts'
import { MAP_ROWS } from '../../docs/.vitepress/theme/home/mapRows.ts'
import { piecesOf } from '../../docs/.vitepress/theme/home/marks.ts'
import { type Road, roadOf } from '../../docs/.vitepress/theme/home/road.ts'
import { type Point, type Rect, TALL, WIDE } from '../../docs/.vitepress/theme/home/roadLayout.ts'
import { Recorder } from '../../lab/Recorder.ts'
import { emptyScene } from '../../lab/scene/Scene.ts'
import { SceneBuilder } from '../../lab/scene/SceneBuilder.ts'

const recorder = await Recorder.start(journey)
const { moments } = recorder.recording
const scenes = new SceneBuilder(moments)

const indexOf = (name: string, nth = 0): number =>
  moments.filter((moment) => moment.name === name && moment.atMs >= 0)[nth]!.index

const roadAfter = (name: string, layout = WIDE): Road => {
  const index = indexOf(name)
  return roadOf(scenes.at(index), moments[index]!.atMs, layout)
}

const isIn = ({ x, y }: Point, box: Rect): boolean =>
  x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h

describe('the road of the home page', () => {
  test('is empty of everything that moves before the engine is loaded', () => {
    const road = roadOf(emptyScene(), 0, WIDE)
    expect(road).toEqual({ slips: [], envelopes: [], waiting: [], sent: null, received: null })
  })

  for (const layout of [WIDE, TALL]) {
    const name = layout.tall ? 'below each other' : 'in one line'

    test(`${name}: the record goes from station to station`, () => {
      const place = (event: string): Point => roadAfter(event, layout).slips[0]!
      expect(isIn(place('producer.serialize'), layout.program)).toBe(true)
      expect(isIn(place('producer.accumulator.append'), layout.accumulator)).toBe(true)
      expect(isIn(place('broker.log.append'), layout.house)).toBe(true)
      expect(isIn(place('app.received'), layout.reader)).toBe(true)
    })

    test(`${name}: everything stays in the picture, at every moment`, () => {
      const frame = { x: 0, y: 0, w: layout.width, h: layout.height }
      for (let index = indexOf('app.send'); index < moments.length; index += 3) {
        const { slips, envelopes } = roadOf(scenes.at(index), moments[index]!.atMs, layout)
        for (const one of [...slips, ...envelopes]) expect(isIn(one, frame)).toBe(true)
      }
    })
  }

  test('a request on the wire stands at the clock’s part of its way, its record inside it', () => {
    const scene = scenes.at(indexOf('network.pipe.transmit'))
    const [packet] = Object.values(scene.packets)
    if (packet === undefined) throw new Error('nothing is on the wire')
    const at = (share: number): Road =>
      roadOf(scene, packet.sentMs + share * (packet.arrivesMs - packet.sentMs), WIDE)
    const [begin, middle, end] = [0, 0.5, 1].map((share) => {
      const road = at(share)
      const envelope = road.envelopes.find(({ batches }) => batches.length > 0)!
      expect(isIn(road.slips.at(-1)!, envelope)).toBe(true)
      return envelope.x
    })
    expect(begin).toBeLessThan(middle!)
    expect(middle! - begin!).toBeCloseTo(end! - middle!)
  })

  test('once it is stored the record stays in its cell, and a copy of it travels on', () => {
    expect(roadAfter('broker.log.append').slips.map(({ id }) => id)).toEqual([
      'producer/0 read',
      'producer/0',
    ])
    const { slips, sent, received } = roadAfter('app.received')
    expect(isIn(slips[0]!, WIDE.reader)).toBe(true)
    expect(isIn(slips[1]!, WIDE.house)).toBe(true)
    expect({ sent, received }).toEqual({
      sent: { value: 'hello, kafka', stored: 'greetings-1@0' },
      received: 'hello, kafka',
    })
  })
})

describe('the map of the book', () => {
  test('has every chapter once, in the order of the book', () => {
    expect(MAP_ROWS.flatMap(({ chapters }) => chapters)).toEqual(CHAPTERS)
  })

  test('begins each part with its name', () => {
    const named = MAP_ROWS.filter(({ heading }) => heading !== '')
    expect(named.map(({ heading, chapters }) => chapters[0]!.part === heading)).not.toContain(false)
  })
})

test('a sentence of the story falls into words and signs, and loses nothing', () => {
  expect(piecesOf('The {batch} of {partition|greetings-1}.')).toEqual([
    { text: 'The ', noun: null },
    { text: 'batch', noun: 'batch' },
    { text: ' of ', noun: null },
    { text: 'greetings-1', noun: 'partition' },
    { text: '.', noun: null },
  ])
  expect(piecesOf('{no sign}')).toEqual([{ text: '{no sign}', noun: null }])
})
