/**
 * The annotated page of a source file, in HTML.
 *
 *     apparatus │ essay                 the head comment; beside it names, tests, users, stories
 *     ──────────┼──────────────
 *     comment   │ 41  code              strip by strip: what is said about code stands beside it
 *               │ 42  code
 *
 * Where it is narrow the essay comes first, and a comment stands above its code.
 *
 * I1  Each line of the file is on its page once, under the anchor `#L<number>`.
 * I2  What a story prints has a mark beside its numbers and a link to the story.
 */

import { escapeHtml, highlightLines } from '../markdown/highlight.ts'
import { hasSourcePage, sourceUrl } from '../markdown/sourceUrl.ts'
import { type Block, blockHtml, blocksOf, commentHtml, type LinkName } from './comment.ts'
import type { Library } from './library.ts'
import type { Line, Sheet, Strip, SymbolName } from './sheet.ts'
import type { Story, Told } from './told.ts'

const USERS_SHOWN = 12

export interface PageParts {
  readonly library: Library
  readonly path: string
  /** The listings of all stories that print lines of this file. */
  readonly told: readonly Told[]
  /** Where in a story a line is printed, with the anchor; without it, the page of the chapter. */
  readonly placeOf?: (line: number) => string | null
}

export const pageHtml = ({ library, path, told, placeOf = () => null }: PageParts): string => {
  const sheet = library.sheet(path)
  const links = library.linksFrom(path)
  const blocks = blocksOf(sheet.head)
  return [
    '<div class="source-top">',
    `<div class="essay" v-pre>${essayHtml(blocks, links)}</div>`,
    '<aside class="apparatus" aria-label="About this file">' +
      `${apparatusHtml(sheet, library, told)}</aside>`,
    '</div>\n',
    `<div class="strips" v-pre>${stripsHtml(sheet, links, told, placeOf)}</div>\n`,
  ].join('')
}

const essayHtml = (blocks: readonly Block[], links: LinkName): string => {
  const [told, facts] = [blocks.filter((one) => !isFact(one)), blocks.filter(isFact)]
  const box = facts.map((one) => blockHtml(one, links)).join('')
  const prose = told.map((one) => blockHtml(one, links)).join('')
  return `${prose}${box === '' ? '' : `<div class="facts-box">${box}</div>`}`
}

const isFact = (block: Block): boolean =>
  block.kind === 'tag' && (block.label === 'kafka' || block.label === 'simplified')

// ---- beside the essay

const apparatusHtml = (sheet: Sheet, library: Library, told: readonly Told[]): string => {
  const { tests, others } = library.usersOf(sheet.path)
  const stories = [...new Map(told.map(({ story }) => [story.folder, story])).values()]
  const shown = others.slice(0, USERS_SHOWN)
  const rest = others.length - shown.length
  return [
    section('Told in', stories.map(storyLink)),
    section('In this file', namesHtml(sheet.symbols)),
    section(
      'Its tests',
      tests.map((path) => `<SourceLink path="${path}">${baseOf(path)}</SourceLink>`),
    ),
    section('Used by', [...shown.map(fileLink), ...(rest > 0 ? [`and ${rest} more`] : [])]),
  ].join('')
}

const section = (title: string, items: readonly string[]): string =>
  items.length === 0
    ? ''
    : `<section><h2>${title}</h2><ul>${items.map(listItem).join('')}</ul></section>`

const listItem = (item: string): string => `<li>${item}</li>`

const storyLink = (story: Story): string =>
  `<a href="/chapters/${story.folder}/">${escapeHtml(story.title)}</a>`

const fileLink = (path: string): string => `<a href="${sourceUrl(path)}">${baseOf(path)}</a>`

const baseOf = (path: string): string =>
  path.slice(path.lastIndexOf('/') + 1).replace(/(\.test)?\.ts$/, '')

