/**
 * Code in the colours of the book: one Shiki theme whose colours are custom properties, so that
 * both lamps and the printer share the same HTML. Four inks: keywords, strings, comments, numbers;
 * everything else, names above all, is plain.
 */

import { createHighlighter, type ThemeRegistration } from 'shiki'

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

/** Neighbouring characters of one ink; `''` is plain. */
export interface Run {
  readonly content: string
  readonly ink: string
}

/** The lines of `code` in their inks. */
export const tokenRuns = (code: string, lang: 'typescript' | 'ansi' = 'typescript'): Run[][] => {
  const { tokens } = highlighter.codeToTokens(code, { lang, theme: 'ink' })
  return tokens.map((line) =>
    joinRuns(line.map(({ content, color = '' }) => ({ content, ink: CLASS_OF.get(color) ?? '' }))),
  )
}

/** The lines of `code`, each as HTML. */
export const highlightLines = (
  code: string,
  lang: 'typescript' | 'ansi' = 'typescript',
): string[] =>
  tokenRuns(code, lang).map((line) =>
    line.map(({ content, ink }) => painted(escapeHtml(content), ink)).join(''),
  )

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

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
