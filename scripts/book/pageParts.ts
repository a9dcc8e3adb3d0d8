/**
 * What a page of Markdown is made of, as far as the checks of chapters need it: headings, the text
 * below one, `:::` blocks, words.
 *
 * I1  What stands in a block of code or in the front matter is neither a heading nor a block.
 */

export interface PageBlock {
  readonly name: string
  /** What stands behind the name. */
  readonly info: string
}

const withoutFrontMatter = (markdown: string): string =>
  markdown.replace(/^---\n[\s\S]*?\n---\n/, '')

const withoutCode = (markdown: string): string =>
  markdown.replace(/^(```+|~~~+).*\n[\s\S]*?^\1[`~]*[ \t]*$/gm, '')

const proseOf = (markdown: string): string => withoutCode(withoutFrontMatter(markdown))

/** The headings of the second level, in order. */
export const headingsOf = (markdown: string): string[] =>
  [...proseOf(markdown).matchAll(/^## (.+?)(?: *\{#[\w.-]+\})? *$/gm)].map(([, text]) => text!)

/** The text below a heading of the second level, without it; empty when it is not there. */
export const sectionOf = (markdown: string, heading: string): string => {
  const [, ...sections] = proseOf(markdown).split(/^## /m)
  const section = sections.find((text) => headingsOf(`## ${text}`)[0] === heading)
  return section === undefined ? '' : section.slice(section.indexOf('\n') + 1)
}

/** The blocks that are opened, in order, also those inside others. */
export const blocksOn = (markdown: string): PageBlock[] =>
  [...proseOf(markdown).matchAll(/^\s*:{3,} *([a-z]+)(?: +(.*))?$/gm)].map(
    ([, name, info = '']) => ({ name: name!, info: info.trim() }),
  )

/**
 * How many words a reader reads: not code, not what names a listing, not tags, and not the hints of
 * an exercise, which are there for those who ask.
 */
export const wordsIn = (markdown: string): number => {
  const text = proseOf(markdown)
    .replace(/^::: hint$[\s\S]*?^:::$/gm, '')
    // Of a fence's line the question or the label is read; what names a listing is a command.
    .replace(/^\s*:{3,} *(\w*)(.*)$/gm, (_, name: string, words: string) =>
      ['answer', 'predict', 'kafka', 'note'].includes(name) ? words : '',
    )
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\]\([^)]*\)/g, ']')
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length
}
