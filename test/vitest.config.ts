import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: '.',
    include: ['test/**/*.test.ts'],
    environment: 'node',
    globalSetup: ['test/support/run-dir.ts'],
    setupFiles: ['test/support/seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // what is waited for comes later on a machine that is busy
    expect: { poll: { timeout: 15_000 } },
    // some tests wait for another program on a busy machine: where nobody watches, one that failed is tried once more, and
    // the report names it (retry x1), to be mended
    retry: process.env.CI === 'true' ? 1 : 0,
    // two cores, and system tests start servers of their own
    maxWorkers: 2,
    fileParallelism: true,
  },
})
