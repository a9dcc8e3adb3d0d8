import { defineConfig } from 'vitest/config'

// What makes and runs the book: listings, links, drawings, the code in its prose, and the examples.
export default defineConfig({
  test: {
    include: ['test/book/**/*.test.ts', 'test/site/**/*.test.ts', 'examples/**/*.test.ts'],
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
