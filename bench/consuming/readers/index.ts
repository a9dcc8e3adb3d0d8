/** The readers by the names of the command line; each file is loaded when it is asked for. */

import type { ReadAll } from './OpenReader.ts'

/** The reader of this name. Only its own client is loaded: memory is measured too. */
export const loadReader = async (name: string): Promise<ReadAll> => {
  switch (name) {
    case 'ours':
    case 'ours-node24':
      return (await import('./ours.ts')).oursPoll
    case 'ours-for-await':
      return (await import('./ours.ts')).oursForAwait
    case 'kafkajs-batch':
      return (await import('./kafkajs.ts')).kafkajsBatch
    case 'kafkajs-message':
      return (await import('./kafkajs.ts')).kafkajsMessage
    case 'platformatic-stream':
      return (await import('./platformatic.ts')).platformaticStream
    default:
      throw new Error(`There is no reader '${name}'`)
  }
}
