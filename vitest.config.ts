import { defineConfig } from 'vitest/config'

// Suites share one process per worker (no isolation): a file is loaded once, as in a real program.
export default defineConfig({
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
    maxWorkers: 2,
    testTimeout: 20_000,
  },
})
