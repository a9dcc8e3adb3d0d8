/**
 * Says that a test checks a claim of the study notes that the book grew out of, and how it fares.
 *
 *     note('N7', 'holds')
 *     note('N2', 'in part', 'who has no group reads alone; the rest is shown with groups')
 *
 * The table of verdicts is made from these calls, so each is written out in a test, not computed.
 */

export const VERDICTS = [
  'holds',
  'holds with a condition',
  'outdated',
  'wrong',
  /** The test shows a part of the claim; the verdict is given where the rest is shown. */
  'in part',
] as const

export type Verdict = (typeof VERDICTS)[number]

export type NoteId = `N${number}`

const NOTES = 64

/**
 * @param because the condition, since when it is outdated, what is right instead, or which part;
 *   only a claim that holds needs none
 */
export const note = (id: NoteId, verdict: Verdict, because?: string): void => {
  const number = Number(id.slice(1))
  if (!(Number.isInteger(number) && number >= 1 && number <= NOTES)) {
    throw new Error(`There is no note '${id}': they run from N1 to N${NOTES}`)
  }
  if (verdict !== 'holds' && (because === undefined || because === '')) {
    throw new Error(`The verdict '${verdict}' on ${id} needs its reason`)
  }
}
