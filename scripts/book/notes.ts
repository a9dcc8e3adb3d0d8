/**
 * The study notes' claims, and the verdicts on them that the tests give.
 *
 * The claims are data (`docs/reference/notes.claims.tsv`). A verdict is a call of `note` in a test;
 * it is read out of the test's source, so a page can name the test and link to its line without
 * running it. That it ran and passed is what the tests are for.
 *
 * I1  Every claim from N1 to N64 is there once, and belongs to at least one chapter.
 * I2  All verdicts on a claim are the same, `in part` aside: that one leaves the verdict to others.
 */

import { readdirSync, readFileSync } from 'node:fs'
import type { NoteId, Verdict } from '../../test/support/notes.ts'
import { ROOT } from './chapters.ts'
import { OfText, oncePerStretch } from './files.ts'
import { type GivenVerdict, verdictsIn } from './noteCalls.ts'

export interface Claim {
  readonly id: NoteId
  /** The heading it stands below in the notes. */
  readonly group: string
  readonly chapters: readonly number[]
  /** Markdown, one line. */
  readonly claim: string
}

export interface CheckedClaim extends Claim {
  /** `owed`: no test has said anything yet. */
  readonly verdict: Verdict | 'owed'
  readonly given: readonly GivenVerdict[]
}

export const CLAIMS_FILE = 'docs/reference/notes.claims.tsv'
const CLAIMS = 64

export const claims = (root: string = ROOT): Claim[] => {
  const found = readFileSync(root + CLAIMS_FILE, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line === '' || line.startsWith('#')) return []
      const [id = '', group = '', chapters = '', claim = ''] = line.split('\t')
      const numbers = chapters.split(',').map(Number)
      const isRow = id === `N${i}` && group !== '' && claim !== ''
      if (!isRow || chapters === '' || !numbers.every(Number.isInteger)) {
        throw new Error(`${CLAIMS_FILE}:${i + 1}: expected N${i}, its group, chapters and claim`)
      }
      return [{ id: id as NoteId, group, chapters: numbers, claim }]
    })
  if (found.length !== CLAIMS)
    throw new Error(`${CLAIMS_FILE}: ${found.length} of ${CLAIMS} claims`)
  return found
}

/** The test files that may speak of notes; those that test `note` itself do not. */
export const filesWithVerdicts = (root: string = ROOT): readonly string[] => withVerdicts(root)

const withVerdicts = oncePerStretch((root) =>
  ['chapters', 'test'].flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
      .filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/house/'))
      .filter((file) => speaks.of(root + file))
      .sort(),
  ),
)

export const givenVerdicts = (root: string = ROOT): GivenVerdict[] =>
  filesWithVerdicts(root).flatMap((path) =>
    verdicts.of(root + path).map((given) => ({ ...given, path })),
  )

// Every chapter's page asks for the verdicts of all tests: each test is read once.
const speaks = new OfText((text) => text.includes('support/notes.ts'))
const verdicts = new OfText((text, file) => verdictsIn(file.replace(ROOT, ''), text))

/** The claims with what the tests say of each. */
export const checkedClaims = (root: string = ROOT): CheckedClaim[] => {
  const all = givenVerdicts(root)
  return claims(root).map((claim) => {
    const given = all.filter(({ id }) => id === claim.id)
    return { ...claim, verdict: verdictOf(given), given }
  })
}

/** The verdict that several tests give together. @throws when they contradict each other */
export const verdictOf = (given: readonly GivenVerdict[]): Verdict | 'owed' => {
  const whole = given.filter(({ verdict }) => verdict !== 'in part')
  const [first] = whole
  if (first === undefined) return given.length === 0 ? 'owed' : 'in part'
  const other = whole.find(({ verdict }) => verdict !== first.verdict)
  if (other === undefined) return first.verdict
  const said = (of: GivenVerdict): string => `'${of.verdict}' in ${of.path}:${of.line}`
  throw new Error(
    `The verdicts on ${first.id} contradict each other: ${said(first)}, ${said(other)}`,
  )
}

/** The claims that belong to a chapter. */
export const claimsOfChapter = <C extends Claim>(all: readonly C[], chapter: number): C[] =>
  all.filter(({ chapters }) => chapters.includes(chapter))

/**
 * Whether a chapter has done its part on a claim: a test of its own speaks of it, or the verdict on
 * the whole was given elsewhere.
 */
export const isAnsweredIn = (claim: CheckedClaim, folder: string): boolean =>
  claim.given.some(({ path }) => path.startsWith(`chapters/${folder}/`)) ||
  !['owed', 'in part'].includes(claim.verdict)
