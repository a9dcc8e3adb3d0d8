/**
 * Makes programs of the code blocks of Markdown pages.
 *
 *     ```ts                        a program of its own: it is checked and run
 *     ```ts continues              goes on where the block before it on the page ended
 *     ```ts no-run: needs a TTY    is checked only, and says why it is not run
 *
 * A line of a program stands at the line of the page that it came from: the rest of the page is
 * blank there. So an error of the compiler and a stack name the place in the Markdown file.
 *
 * I1  Every block belongs to exactly one program.
 * I2  What a program should print stands in it: the texts behind `// → `, in their order.
 */

import { readFileSync } from 'node:fs'

export interface Program {
  /** Of the repository: `docs/use/client.md`. */
  readonly page: string
  /** Where its first block stands, from 1. */
  readonly line: number
  readonly code: string
  /** Why it is not run; `null`: it is. */
  readonly noRun: string | null
  /** What it prints, line by line. */
  readonly prints: readonly string[]
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*(.*)$/
const LANGUAGES = new Set(['ts', 'typescript', 'mts', 'js', 'javascript', 'mjs'])
const PRINTS = /\/\/ → (.*)$/

interface Block {
  readonly info: string
  /** Of its opening fence, from 1. */
  readonly line: number
  readonly lines: readonly string[]
}

/** The programs of the page at `path`; `page` is its name in messages. */
export const programsOf = (path: string, page: string): Program[] => {
  const programs: Program[] = []
  for (const block of blocksOf(readFileSync(path, 'utf8').split('\n'))) {
    const [language = '', ...rest] = block.info.split(/\s+/)
    if (!LANGUAGES.has(language.replace(/[:{].*/, ''))) continue
    const words = rest.join(' ')
    if (/^continues\b/.test(words)) {
      const before = programs.pop()
      if (before === undefined) throw new Error(`${page}:${block.line}: nothing to continue`)
      programs.push(continued(before, block))
    } else {
      programs.push(program(page, block, words))
    }
  }
  return programs
}

const program = (page: string, block: Block, words: string): Program => {
  const noRun = /^no-run\b:?\s*(.*)$/.exec(words)
  if (noRun?.[1] === '') throw new Error(`${page}:${block.line}: no-run without a reason`)
  return {
    page,
    line: block.line,
    code: padded('', block),
    noRun: noRun?.[1] ?? null,
    prints: printsOf(block),
  }
}

const continued = (before: Program, block: Block): Program => ({
  ...before,
  code: padded(before.code, block),
  prints: [...before.prints, ...printsOf(block)],
})

/** `code`, then blank lines as far as the block, then its lines. */
const padded = (code: string, { line, lines }: Block): string => {
  const blank = line - (code.match(/\n/g)?.length ?? 0)
  return `${code}${'\n'.repeat(blank)}${lines.join('\n')}\n`
}

const printsOf = ({ lines }: Block): string[] =>
  lines.flatMap((line) => PRINTS.exec(line)?.[1]?.trimEnd() ?? [])

const blocksOf = (lines: readonly string[]): Block[] => {
  const blocks: Block[] = []
  let open: { fence: string; indent: number; info: string; line: number } | null = null
  for (const [i, line] of lines.entries()) {
    const [, indent = '', fence = '', info = ''] = FENCE.exec(line) ?? []
    if (open === null) {
      if (fence !== '') open = { fence, indent: indent.length, info, line: i + 1 }
    } else if (fence.startsWith(open.fence) && info === '') {
      const { indent } = open
      const body = lines.slice(open.line, i).map((text) => text.slice(Math.min(indent, lead(text))))
      blocks.push({ info: open.info, line: open.line, lines: body })
      open = null
    }
  }
  return blocks
}

const lead = (text: string): number => text.length - text.trimStart().length
