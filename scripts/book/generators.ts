/**
 * Everything that `npm run update` writes. A new generator is one more line here; the tests
 * (test/house/generated.test.ts, and test/book/generated.test.ts for what is slow) find it.
 */

import { kafkaVersion } from '../kafka-version.ts'
import { demos } from './demos.ts'
import { diagrams } from './diagrams.ts'
import type { Generated } from './Generated.ts'
import { literateGenerated } from './literate.ts'
import { tourGenerated } from './tour/generated.ts'
import { launchGenerated } from './tour/launch.ts'
import { breakItsGenerated } from './try/generated.ts'

export const GENERATORS: readonly Generated[] = [
  breakItsGenerated,
  demos,
  diagrams,
  kafkaVersion,
  launchGenerated,
  literateGenerated,
  tourGenerated,
]