/** One item per name of the file; a class with its methods behind it. */
const namesHtml = (symbols: readonly SymbolName[]): string[] =>
  symbols
    .filter(({ name }) => !name.includes('.'))
    .map((outer) => {
      const methods = symbols.filter(({ name }) => name.startsWith(`${outer.name}.`))
      const links = methods.map((one) => nameLink(one, one.name.slice(outer.name.length + 1)))
      const list = links.length === 0 ? '' : `<span class="methods">${links.join(', ')}</span>`
      return `${nameLink(outer, outer.name)}${list}`
    })

const nameLink = ({ line, exported }: SymbolName, text: string): string =>
  `<a href="#L${line}"${exported ? '' : ' class="inner"'}><code>${escapeHtml(text)}</code></a>`

// ---- the file itself

const stripsHtml = (
  sheet: Sheet,
  links: LinkName,
  told: readonly Told[],
  placeOf: (line: number) => string | null,
): string => {
  const colours = highlightLines(sheet.lines.join('\n'))
  const stories = storiesByLine(told)
  let before: string | undefined
  return sheet.strips
    .map((strip) => {
      const first = [...strip.comment, ...strip.code].find(({ number }) => stories.has(number))
      const story = first === undefined ? undefined : stories.get(first.number)
      const url = story && (placeOf(first?.number ?? 0) ?? `/chapters/${story.folder}/`)
      const named = story !== undefined && url !== before ? toldHtml(story, url ?? '') : ''
      before = url
      return stripHtml(strip, { sheet, colours, links, stories, named })
    })
    .join('')
}

interface StripParts {
  readonly sheet: Sheet
  readonly colours: readonly string[]
  readonly links: LinkName
  readonly stories: ReadonlyMap<number, Story>
  /** The link to the story that begins with this strip, or nothing. */
  readonly named: string
}

const stripHtml = (strip: Strip, parts: StripParts): string => {
  const { sheet, colours, links, stories, named } = parts
  const comment = commentHtml(strip.comment, links)
  const prose = comment === '' && named === '' ? '' : `<div class="said">${comment}${named}</div>`
  const lines = strip.code.map((line) => {
    const colour = colours[line.number - 1] ?? ''
    const code = strip.kind === 'imports' ? linkImport(colour, sheet.path) : colour
    return lineHtml(line, code, stories.has(line.number))
  })
  const code = lines.length === 0 ? '' : `<pre class="code"><code>${lines.join('')}</code></pre>`
  if (strip.kind !== 'imports') return `<div class="strip">${prose}${code}</div>`
  const summary = `<summary>${importsHtml(strip.code)}</summary>`
  return `<details class="strip imports">${summary}${prose}${code}</details>`
}

/** What the folded imports say: `imports from 8 modules`. */
const importsHtml = (code: readonly Line[]): string => {
  const count = code.filter(({ text }) => /(?:\bfrom|^import) '/.test(text)).length
  return `imports from ${count} ${count === 1 ? 'module' : 'modules'}`
}

const lineHtml = ({ number, text }: Line, colour: string, told: boolean): string => {
  const indent = text.search(/\S/)
  const hang = indent > 0 ? ` style="--in:${indent}"` : ''
  const mark = told ? 'ln told' : 'ln'
  return `<span class="${mark}" id="L${number}"${hang}><i>${number}</i>${colour}\n</span>`
}

const toldHtml = (story: Story, url: string): string =>
  `<p class="told-in">told in <a href="${url}">${escapeHtml(story.title)}</a></p>`

/** By line, the first story that prints it. */
const storiesByLine = (told: readonly Told[]): Map<number, Story> => {
  const stories = new Map<number, Story>()
  for (const { story, lines } of told) {
    for (const line of lines) if (!stories.has(line)) stories.set(line, story)
  }
  return stories
}

/** The file that an import names becomes a link to its page. */
const linkImport = (html: string, path: string): string =>
  html.replace(/'(\.[^']+\.ts)'/, (quoted: string, to: string) => {
    const target = new URL(to, `file:///${path}`).pathname.slice(1)
    return hasSourcePage(target) ? `<a href="${sourceUrl(target)}">${quoted}</a>` : quoted
  })
