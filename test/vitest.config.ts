import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: '.',
    include: ['test/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['test/support/seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // what is waited for comes later on a machine that is busy
    expect: { poll: { timeout: 15_000 } },
    // two cores, and system tests start servers of their own
    maxWorkers: 2,
    fileParallelism: true,
  },
})
