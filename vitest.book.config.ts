import { defineConfig } from 'vitest/config'

// What runs the book: the code in its prose. Slower than a suite of `npm test` may be.
export default defineConfig({
  test: {
    include: ['test/book/**/*.test.ts'],
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
