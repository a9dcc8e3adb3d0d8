/**
 * What a chapter's `diagrams.ts` exports: pictures by name, each made from a run.
 *
 *     export const diagrams = defineDiagrams({ journey: async () => sequenceOf(…) })
 *
 * `npm run update` makes them and writes `diagrams/<name>.json` beside it; the page draws that.
 */

import type { SequenceDiagram } from './Sequence.ts'
import type { StatesDiagram } from './States.ts'

export type Diagram = SequenceDiagram | StatesDiagram
export type Diagrams = Readonly<Record<string, () => Promise<Diagram>>>

/** Keeps the names while it checks the types. */
export const defineDiagrams = <const D extends Diagrams>(diagrams: D): D => diagrams
