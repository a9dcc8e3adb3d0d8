/**
 * What every contender that reads can do, whoever made it: hand over each value of a topic, from
 * its beginning, until so many have come.
 *
 * Whether records come one by one or in arrays is the contender's way; `take` gets each of them.
 */

import type { Tally } from '../Tally.ts'

export interface ReadSetting {
  readonly bootstrap: string
  readonly topic: string
  readonly partitions: number
  /** A name that no other reader has: who needs a group reads from the beginning with it. */
  readonly group: string
  /** The file to import, for a peer that is not among this project's dependencies. */
  readonly modulePath: string | null
}

/** Reads until `tally` has what it waits for; resolves when everything is closed. */
export type ReadAll = (setting: ReadSetting, tally: Tally) => Promise<void>
