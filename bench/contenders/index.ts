/** The contenders by the names of the command line; each file is loaded when it is asked for. */

import type { Contender } from './Contender.ts'

/** The contender of this name. Only its own client is loaded: memory is measured too. */
export const loadContender = async (name: string): Promise<Contender> => {
  switch (name) {
    case 'ours':
    case 'ours-node24':
      return (await import('./ours.ts')).ours
    case 'ours-awaited':
      return (await import('./ours.ts')).oursAwaited
    case 'ours-spread':
      return (await import('./ours.ts')).oursSpread
    case 'kafkajs-single':
      return (await import('./kafkajs.ts')).kafkajsSingle
    case 'kafkajs-100':
      return (await import('./kafkajs.ts')).kafkajs100
    case 'kafkajs-1000':
      return (await import('./kafkajs.ts')).kafkajs1000
    case 'platformatic-single':
      return (await import('./platformatic.ts')).platformaticSingle
    case 'platformatic-100':
      return (await import('./platformatic.ts')).platformatic100
    case 'platformatic-1000':
      return (await import('./platformatic.ts')).platformatic1000
    case 'platformatic-stream':
      return (await import('./platformatic.ts')).platformaticStream
    default:
      throw new Error(`There is no contender '${name}'`)
  }
}
