/**
 * What the Sender found when it looked last: for one broker, in a word or two.
 */

import { is } from '../../../../../lab/moments.ts'
import type { Recording } from '../../../../../lab/Recording.ts'

/** A look is a few moments back at most; further there is none. */
const FAR = 400

/**
 * @returns `''` before the first look; otherwise whether the broker had something to get, and if it
 *   had, whether the network client could take it
 */
export const senderLookAt = (recording: Recording, index: number, node: number): string => {
  let refused = false
  for (let i = index; i >= Math.max(0, index - FAR); i--) {
    const moment = recording.moments[i]!
    if (is(moment, 'clients.networkClient.ready') && moment.fields.node === node) {
      refused ||= !moment.fields.ready
    }
    if (!is(moment, 'producer.accumulator.ready')) continue
    if (!moment.fields.readyNodes.includes(node)) return 'nothing ready'
    return refused ? 'cannot send now' : 'ready'
  }
  return ''
}
