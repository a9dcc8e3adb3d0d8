/**
 * `::: sequence journey` and `::: states batch`: a picture of a run, from `diagrams/<name>.json`
 * beside the page. What stands inside is its caption.
 *
 * The picture is made while the site is built, in the book's own colours, by two hundred lines that
 * know what a trace is. A library for diagrams would be more than the whole page may weigh, and
 * would look like its own page.
 *
 * I1  A file that is not there, or of the other kind, fails the build, with the page and the line.
 * I2  Who does not see the picture gets the same as a list.
 */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Diagram } from '../../../lab/diagrams/Diagram.ts'
import { type Block, type BlockRenderer, html, inside, pageFile } from './block.ts'
import { sequenceSvg, sequenceWords } from './diagrams/sequenceSvg.ts'
import { statesSvg, statesWords } from './diagrams/statesSvg.ts'
import { SIZES } from './diagrams/svg.ts'
import { escapeHtml } from './highlight.ts'

export const diagramBlock: BlockRenderer = (block) => {
  const diagram = diagramOf(block)
  const id = `diagram-${block.info.replaceAll(/\W+/g, '-')}`
  const drawings = SIZES.map((size) =>
    diagram.kind === 'sequence' ? sequenceSvg(diagram, size, id) : statesSvg(diagram, size, id),
  )
  const words = diagram.kind === 'sequence' ? sequenceWords(diagram) : statesWords(diagram)
  const items = words.map((text) => `<li>${escapeHtml(text)}</li>`).join('')
  html(
    block,
    `<figure class="diagram ${diagram.kind}"><div v-pre>${drawings.join('')}` +
      `<ol class="visually-hidden">${items}</ol></div>` +
      `<figcaption><b>${escapeHtml(diagram.title)}.</b>\n`,
  )
  inside(block)
  html(block, '</figcaption></figure>\n')
}

const diagramOf = (block: Block): Diagram => {
  const { env, info, name, where } = block
  const file = resolve(dirname(pageFile(block)), 'diagrams', `${info}.json`)
  if (!existsSync(file)) {
    throw new Error(
      `${where}: there is no diagrams/${info}.json beside the page; does diagrams.ts make it, ` +
        'and has npm run update been called?',
    )
  }
  env.includes?.push(file)
  const diagram = JSON.parse(readFileSync(file, 'utf8')) as Diagram
  if (diagram.kind !== name) {
    const path = relative(dirname(pageFile(block)), file)
    throw new Error(`${where}: ${path} is for '::: ${diagram.kind}', not for '::: ${name}'`)
  }
  return diagram
}
