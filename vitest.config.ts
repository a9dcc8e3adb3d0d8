import { availableParallelism } from 'node:os'
import type { Plugin } from 'vitest/config'
import { defineConfig } from 'vitest/config'
import { CoversReporter } from './scripts/book/coversReporter.ts'

/** `npm run scenarios` reads what this reporter saw; the usual ones stay. */
const covers: Plugin = {
  name: 'covers',
  configureVitest: ({ vitest }) => {
    vitest.config.reporters.push(new CoversReporter())
  },
}

// Suites share one process per worker (no isolation): a file is loaded once, as in a real program.
export default defineConfig({
  plugins: [covers],
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'chapters/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      'test/kafka/**',
      'test/browser/**',
      'test/book/**',
      'test/site/**',
    ],
    isolate: false,
    maxWorkers: Math.max(2, availableParallelism() / 2),
    testTimeout: 20_000,
  },
})
