/** `demo.out` of every chapter: what its demo says. */

import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { goldenFile, runnableChapters, toldBy } from '../chapter.ts'
import { type Generated, root } from './Generated.ts'

export const demos: Generated = {
  name: 'golden output of the demos',
  // In `npm test` each chapter's own `demo.test.ts` compares it.
  slow: true,
  files: async () => {
    const files = new Map<string, string>()
    for (const chapter of runnableChapters()) {
      const path = relative(root, fileURLToPath(goldenFile(chapter))).replaceAll('\\', '/')
      files.set(path, await toldBy(chapter))
    }
    return files
  },
}
