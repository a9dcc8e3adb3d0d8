/**
 * What is written into the modules of a tour so that a debugger stops at its stops: a statement
 * before the stop's own, on the same line.
 */

import { pathToFileURL } from 'node:url'
import type { Tour } from '../../../lab/Tour.ts'
import { chapterNumbered } from '../chapters.ts'
import { root } from '../Generated.ts'
import { tourOf } from './chapterTours.ts'
import { TourGate } from './gate.ts'
import { type Place, Places } from './places.ts'
import { GATE } from './protocol.ts'

export interface Insertion {
  readonly offset: number
  readonly text: string
}

/**
 * By the module's address, from the end of the file to its start: none moves another.
 *
 * @param chapter as a reader names it: `6`
 */
export const standingPlaces = async (
  chapter: string,
): Promise<Readonly<Record<string, readonly Insertion[]>>> => {
  const found = chapterNumbered(chapter)
  if (found === undefined) throw new Error(`There is no chapter '${chapter}'.`)
  const { tour } = await tourOf(found)
  Reflect.set(globalThis, Symbol.for(GATE), new TourGate(tour.stops.map(({ hit = 1 }) => hit)))
  return insertionsOf(tour)
}

export const insertionsOf = (tour: Tour): Readonly<Record<string, readonly Insertion[]>> => {
  const places = new Places()
  const byUrl: Record<string, Insertion[]> = {}
  tour.stops.forEach((stop, index) => {
    const place = places.placeOf(stop)
    const url = pathToFileURL(root + place.path).href
    byUrl[url] = [...(byUrl[url] ?? []), ...insertions(place, index, stop.when)]
  })
  for (const list of Object.values(byUrl)) list.sort((a, b) => b.offset - a.offset)
  return byUrl
}

const insertions = (place: Place, index: number, when: string | undefined): Insertion[] => {
  // On one line: the numbers of the lines below must stay.
  const condition = when === undefined ? 'null' : `() => (${when.replaceAll('\n', ' ')})`
  const stand = `if (globalThis[Symbol.for('${GATE}')].pass(${index}, ${condition})) debugger;`
  if (!place.concise) return [{ offset: place.start, text: stand }]
  return [
    { offset: place.start, text: `{ ${stand} return (` },
    { offset: place.end, text: ') }' },
  ]
}
