import { defineConfig } from 'vitest/config'

// Tests against software that we did not write; `npm run test:kafka` prepares what they need.
export default defineConfig({
  test: {
    include: ['test/kafka/**/*.test.ts'],
    isolate: false,
    fileParallelism: false,
    maxConcurrency: 2,
    testTimeout: 90_000,
    hookTimeout: 120_000,
    globalSetup: 'test/kafka/support/globalSetup.ts',
  },
})
