/** What changed between a tour's recording in the tree and a new one, in words. */

import type { RecordedStop, RecordedTour } from '../../../lab/Tour.ts'

/** One line for each difference; none when nothing changed. */
export const driftOf = (before: RecordedTour, now: RecordedTour): string[] => {
  const drift: string[] = []
  if (before.title !== now.title) drift.push(`the title was '${before.title}', is '${now.title}'`)
  if (before.stops.length !== now.stops.length) {
    drift.push(`there were ${before.stops.length} stops, there are ${now.stops.length}`)
  }
  now.stops.forEach((stop, i) => {
    const old = before.stops[i]
    if (old === undefined) return
    const changes = changesOf(old, stop)
    drift.push(...changes.map((change) => `stop ${i + 1} (${stop.at}): ${change}`))
  })
  if (drift.length === 0 && before.output !== now.output) drift.push('the demo printed other text')
  return drift
}

const changesOf = (old: RecordedStop, now: RecordedStop): string[] => {
  const facts: readonly (readonly [what: string, was: string, is: string])[] = [
    ['at', old.at, now.at],
    ['line', `${old.path}:${old.line} ${old.code}`, `${now.path}:${now.line} ${now.code}`],
    ['why', old.why, now.why],
    ['stack', stackText(old), stackText(now)],
    ['printed', `${old.printed} characters`, `${now.printed} characters`],
    ...valuesOf(old, now),
  ]
  return facts.flatMap(([what, was, is]) => (was === is ? [] : [`${what} was ${was}, is ${is}`]))
}

const stackText = ({ stack }: RecordedStop): string =>
  stack
    .map(({ name, path, line, earlier }) => `${earlier ? 'earlier ' : ''}${name} ${path}:${line}`)
    .join(' ← ')

const valuesOf = (old: RecordedStop, now: RecordedStop) => {
  const expressions = new Set([...Object.keys(old.values), ...Object.keys(now.values)])
  return [...expressions].map((expression) => {
    const [was = 'not watched', is = 'not watched'] = [old, now].map(
      ({ values }) => values[expression],
    )
    return [`\`${expression}\``, was, is] as const
  })
}
