/**
 * `::: rosetta`: which class of Kafka is retold by which symbol here, by Kafka's packages. Made
 * from the `@kafka` tags while the site is built, so it cannot be older than the source.
 *
 * Each row says the class alone; the package stands above. The search of the site finds both.
 */

import { type Retold, retoldClasses, shortened } from '../../../scripts/book/rosetta.ts'
import { type BlockRenderer, html, markdown } from './block.ts'
import { escapeHtml } from './highlight.ts'
import { sourceUrl } from './sourceUrl.ts'

/** A class's package: all up to the first name with a capital letter. */
export const packageOf = (javaClass: string): string =>
  javaClass
    .split('.')
    .filter((name) => !/^[A-Z]/.test(name))
    .join('.')

/** The parts of the page: those of Kafka first, in the order in which a reader meets them. */
const PARTS: readonly (readonly [title: string, packages: RegExp])[] = [
  ['Clients', /^org\.apache\.kafka\.clients\b/],
  ['What both sides share', /^org\.apache\.kafka\.(common|message)\b/],
  ['Broker', /^(org\.apache\.)?kafka\./],
  ['JDK', /^java\./],
]

const byPackage = (retold: readonly Retold[]): [string, Retold[]][] => {
  const packages = new Map<string, Retold[]>()
  for (const one of retold) {
    const name = packageOf(one.javaClass)
    packages.set(name, [...(packages.get(name) ?? []), one])
  }
  return [...packages].sort(([a], [b]) => (a < b ? -1 : 1))
}

const partOf = (name: string): string => PARTS.find(([, packages]) => packages.test(name))![0]

const row = ({ javaClass, part, file, symbol, symbolLine, simplified }: Retold): string => {
  const name = javaClass.slice(packageOf(javaClass).length + 1)
  const what = part === null ? '' : ` <span class="part">${cell(part)}</span>`
  const remark = simplified === null ? '' : cell(shortened(simplified))
  const place = `[\`${symbol}\`](${sourceUrl(file, symbolLine)})`
  return `| <code v-pre>${escapeHtml(name)}</code>${what} | ${place} | ${remark} |`
}

/** In a table a bar would end the cell, and braces would be an expression of the page. */
const cell = (text: string): string =>
  escapeHtml(text).replaceAll('|', '\\|').replaceAll('{', '&#123;').replaceAll('}', '&#125;')

const section = ([name, classes]: readonly [string, readonly Retold[]]): string => {
  const rows = [...classes].sort((a, b) => (a.javaClass < b.javaClass ? -1 : 1)).map(row)
  const head = '| in Kafka | here | what is different |\n|---|---|---|'
  return `### \`${name}\` {#${name}}\n\n${head}\n${rows.join('\n')}\n`
}

/** The parts and their packages, in Markdown. */
export const rosettaMarkdown = (retold: readonly Retold[]): string => {
  const packages = byPackage(retold)
  return PARTS.map(([title]) => {
    const sections = packages.filter(([name]) => partOf(name) === title).map(section)
    return `## ${title}\n\n${sections.join('\n')}`
  }).join('\n')
}

export const rosettaBlock: BlockRenderer = (block) => {
  html(block, '<RosettaFilter />\n<div class="rosetta">\n')
  markdown(block, rosettaMarkdown(retoldClasses()))
  html(block, '</div>\n')
}
