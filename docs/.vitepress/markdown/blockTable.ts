/**
 * The blocks that a page of the book is made of, besides what Markdown has.
 *
 *     ::: listing RecordAccumulator.append     code from `src/`, with its own line numbers
 *     ::: output demo.out                      what a program printed: a file beside the page
 *     ::: predict                              the question before the run
 *     ::: note                                 beside the text where there is room, else below it
 *     ::: kafka                                in the real Kafka
 *     ::: table errors                         a table of the source, see tables.ts
 *     ::: answer Why does it wait?             check yourself: a question that unfolds
 */

import { type BlockRenderer, markdown } from './block.ts'
import { listingBlock } from './listingBlock.ts'
import { outputBlock } from './outputBlock.ts'
import { proseBlock } from './proseBlocks.ts'
import { markdownTable } from './tables.ts'

export const BLOCKS: Readonly<Record<string, BlockRenderer>> = {
  answer: proseBlock,
  kafka: proseBlock,
  listing: listingBlock,
  note: proseBlock,
  output: outputBlock,
  predict: proseBlock,
  table: (block) => markdown(block, markdownTable(block.info, block.where)),
}
