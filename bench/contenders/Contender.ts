/**
 * What every contender can do, whoever made it: open, send many, send one, close.
 *
 * All send values without key to a topic that is there already, with acks=all. How many records are
 * outstanding is each contender's own, best choice; it must stay below the ring of `Values`.
 */

import type { Values } from '../values.ts'

export type CompressionName = 'none' | 'lz4'

export interface Setting {
  readonly bootstrap: string
  readonly compression: CompressionName
  /** What the contender's own default is not asked for; those without linger ignore it. */
  readonly lingerMs: number
  /** Bytes of a batch; those that batch by count ignore it. */
  readonly batchSizeBytes: number
  /** The file to import, for a peer that is not among this project's dependencies. */
  readonly modulePath: string | null
  /** Of the topic: for who chooses the partition. */
  readonly partitions: number
}

export interface OpenContender {
  /** Sends `count` values, as fast as it can; resolves with how many were acknowledged. */
  sendAll(topic: string, values: Values, count: number): Promise<number>
  /** Resolves when this one is acknowledged. */
  sendOne(topic: string, value: Buffer): PromiseLike<unknown>
  close(): Promise<void>
}

export type Contender = (setting: Setting) => Promise<OpenContender>

/** Runs `workers` loops over `turns` turns in all; each turn is awaited by its loop. */
export const inParallel = async (
  workers: number,
  turns: number,
  turn: () => Promise<void>,
): Promise<void> => {
  let left = turns
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left--
      await turn()
    }
  }
  await Promise.all(Array.from({ length: Math.min(workers, turns) }, worker))
}
