/** The scenarios of the small figures, each loaded when its figure comes into view. */

import type { Controls, Hands, Scenario } from '../../../../lab/Scenario.ts'

/**
 * A scenario whose names of settings a figure does not know. Sound, because a run always has its
 * scenario's own settings: what a figure leaves out is at its default.
 */
const generic = <C extends Controls, H extends Hands>(scenario: Scenario<C, H>): Scenario =>
  scenario

export const loadLogBetween = async (): Promise<Scenario> =>
  generic(
    (await import('../../../../chapters/00-the-journey-of-a-record/figures/logBetween.ts'))
      .logBetween,
  )

export const loadOrder = async (): Promise<Scenario> =>
  generic((await import('../../../../chapters/00-the-journey-of-a-record/figures/order.ts')).order)

export const loadCompany = async (): Promise<Scenario> =>
  generic(
    (await import('../../../../chapters/00-the-journey-of-a-record/figures/company.ts')).company,
  )

export const loadTwice = async (): Promise<Scenario> =>
  generic((await import('../../../../chapters/00-the-journey-of-a-record/figures/twice.ts')).twice)

export const loadCopyOnWrite = async (): Promise<Scenario> =>
  generic(
    (await import('../../../../chapters/06-record-accumulator/figures/copyOnWrite.ts')).copyOnWrite,
  )

export const loadReady = async (): Promise<Scenario> =>
  generic((await import('../../../../chapters/06-record-accumulator/figures/ready.ts')).ready)
