import { defineConfig } from 'vitest/config'

// The built site in a browser; `npm run test:browser` builds it when it must. One browser for all
// files, two files at a time.
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: 'test/browser/support/globalSetup.ts',
  },
})
