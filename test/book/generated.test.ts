import { expect, test } from 'vitest'
import { compared, type Generated } from '../../scripts/book/Generated.ts'
import { GENERATORS } from '../../scripts/book/generators.ts'
import { tourGenerated } from '../../scripts/book/tour/generated.ts'
import { breakItsGenerated } from '../../scripts/book/try/generated.ts'

/** What has tests of its own: tours.test.ts says what changed at which stop. */
const ELSEWHERE: readonly Generated[] = [breakItsGenerated, tourGenerated]

// What needs many runs; the others are compared in test/house/generated.test.ts.
test('what takes long to generate is in the tree as it is generated', async () => {
  const differing: string[] = []
  for (const generated of GENERATORS.filter(
    (one) => one.slow === true && !ELSEWHERE.includes(one),
  )) {
    for (const { path, state } of await compared(generated)) {
      if (state !== 'same') differing.push(`${path}: ${state}`)
    }
  }
  expect(differing, 'npm run update mends this').toEqual([])
})
