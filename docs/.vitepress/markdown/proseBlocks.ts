/**
 * Blocks that hold prose: `::: predict`, `::: note`, `::: kafka`, `::: answer Why does it wait?`.
 *
 * A note stands beside the text where there is room (see notes.ts), an answer unfolds.
 */

import { type BlockRenderer, html, inside } from './block.ts'
import { escapeHtml } from './highlight.ts'

const LABELS: Readonly<Record<string, string>> = {
  predict: 'Predict first',
  kafka: 'In the real Kafka',
}

export const proseBlock: BlockRenderer = (block) => {
  const { state, name, info, start, close } = block
  const tag = name === 'answer' ? 'details' : name === 'note' ? 'aside' : 'section'
  const open = state.push(`${name}_open`, tag, 1)
  open.block = true
  open.attrSet('class', name)
  open.map = [start, close]
  if (name === 'note') open.attrSet('role', 'note')
  const label = name === 'answer' ? state.md.renderInline(info, state.env) : info || LABELS[name]
  if (name === 'answer') html(block, `<summary>${label}</summary><div class="answer-text">\n`)
  else if (label) html(block, `<p class="label">${escapeHtml(label)}</p>\n`)
  inside(block)
  if (name === 'answer') html(block, '</div>\n')
  state.push(`${name}_close`, tag, -1).block = true
}
