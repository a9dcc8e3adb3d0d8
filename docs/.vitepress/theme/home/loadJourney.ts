/**
 * The scenario of the home page, which is that of chapter 00; loaded when the figure is in view.
 */

import type { Scenario } from '../../../../lab/Scenario.ts'

export const loadJourney = async (): Promise<Scenario> =>
  (await import('../../../../chapters/00-the-journey-of-a-record/lab.ts')).journey
