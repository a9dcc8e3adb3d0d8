/**
 * The blocks that a page of the book is made of, besides what Markdown has.
 *
 *     ::: listing RecordAccumulator.append     code from `src/`, with its own line numbers
 *     :::: exercise 1, ::: hint, ::: breakit    what a reader can do, see try.ts
 *     ::: output demo.out                      what a program printed: a file beside the page
 *     ::: predict                              the question before the run
 *     ::: note                                 beside the text where there is room, else below it
 *     ::: notes                                what tests say of the study notes, see verdicts.ts
 *     ::: simplified, ::: glossary            lists of the whole book, see bookLists.ts
 *     ::: kafka                                in the real Kafka
 *     ::: rosetta                              classes of Kafka and what retells them here
 *     ::: sequence journey, ::: states batch   a picture of a run, see diagramBlock.ts
 *     ::: table errors                         a table of the source, see tables.ts
 *     ::: tour                                 the walk with the debugger: tour.json, see tour.ts
 *     ::: source src/….ts, ::: sources         annotated pages of the source, and their index
 *     ::: answer Why does it wait?             check yourself: a question that unfolds
 */

import { type BlockRenderer, markdown } from './block.ts'
import { glossaryBlock, simplifiedBlock } from './bookLists.ts'
import { diagramBlock } from './diagramBlock.ts'
import { listingBlock } from './listingBlock.ts'
import { outputBlock } from './outputBlock.ts'
import { proseBlock } from './proseBlocks.ts'
import { rosettaBlock } from './rosettaBlock.ts'
import { sourceBlock, sourcesBlock } from './sourceBlock.ts'
import { markdownTable } from './tables.ts'
import { tourBlock } from './tour.ts'
import { breakItBlock, exerciseBlock, hintBlock } from './try.ts'
import { notesBlock } from './verdicts.ts'

export const BLOCKS: Readonly<Record<string, BlockRenderer>> = {
  answer: proseBlock,
  breakit: breakItBlock,
  exercise: exerciseBlock,
  hint: hintBlock,
  glossary: glossaryBlock,
  kafka: proseBlock,
  listing: listingBlock,
  note: proseBlock,
  notes: notesBlock,
  output: outputBlock,
  predict: proseBlock,
  rosetta: rosettaBlock,
  sequence: diagramBlock,
  simplified: simplifiedBlock,
  source: sourceBlock,
  sources: sourcesBlock,
  states: diagramBlock,
  table: (block) => markdown(block, markdownTable(block.info, block.where)),
  tour: tourBlock,
}
