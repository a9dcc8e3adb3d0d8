/**
 * Code in the colours of the book: one Shiki theme whose colours are custom properties, so that
 * both lamps and the printer share the same HTML. Four inks: keywords, strings, comments, numbers;
 * everything else, names above all, is plain.
 *
 * To colour all of the source takes many seconds, and a page is rendered several times in a build.
 * So what was coloured is held, and kept on disk by its content: the page of a file and the tours
 * through it share one entry.
 */

import { createHash } from 'node:crypto'
import { createHighlighter, type ThemeRegistration } from 'shiki'
import { hashOf, keepResult, keptResult } from '../../../scripts/book/cache.ts'

const INKS: readonly (readonly [name: string, colour: string, scopes: readonly string[]])[] = [
  [
    'kw',
    'var(--broker)',
    ['keyword', 'storage', 'variable.language.this', 'punctuation.definition.template-expression'],
  ],
  ['st', 'var(--buffer)', ['string', 'punctuation.definition.string', 'markup.inserted']],
  [
    'cm',
    'var(--soft)',
    [
      'comment',
      'punctuation.definition.comment',
      'storage.type.class.jsdoc',
      'variable.other.jsdoc',
    ],
  ],
  ['nu', 'var(--request)', ['constant.numeric', 'constant.language']],
  // Operators and arrows are keywords to the grammar, and noise in colour.
  [
    '',
    'var(--ink)',
    ['keyword.operator', 'storage.type.function.arrow', 'meta.template.expression'],
  ],
  ['kw', 'var(--broker)', ['keyword.operator.new', 'keyword.operator.expression']],
]

export const inkTheme: ThemeRegistration = {
  name: 'ink',
  type: 'light',
  fg: 'var(--ink)',
  bg: 'var(--leaf)',
  settings: INKS.map(([, foreground, scope]) => ({ scope: [...scope], settings: { foreground } })),
}

const highlighter = await createHighlighter({ themes: [inkTheme], langs: ['typescript'] })

/** What the colours depend on besides the text. */
const inks = hashOf({ files: ['package-lock.json', 'docs/.vitepress/markdown/highlight.ts'] })

type Lang = 'typescript' | 'ansi'

/** Neighbouring characters of one ink; `''` is plain. */
export interface Run {
  readonly content: string
  readonly ink: string
}

/** The lines of `code` in their inks. */
export const tokenRuns = (code: string, lang: Lang = 'typescript'): Run[][] => {
  const { tokens } = highlighter.codeToTokens(code, { lang, theme: 'ink' })
  return tokens.map((line) =>
    joinRuns(line.map(({ content, color = '' }) => ({ content, ink: CLASS_OF.get(color) ?? '' }))),
  )
}

/** As `tokenRuns`, from what is kept. */
const keptRuns = (code: string, lang: Lang): readonly (readonly Run[])[] => {
  const key = createHash('sha256').update(`${inks}\n${lang}\n${code}`).digest('hex').slice(0, 32)
  const known = held.get(key)
  if (known !== undefined) return known
  const kept = keptResult<Run[][]>('colours', key)
  const runs = kept?.result ?? tokenRuns(code, lang)
  if (kept === null) keepResult('colours', key, runs)
  held.set(key, runs)
  return runs
}

const held = new Map<string, readonly (readonly Run[])[]>()

/** The lines of `code`, each as HTML. @param cut columns of indentation that each line loses */
export const highlightLines = (code: string, lang: Lang = 'typescript', cut = 0): string[] =>
  keptRuns(code, lang).map((line) => lineHtml(line, cut))

const lineHtml = (line: readonly Run[], cut: number): string => {
  let left = cut
  return line
    .map(({ content, ink }) => {
      const text = content.slice(left)
      left = Math.max(0, left - content.length)
      return text === '' ? '' : painted(codeText(text), ink)
    })
    .join('')
}

/** HTML in an ink. */
export const painted = (html: string, ink: string): string =>
  ink === '' ? html : `<span class="${ink}">${html}</span>`

/** Neighbours of one ink become one run: half the HTML. */
const joinRuns = (tokens: readonly Run[]): Run[] => {
  const runs: Run[] = []
  for (const { content, ink } of tokens) {
    const last = runs.at(-1)
    if (last !== undefined && (last.ink === ink || content.trim() === '')) {
      runs[runs.length - 1] = { content: last.content + content, ink: last.ink }
    } else runs.push({ content, ink })
  }
  return runs
}

const CLASS_OF = new Map(INKS.map(([name, colour]) => [colour, name]))

/**
 * Text of code as HTML. Arrows and shapes, of which drawings in comments are made, often come from
 * another font than the letters: each is kept one column wide, or the lines would not meet.
 */
export const codeText = (text: string): string =>
  escapeHtml(text).replace(
    /[·…\u2190-\u21ff\u2502-\u254b\u25a0-\u25ff]/g,
    '<span class="mark">$&</span>',
  )

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
