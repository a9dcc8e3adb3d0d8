/**
 * `::: output demo.out`: what a program printed, from a file beside the page.
 *
 * I1  A file that is not there fails the build, with the page and the line.
 */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type BlockRenderer, html, pageFile } from './block.ts'
import { highlightLines } from './highlight.ts'

export const outputBlock: BlockRenderer = (block) => {
  const { env, info, where } = block
  const file = resolve(dirname(pageFile(block)), info)
  if (!existsSync(file)) throw new Error(`${where}: there is no file '${info}' beside the page`)
  env.includes?.push(file)
  const text = readFileSync(file, 'utf8').trimEnd()
  const lines = highlightLines(text, 'ansi').join('\n')
  html(
    block,
    `<pre class="output" tabindex="0" role="group" aria-label="Output" v-pre>` +
      `<code>${lines}</code></pre>\n`,
  )
}
