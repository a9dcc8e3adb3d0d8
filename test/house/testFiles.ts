/** The text of every test file and test helper, for checks of what stands in them. */

import { readdirSync, readFileSync } from 'node:fs'
import { ROOT } from '../../scripts/book/chapters.ts'

export interface TestFile {
  /** From the root. */
  readonly path: string
  readonly text: string
}

export const testFiles = (): TestFile[] =>
  ['chapters', 'src', 'test'].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
      .filter((file) => file.endsWith('.test.ts'))
      .sort()
      .map((path) => ({ path, text: readFileSync(ROOT + path, 'utf8') })),
  )
