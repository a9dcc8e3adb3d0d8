/**
 * What can go wrong in a simulated run, as data: drawn before the run begins, told when it fails,
 * done by `Misfortunes`.
 */

import type { ApiName, FaultErrorName, FaultMoment } from '../../src/broker/faults/Faults.ts'
import type { LinkSettings } from '../../src/network/nio/MemoryLink.ts'
import type { Dice } from './Dice.ts'

export interface TopicPlan {
  readonly name: string
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
}

export type FaultPlan =
  | { readonly kind: 'error'; readonly name: FaultErrorName }
  | { readonly kind: 'delay'; readonly ms: number; readonly when: FaultMoment }
  | { readonly kind: 'drop'; readonly when: FaultMoment }
  | { readonly kind: 'disconnect'; readonly when: FaultMoment; readonly afterBytes?: number }

export interface RequestFault {
  readonly kind: 'fault'
  readonly api: ApiName
  readonly broker: number | undefined
  readonly partition: number | undefined
  readonly times: number
  readonly action: FaultPlan
}

/** One thing that goes wrong; what lasts is over after `forMs`. */
export type Mischief =
  | RequestFault
  | { readonly kind: 'kill' | 'stop'; readonly broker: number; readonly forMs: number }
  | {
      readonly kind: 'moveLeader'
      readonly topic: string
      readonly partition: number
      readonly broker: number
    }
  | { readonly kind: 'breakConnections'; readonly a: string; readonly b: string }
  | {
      readonly kind: 'cutAfter'
      readonly from: string
      readonly to: string
      readonly bytes: number
    }
  | {
      readonly kind: 'loseNext'
      readonly from: string
      readonly to: string
      readonly count: number
    }
  | { readonly kind: 'partition'; readonly a: string; readonly b: string; readonly forMs: number }

/** By time, milliseconds from the moment on at which the programs of a run begin. */
export type Timetable = readonly { readonly atMs: number; readonly what: Mischief }[]

/** The name of a broker on the network. */
export const hostOf = (broker: number): string => `broker-${broker}`

export const linkPlan = (dice: Dice, calm: boolean): Partial<LinkSettings> => ({
  latencyMs: dice.pick<LinkSettings['latencyMs']>(0, 1, [0, 3], [1, 30], [20, 60]),
  segmentBytes: dice.pick<LinkSettings['segmentBytes']>(65_536, 65_536, [200, 3000]),
  ...(dice.chance(0.2) && { bytesPerMs: dice.pick(20, 100, 1000) }),
  ...(!calm && dice.chance(0.3) && { breakChance: dice.pick(0.002, 0.01, 0.03) }),
})

/** What goes wrong between two hosts. */
export const networkPlan = (dice: Dice, a: string, b: string, forMs: number): Mischief =>
  dice.pick<Mischief>(
    { kind: 'breakConnections', a, b },
    { kind: 'cutAfter', from: a, to: b, bytes: dice.between(0, 3000) },
    { kind: 'cutAfter', from: b, to: a, bytes: dice.between(0, 200) },
    { kind: 'loseNext', from: a, to: b, count: dice.between(1, 3) },
    { kind: 'partition', a, b, forMs },
  )

/** What happens to a request of `api`: mostly one of `errors`. */
export const faultPlan = (
  dice: Dice,
  api: ApiName,
  brokers: number,
  errors: readonly FaultErrorName[],
): RequestFault => {
  const when = dice.pick<FaultMoment>('beforeHandling', 'afterHandling')
  return {
    kind: 'fault',
    api,
    broker: dice.chance(0.3) ? dice.between(1, brokers) : undefined,
    partition: api === 'PRODUCE' && dice.chance(0.4) ? dice.between(0, 1) : undefined,
    times: dice.pick(1, 1, 2, 5),
    action: dice.pick<FaultPlan>(
      { kind: 'error', name: dice.pick(...errors) },
      { kind: 'error', name: dice.pick(...errors) },
      { kind: 'delay', ms: dice.pick(5, 100, 2000), when },
      { kind: 'drop', when },
      { kind: 'disconnect', when },
      { kind: 'disconnect', when: 'afterHandling', afterBytes: dice.between(0, 60) },
    ),
  }
}

export const storyOfTopic = ({ name, partitions, configs }: TopicPlan): string =>
  `topic ${name}: ${partitions} partition(s) ${JSON.stringify(configs)}`

export const storyOfMischief = (timetable: Timetable): string[] =>
  timetable.map(({ atMs, what }) => `at ${atMs} ms: ${JSON.stringify(what)}`)
