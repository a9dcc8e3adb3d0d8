/**
 * Whether a chapter has every part that a chapter has. What is missing is said all at once, each
 * part in a line, so that one run tells an author all that is left to do.
 *
 * Two steps: `partsOf` reads what is there, from disk; `missingIn` compares it with the anatomy and
 * touches nothing, so it can be tried on chapters that do not exist.
 *
 * I1  Nothing is asked of a chapter that is not declared finished.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { parseListing } from '../../docs/.vitepress/markdown/listing.ts'
import { symbols } from '../../docs/.vitepress/markdown/project.ts'
import { type BookChapter, ROOT } from './chapters.ts'
import { type CheckedClaim, checkedClaims, claimsOfChapter, isAnsweredIn } from './notes.ts'
import { blocksOn, headingsOf, type PageBlock, sectionOf, wordsIn } from './pageParts.ts'
import { breakItsOf, exercisesOf } from './try/definitions.ts'

/** The headings of a page, in order. The one in brackets may be left out. */
export const HEADINGS = [
  'What you will be able to do',
  'Where we are',
  'Predict first',
  'The story',
  'The lab',
  'The tour',
  '(Run it yourself)',
  'The notes, checked',
  'In the real Kafka',
  'Try it',
  'Check yourself',
  'Summary',
] as const

const WORDS = [1500, 3500] as const
const TESTS = [5, 25] as const
const MOST_STORY_LINES = 400
const QUESTIONS = 8
const EXERCISES = 3
const HINTS = 3
const BREAK_ITS = 3
const WORDS_OF_A_SENTENCE = 3

/** What is there of a chapter. */
export interface ChapterParts {
  readonly number: number
  readonly folder: string
  readonly markdown: string
  /** The files of `src/` that have their home in it. */
  readonly home: readonly string[]
  /** In its folder. */
  readonly files: readonly string[]
  /** The components of labs that the site has. */
  readonly labs: readonly string[]
  readonly tests: readonly string[]
  readonly exercises: readonly { readonly number: number; readonly hints: number }[]
  readonly breakIts: number
  /** The notes that belong to it and have no verdict yet. */
  readonly owedNotes: readonly string[]
  /** How many notes belong to it. */
  readonly notes: number
  /** Lines of source that a listing of this name and place prints. @throws when there is none */
  readonly linesOf: (listing: string) => number
}

/** Everything that a chapter lacks, a line each; empty when it is whole. */
export const missingIn = (parts: ChapterParts): string[] => [
  ...missingHeadings(parts),
  ...missingBlocks(parts),
  ...missingFiles(parts),
  ...missingTests(parts),
  ...missingExercises(parts),
  ...missingAnswers(parts),
  ...missingMeasure(parts),
]

const missingHeadings = ({ markdown }: ChapterParts): string[] => {
  const found = headingsOf(markdown)
  const names = HEADINGS.map((name) => name.replace(/[()]/g, ''))
  const absent = HEADINGS.filter((name) => !name.startsWith('(') && !found.includes(name))
  const strange = found.filter((heading) => !names.includes(heading))
  const expected = names.filter((name) => found.includes(name))
  const known = found.filter((heading) => names.includes(heading))
  const inOrder = known.join('\n') === expected.join('\n')
  return [
    ...absent.map((name) => `the heading '## ${name}'`),
    ...strange.map((name) => `no place for '## ${name}': it is none of the anatomy's headings`),
    ...(inOrder ? [] : [`the headings in order; they stand as ${known.join(' · ')}`]),
  ]
}

/** A block that a section must have, and how often. */
const BLOCKS_OF_SECTIONS: readonly (readonly [section: string, block: string, times: number])[] = [
  ['Predict first', 'predict', 1],
  ['The tour', 'tour', 1],
  ['The notes, checked', 'notes', 1],
  ['In the real Kafka', 'kafka', 1],
  ['Try it', 'breakit', 1],
]

const missingBlocks = (parts: ChapterParts): string[] => {
  const { markdown, number, notes } = parts
  const missing: string[] = []
  for (const [section, name, times] of BLOCKS_OF_SECTIONS) {
    if (name === 'notes' && notes === 0) continue
    const found = named(blocksOn(sectionOf(markdown, section)), name)
    if (found.length !== times) {
      missing.push(`one '::: ${name}' below '${section}'; there are ${found.length}`)
    }
  }
  const blocks = blocksOn(markdown)
  if (!/<WayMap\b/.test(sectionOf(markdown, 'Where we are'))) {
    missing.push("the map of the way, <WayMap>, below 'Where we are'")
  }
  if (!named(blocks, 'output').some(({ info }) => info === 'demo.out')) {
    missing.push("what the demo says: '::: output demo.out'")
  }
  for (const command of [`npm run chapter ${number}`, `npm test -- chapters/${pad(number)}`]) {
    if (!markdown.includes(command)) missing.push(`the command '${command}' on the page`)
  }
  if (!/\bI1\b/.test(sectionOf(markdown, 'Summary'))) {
    missing.push("the invariants in the summary, numbered as in the source ('I1')")
  }
  return [...missing, ...missingLab(parts)]
}

const missingLab = ({ markdown, files, labs }: ChapterParts): string[] => {
  const used = [...sectionOf(markdown, 'The lab').matchAll(/<(\w+Lab)\b/g)].map((m) => m[1]!)
  const unknown = used.filter((name) => !labs.includes(name))
  return [
    ...(used.length === 0 ? ["a lab's component below 'The lab', such as <SenderLab />"] : []),
    ...unknown.map((name) => `the component ${name}.vue in docs/.vitepress/theme/lab/`),
    ...(files.includes('lab.ts') ? [] : ['lab.ts']),
  ]
}

