/**
 * What moves on the stage, and where each of it is at one moment.
 *
 *     request  an envelope: in a slot, on a track, in a queue
 *     batch    a bracket: in a lane, or in its request's envelope
 *     record   a slip: at a station, in its batch, then at its offset in the log
 *     read     the copy of a stored record that goes on to the consumer; until it goes, it rests
 *              behind the stored one
 *
 * I1  Every record, batch and request of a scene, and every stored record, has one place or none.
 * I2  A thing keeps its key from its first place to its last, so a change of place is a move.
 * I3  What has no room is folded: it stands behind its neighbour, and `more` says how many do.
 */

import { batchTokens } from './batchTokens.ts'
import { castOf } from './cast.ts'
import { frameOf } from './frame.ts'
import { readTokens, recordTokens } from './recordTokens.ts'
import { dotTokens, requestTokens } from './requestTokens.ts'
import type { More, Staged, Staging, Token } from './staged.ts'

export const stageOf = (staging: Staging): Staged => {
  const { scene, shape, partitions } = staging
  const cast = castOf(scene, partitions)
  const frame = frameOf(shape, cast.lanes.length)
  const set = { ...staging, cast, frame, more: [] as More[] }
  const requests = requestTokens(set)
  const batches = batchTokens(set, requests)
  const stored = recordTokens(set, requests, batches)
  const reads = readTokens(set, requests)
  return {
    frame,
    cast,
    requests: inOrder(requests),
    batches: inOrder(batches),
    records: inOrder(stored),
    reads: inOrder(reads),
    dots: dotTokens(set),
    more: set.more,
  }
}

/**
 * The same order at every moment: an element that changes its place among others loses its move.
 */
const inOrder = <T extends Token>(tokens: readonly T[]): T[] =>
  [...tokens].sort((a, b) => (a.key < b.key ? -1 : 1))
