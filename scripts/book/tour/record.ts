/**
 * Records a chapter's tour: runs its demo in a process of its own with a debugger beside it, and
 * writes down what was seen at each stop.
 *
 * I1  Two recordings are equal, on Node 20 and on Node 24, as long as the source is the same.
 * I2  A tour that cannot be walked says which stop is in the way, and why.
 * I3  It ends: the process is given `DEADLINE_MS` and no more.
 */

import { spawn } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { RecordedStop, RecordedTour, Tour, TourFrame, TourStop } from '../../../lab/Tour.ts'
import type { ChapterTour } from './chapterTours.ts'
import { type Place, Places } from './places.ts'
import type { Job, Message, SeenFrame, SeenStop } from './protocol.ts'

/** A recording takes two seconds; this is for a machine that is busy with everything else. */
export const DEADLINE_MS = 60_000
/** From the innermost. As deep as the source itself goes, nearly always. */
const MAX_FRAMES = 16

const child = fileURLToPath(new URL('child.ts', import.meta.url))

/**
 * Walks the tour.
 *
 * @param deadlineMs of the real clock, for the whole walk
 * @param places who records several tours reads the source once
 * @throws Error in words for the author of the tour (I2)
 */
export const recordTour = async (
  { tour, demo }: Pick<ChapterTour, 'tour' | 'demo'>,
  deadlineMs: number = DEADLINE_MS,
  places = new Places(),
): Promise<RecordedTour> => {
  const found = tour.stops.map((stop) => places.placeOf(stop))
  const job: Job = {
    demo: pathToFileURL(demo).href,
    stops: tour.stops.map(({ when = null, hit = 1, watch }, i) => {
      const { path, line, column } = found[i] as Place
      return { path, line, column, when, hit, watch }
    }),
  }
  const message = await walk(job, deadlineMs)
  if (message.kind !== 'walked') throw new Error(explanation(message, tour, found))
  const { stops, output } = message
  return {
    title: tour.title,
    stops: tour.stops.map((stop, i) =>
      recorded(places, { index: i, stop, place: found[i] as Place, seen: stops[i] as SeenStop }),
    ),
    output,
  }
}

/** Runs the demo until the last stop was met or the demo ended. */
const walk = (job: Job, deadlineMs: number): Promise<Message> => {
  const strips = Number(process.versions.node.split('.')[0]) >= 24
  const loader = strips ? [] : ['--import', 'ts-blank-space/register']
  const { NODE_OPTIONS: _, ...env } = process.env
  const program = spawn(process.execPath, [...loader, child, JSON.stringify(job)], {
    cwd: fileURLToPath(new URL('../../../', import.meta.url)),
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  let [said, complaint] = ['', '']
  return new Promise<Message>((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error(`The tour was not walked within ${deadlineMs / 1000} s.${complaint}`))
    }, deadlineMs)
    program.stderr?.on('data', (chunk) => {
      complaint += String(chunk)
    })
    program.stdio[3]?.on('data', (chunk) => {
      said += String(chunk)
      if (said.endsWith('\n')) resolve(JSON.parse(said.split('\n')[0] ?? '') as Message)
    })
    program.on('error', reject)
    program.on('close', () => reject(new Error(`The demo ended without a word.\n${complaint}`)))
    program.on('close', () => clearTimeout(late))
  }).finally(() => program.kill('SIGKILL'))
}

const nameOf = ({ at, line, when, hit }: TourStop, index: number): string => {
  const words = line === undefined ? '' : `, line '${line}'`
  const condition = when === undefined ? '' : `, when ${when}`
  const time = hit === undefined ? '' : `, hit ${hit}`
  return `Stop ${index + 1} (${at}${words}${condition}${time})`
}

const explanation = (
  message: Exclude<Message, { kind: 'walked' }>,
  { stops }: Tour,
  places: readonly Place[],
): string => {
  if (message.kind === 'failed') return `The demo of the tour failed: ${message.error}`
  const { stop: index } = message
  const stop = stops[index] as TourStop
  const { path, line, code } = places[index] as Place
  const name = nameOf(stop, index)
  const place = `${path}:${line}, '${code}'`
  if (message.kind === 'condition') {
    return `${name}: the condition '${stop.when}' failed at ${place}: ${message.error}`
  }
  const { passed, held } = message
  const since = index === 0 ? 'in the whole demo' : `after stop ${index}`
  const times = passed === 1 ? 'once' : `${passed} times`
  const often = passed === 0 ? 'never passed' : `passed ${times}`
  const when = stop.when === undefined || passed === 0 ? '' : ` The condition held ${held} times.`
  return `${name} was not reached: ${place} was ${often} ${since}.${when}`
}

interface Seen {
  readonly index: number
  readonly stop: TourStop
  readonly place: Place
  readonly seen: SeenStop
}

const recorded = (places: Places, { index, stop, place, seen }: Seen): RecordedStop => {
  const values: Record<string, string> = {}
  stop.watch.forEach((expression, i) => {
    const { text = '', failed = false } = seen.values[i] ?? {}
    if (failed) {
      const where = `${place.path}:${place.line}, '${place.code}'`
      throw new Error(`${nameOf(stop, index)}: cannot watch '${expression}' at ${where}: ${text}`)
    }
    values[expression] = text
  })
  const [own] = seen.frames
  if (own === undefined || own.path !== place.path || !isWithin(own, place)) {
    const there = own === undefined ? 'outside the source' : `${own.path}:${own.line}`
    throw new Error(`${nameOf(stop, index)}: the debugger stands ${there}, not at ${place.line}`)
  }
  const { path, line, column, code } = place
  const stack = stackOf(places, [{ ...own, line, column }, ...seen.frames.slice(1)])
  return { at: stop.at, path, line, code, why: stop.why, values, stack, printed: seen.printed }
}

const isWithin = ({ line }: SeenFrame, place: Place): boolean =>
  line >= place.line && line <= place.lastLine

/** Down to what a lab runs: below that is the lab, which a reader's program has not. */
const stackOf = (places: Places, frames: readonly SeenFrame[]): TourFrame[] => {
  const lab = frames.findIndex(({ path }, i) => i > 0 && path.startsWith('lab/'))
  const shown = frames.slice(0, Math.min(lab < 0 ? frames.length : lab, MAX_FRAMES))
  return shown.map(({ path, line, column, earlier }) => {
    const frame = { name: places.nameAt(path, line, column), path, line }
    return earlier ? { ...frame, earlier } : frame
  })
}
