/**
 * `::: listing RecordAccumulator.append`: code from `src/`, with its own line numbers.
 *
 * I1  A listing that cannot be found fails the build, with the page and the line.
 */

import { type BlockRenderer, html, inside } from './block.ts'
import { escapeHtml, highlightLines } from './highlight.ts'
import { parseListing } from './listing.ts'
import { symbols } from './project.ts'

export const listingBlock: BlockRenderer = (block) => {
  const { env, info, where } = block
  const asked = parseListing(info, where)
  const found = symbols().listing(asked, where)
  env.includes?.push(symbols().fileOf(found.path))
  const first = found.parts[0]?.firstLine ?? 1
  const source = `<SourceLink path="${found.path}" :line="${first}" />`
  const caption = `<code>${escapeHtml(asked.name)}</code> ${source}`
  html(block, `<figure class="listing"><figcaption>${caption}</figcaption>`)
  html(block, codeHtml(found.parts, found.path))
  inside(block)
  html(block, '</figure>\n')
}

const codeHtml = (
  parts: readonly { firstLine: number; lines: readonly string[] }[],
  label: string,
): string => {
  const blocks = parts.map(({ firstLine, lines }) =>
    highlightLines(lines.join('\n'))
      .map((line, at) => `<span class="ln"><i>${firstLine + at}</i>${line}\n</span>`)
      .join(''),
  )
  const gap = '<span class="ln gap"><i>⋮</i>\n</span>'
  return (
    `<pre class="code" tabindex="0" role="group" aria-label="${label}" v-pre>` +
    `<code>${blocks.join(gap)}</code></pre>`
  )
}
