/**
 * The rules of the house, held against the whole source. A finding names file, line, and what to
 * do.
 */

import { describe, expect, test } from 'vitest'
import { TRACE_POINTS } from '../../src/common/TraceEvents.ts'
import { leaks } from './seams.ts'
import {
  defaultExports,
  headless,
  leftovers,
  longFunctions,
  switchedOff,
  tooLong,
  tooWide,
} from './shape.ts'
import { type Source, sources } from './sources.ts'
import { moduleState } from './state.ts'
import { emissions } from './traces.ts'

const src = sources('src')
const tests = sources('test')
/** What shows the source to a reader keeps the same rules; a demo may print and end its process. */
const lab = sources('lab')
const scripts = [...sources('scripts/site'), ...sources('scripts/book')]
const book = [...lab, ...sources('chapters'), ...sources('docs'), ...scripts]
/** Floor 0 is where the machine comes in. */
const aboveThePlatform = src.filter((source) => !source.path.startsWith('src/platform/'))

const findings = (files: Source[], check: (source: Source) => string[]): string[] =>
  files.flatMap(check)

describe('the source', () => {
  test('takes clock, timers, chance and Node from the seams only', () => {
    expect(findings(aboveThePlatform, leaks)).toEqual([])
  })

  test('holds no mutable module state', () => {
    expect(findings(aboveThePlatform, moduleState)).toEqual([])
  })

  test('of the labs takes them from the seams as well, so that a run repeats', () => {
    expect(findings(lab, leaks)).toEqual([])
    expect(findings(lab, moduleState)).toEqual([])
  })

  test('opens every file with what it is for', () => {
    expect(findings([...src, ...lab], headless)).toEqual([])
  })

  test('has files of at most 400 lines and lines of at most 100 columns', () => {
    expect(findings([...src, ...book], tooLong)).toEqual([])
    expect(findings([...src, ...tests, ...book], tooWide)).toEqual([])
  })

  test('has functions that fit on a screen', () => {
    expect(findings([...src, ...lab], longFunctions)).toEqual([])
  })

  test('has no default exports', () => {
    expect(findings(src, defaultExports)).toEqual([])
  })

  test('leaves nothing to be done, and knows no place of one machine', () => {
    expect(findings([...src, ...tests, ...book], leftovers)).toEqual([])
  })

  test('has no test that is switched off', () => {
    expect(findings(tests, switchedOff)).toEqual([])
  })
})

describe('trace events', () => {
  const all = src.flatMap(emissions)

  test('each is emitted at exactly one place, in the method that TRACE_POINTS names', () => {
    const emitted = all.map(({ name, point }) => `${name} in ${point}`).sort()
    const expected = Object.entries(TRACE_POINTS).map(([name, point]) => `${name} in ${point}`)

    expect(emitted).toEqual(expected.sort())
  })

  test('none costs anything while nobody listens', () => {
    expect(all.filter((emission) => !emission.guarded).map(({ place }) => place)).toEqual([])
  })

  test('each has its name on the line that emits it', () => {
    expect(all.filter((emission) => !emission.onEmitLine).map(({ place }) => place)).toEqual([])
  })
})
