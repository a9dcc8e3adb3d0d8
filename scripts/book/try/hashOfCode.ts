/** The hash of everything that chapters' tests run on, except the chapters themselves. */

import { hashOf } from '../cache.ts'

export const hashOfCode = (): string =>
  hashOf({
    folders: ['src', 'lab', 'test', 'scripts/book/try'],
    leaveOut: /\.test\.ts$|^test\/(browser|kafka|golden)\//,
    files: ['package-lock.json', 'package.json', 'tsconfig.json', 'scripts/chapter.ts'],
  })