const missingFiles = ({ files, home, owedNotes }: ChapterParts): string[] => [
  ...['demo.ts', 'demo.out', 'tour.ts', 'tour.json', 'break-it.ts']
    .filter((name) => !files.includes(name))
    .map((name) => (name === 'tour.json' ? 'tour.json (npm run update)' : name)),
  ...(home.length > 0 ? [] : ["'files:' in the front matter: which files of src/ live here"]),
  ...owedNotes.map((id) => `a verdict on ${id}, which belongs to this chapter`),
]

const missingTests = ({ tests }: ChapterParts): string[] => {
  const [least, most] = TESTS
  const clumsy = tests.filter((name) => name.split(/\s+/).length < WORDS_OF_A_SENTENCE)
  return [
    ...(tests.length >= least && tests.length <= most
      ? []
      : [`${least} to ${most} tests; there are ${tests.length}`]),
    ...clumsy.map((name) => `a sentence as the name of the test '${name}'`),
  ]
}

const missingExercises = ({ markdown, exercises, breakIts }: ChapterParts): string[] => {
  const shown = named(blocksOn(markdown), 'exercise').map(({ info }) => Number(info))
  return [
    ...(exercises.length >= EXERCISES
      ? []
      : [`at least ${EXERCISES} exercises with answers; there are ${exercises.length}`]),
    ...exercises.flatMap(({ number, hints }) => [
      ...(shown.includes(number) ? [] : [`'::: exercise ${number}' on the page`]),
      ...(hints === HINTS ? [] : [`exactly three hints for exercise ${number}, not ${hints}`]),
    ]),
    ...(breakIts >= BREAK_ITS
      ? []
      : [`at least ${BREAK_ITS} mutations in break-it.ts; there are ${breakIts}`]),
  ]
}

const missingAnswers = ({ markdown }: ChapterParts): string[] => {
  const questions = named(blocksOn(sectionOf(markdown, 'Check yourself')), 'answer')
  const numbers = questions.map(({ info }) => Number(/^(\d+)\. \S/.exec(info)?.[1]))
  const expected = Array.from({ length: QUESTIONS }, (_, i) => i + 1)
  return numbers.join() === expected.join()
    ? []
    : [`eight questions '::: answer 1. …' to 8 below 'Check yourself'; there are ${numbers.length}`]
}

const missingMeasure = ({ markdown, linesOf }: ChapterParts): string[] => {
  const words = wordsIn(markdown)
  const [least, most] = WORDS
  const listings = named(blocksOn(sectionOf(markdown, 'The story')), 'listing')
  const unknown: string[] = []
  const lines = listings.reduce((sum, { info }) => {
    try {
      return sum + linesOf(info)
    } catch (error) {
      unknown.push(`what 'listing ${info}' names: ${(error as Error).message}`)
      return sum
    }
  }, 0)
  return [
    ...unknown,
    ...(words >= least && words <= most
      ? []
      : [`${least} to ${most} words besides listings; there are ${words}`]),
    ...(listings.length > 0 ? [] : ['a listing in the story']),
    ...(lines <= MOST_STORY_LINES
      ? []
      : [`at most ${MOST_STORY_LINES} lines of listings in the story; there are ${lines}`]),
  ]
}

const named = (blocks: readonly PageBlock[], name: string): PageBlock[] =>
  blocks.filter((block) => block.name === name)

const pad = (number: number): string => String(number).padStart(2, '0')

/**
 * What a chapter has, read from disk.
 *
 * @param all the notes with their verdicts, when many chapters are looked at
 */
export const partsOf = (
  chapter: BookChapter,
  all: readonly CheckedClaim[] = checkedClaims(),
): ChapterParts => {
  const { number, folder, dir, markdown, files } = chapter
  const claims = claimsOfChapter(all, number)
  return {
    number,
    folder,
    markdown,
    home: files,
    files: readdirSync(dir),
    labs: namesIn(`${ROOT}docs/.vitepress/theme/lab`, '.vue'),
    tests: testNames(dir),
    exercises: exercisesOf(chapter).map((exercise) => ({
      number: exercise.number,
      hints: exercise.hints.length,
    })),
    breakIts: breakItsOf(chapter).length,
    owedNotes: claims.filter((claim) => !isAnsweredIn(claim, folder)).map(({ id }) => id),
    notes: claims.length,
    linesOf: (listing) => {
      const where = `chapters/${folder}/index.md`
      const { parts } = symbols().listing(parseListing(listing, where), where)
      return parts.reduce((sum, { lines }) => sum + lines.length, 0)
    },
  }
}

const namesIn = (folder: string, ending: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(ending))
        .map((name) => name.slice(0, -ending.length))
    : []

/** A table-driven test counts once. */
const testNames = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => {
      const tree = ts.createSourceFile(
        name,
        readFileSync(`${dir}/${name}`, 'utf8'),
        ts.ScriptTarget.ES2023,
        true,
      )
      const found: string[] = []
      const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node) && /^(test|it)\b/.test(node.expression.getText())) {
          const [title] = node.arguments
          if (title !== undefined && ts.isStringLiteralLike(title)) found.push(title.text)
        }
        ts.forEachChild(node, visit)
      }
      visit(tree)
      return found
    })
