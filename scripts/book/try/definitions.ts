/**
 * The exercises and break-its of a chapter, as their files say.
 *
 *     chapters/06-…/exercises/01-when-to-wait.ts           what the reader writes
 *     chapters/06-…/exercises/answers/01-when-to-wait.ts   one way to write it
 *     chapters/06-…/break-it.ts                            the mutations
 *
 * I1  A number and a name mean one thing in a chapter.
 * I2  What is asked for exists: the symbol that is replaced, the text that is changed, the answer.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { type BookChapter, ROOT } from '../chapters.ts'
import type { BreakIt } from './BreakIt.ts'
import { hintsOf } from './hints.ts'
import { exportedLiteral, type Literal, type LiteralObject } from './literal.ts'
import { slotIn } from './slots.ts'

export interface ExerciseFile {
  readonly number: number
  /** From the root. */
  readonly file: string
  readonly answer: string
  readonly title: string
  /** The file of the real one, and its name there: `shouldBackoff`, `NodeDrain.drain…`. */
  readonly module: string
  readonly symbol: string
  readonly tests: readonly RegExp[]
  /** From the chapter's page, as Markdown. */
  readonly hints: readonly string[]
}

export const exercisesOf = (chapter: BookChapter): readonly ExerciseFile[] => {
  const folder = `chapters/${chapter.folder}/exercises`
  if (!existsSync(ROOT + folder)) return []
  const names = readdirSync(ROOT + folder).filter((name) => /^\d\d-.*\.ts$/.test(name))
  const exercises = names.sort().map((name) => exerciseIn(chapter, folder, name))
  for (const [at, { number, file }] of exercises.entries()) {
    if (exercises[at - 1]?.number === number) throw new Error(`${file}: its number is taken`)
  }
  return exercises
}

const exerciseIn = (chapter: BookChapter, folder: string, name: string): ExerciseFile => {
  const file = `${folder}/${name}`
  const answer = `${folder}/answers/${name}`
  if (!existsSync(ROOT + answer)) throw new Error(`${file} has no answer: ${answer} is missing`)
  const { value } = exportedLiteral(readFileSync(ROOT + file, 'utf8'), file, 'exercise')
  const said = value as LiteralObject
  const [module = '', symbol = ''] = textOf(said, 'replaces', file).split('#')
  slotIn(sourceOf(module, file), module, symbol)
  const tests = listOf(said['tests'], (test) => test instanceof RegExp)
  if (tests === null) throw new Error(`${file}: 'tests' is a list of regular expressions`)
  const number = Number(name.slice(0, 2))
  return {
    number,
    file,
    answer,
    title: textOf(said, 'title', file),
    module,
    symbol,
    tests: tests as readonly RegExp[],
    hints: hintsOf(chapter.markdown, number),
  }
}

export const breakItsOf = (chapter: BookChapter): readonly BreakIt[] => {
  const path = `chapters/${chapter.folder}/break-it.ts`
  if (!existsSync(ROOT + path)) return []
  const { value } = exportedLiteral(readFileSync(ROOT + path, 'utf8'), path, 'breakIts')
  if (!Array.isArray(value)) throw new Error(`${path}: 'breakIts' is a list`)
  const breakIts = (value as readonly LiteralObject[]).map((said) => breakItIn(said, path))
  const names = breakIts.map(({ name }) => name)
  for (const name of names) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) {
      throw new Error(`${path}: there are two called '${name}'`)
    }
  }
  return breakIts
}

const breakItIn = (said: LiteralObject, path: string): BreakIt => {
  const text = (key: string): string => textOf(said, key, path)
  const breakIt: BreakIt = {
    name: text('name'),
    file: text('file') as BreakIt['file'],
    find: text('find'),
    replace: text('replace'),
    breaks: text('breaks'),
    learn: text('learn'),
  }
  if (!/^[a-z][a-z0-9-]*$/.test(breakIt.name)) {
    throw new Error(`${path}: '${breakIt.name}' is not in lower case with hyphens`)
  }
  mutated(sourceOf(breakIt.file, path), breakIt)
  return breakIt
}

/** The text with the change in it. Lines below keep their numbers where that can be. */
export const mutated = (text: string, { name, file, find, replace }: BreakIt): string => {
  const times = text.split(find).length - 1
  if (times !== 1) {
    const found = times === 0 ? 'is not there' : `stands there ${times} times`
    throw new Error(
      `${name}: in ${file} the text to change ${found}, it must be there once: ${find}`,
    )
  }
  const missing = lines(find) - lines(replace)
  return text.replace(find, () => replace + '\n'.repeat(Math.max(0, missing)))
}

const lines = (text: string): number => text.split('\n').length

const sourceOf = (module: string, path: string): string => {
  if (!module.startsWith('src/') || !existsSync(ROOT + module)) {
    throw new Error(`${path}: there is no '${module}' under src/`)
  }
  return readFileSync(ROOT + module, 'utf8')
}

const textOf = (said: LiteralObject, key: string, path: string): string => {
  const value = said[key]
  if (typeof value !== 'string') throw new Error(`${path}: '${key}' must be a text`)
  return value
}

const listOf = (
  value: Literal | undefined,
  fits: (element: Literal) => boolean,
): readonly Literal[] | null => (Array.isArray(value) && value.every(fits) ? value : null)
