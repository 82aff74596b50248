import { defineConfig } from 'vitest/config'
import { LongestFirst } from './support/longest-first.ts'
import { threadBundles } from './support/thread-bundles.ts'

/** Where a test stands or what it is called is its lane; what matches none is in the fast lane (docs/testing.md). */
const lanes = {
  system: ['test/system/**/*.test.ts', 'test/**/*.system.test.ts'],
  e2e: ['test/e2e/**/*.test.ts', 'test/**/*.e2e.test.ts'],
  gates: ['test/**/*.gate.test.ts'],
}

// suites of the fast lane that read and write the state store: with TEST_STATE=postgres they run on PostgreSQL (npm run
// test:postgres)
const onPostgres = [
  'test/services/{audit,dispatch,estimate,ingest,report}/**/*.test.ts',
  'test/services/api/{audit,co-op,export,farms,integrations,irrigation,models,pests,photos,records}/**/*.test.ts',
  'test/services/api/auth/{erase,password-links}.test.ts',
  'test/services/api/http/two-organisations.test.ts',
  'test/services/learn/{start-learn,model-store}.test.ts',
  'test/services/runtime/{job-runner,paging}.test.ts',
  'test/services/adapters/postgres/*.test.ts',
]
// what is asserted there is of SQLite, or of a virtual clock that takes a minute for each query that waits
const notOnPostgres = [
  'test/services/api/co-op/import-members.test.ts',
  'test/services/dispatch/flow/flow-latch.test.ts',
  'test/services/dispatch/interlocks/paddy-pair.test.ts',
  'test/services/dispatch/controllers/clock-change.test.ts',
]

// these wait for other programs: in CI a test that fails on a busy machine runs once more, and the report names it (retry x1)
const retry = process.env.CI === 'true' ? 1 : 0

// these end what hangs; a machine that runs several lanes at once is four times slower
const patience = process.env.CI === 'true' ? 4 : 1

const build = ['test/support/build.ts']

// on two cores: these lanes also wait, for other programs and for pages. They run one after the other, after the others
const system = { maxWorkers: 3, isolate: false, sequence: { groupOrder: 1 } }
const e2e = { maxWorkers: 4, isolate: false, sequence: { groupOrder: 2 } }

export default defineConfig({
  plugins: [threadBundles()],
  test: {
    root: '.',
    environment: 'node',
    reporters: ['default', 'test/support/durations-reporter.ts'],
    globalSetup: ['test/support/run-dir.ts', 'test/support/thread-bundles.ts'],
    setupFiles: ['test/support/seed.ts'],
    testTimeout: patience * 30_000,
    hookTimeout: patience * 60_000,
    // what is waited for comes later on a machine that is busy
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // more room for objects that do not live long: less garbage collection
    execArgv: ['--max-semi-space-size=64'],
    // transformed modules are kept in node_modules: the next run starts sooner
    experimental: { fsModuleCache: true },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: Object.values(lanes).flat(),
          // a worker loads each module once, for all of its files
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'system', include: lanes.system, globalSetup: build, retry, ...system },
      },
      {
        extends: true,
        test: { name: 'e2e', include: lanes.e2e, globalSetup: build, retry, ...e2e },
      },
      ...(process.env.TEST_STATE === 'postgres'
        ? [
            {
              extends: true as const,
              test: {
                name: 'postgres',
                include: onPostgres,
                exclude: [...Object.values(lanes).flat(), ...notOnPostgres],
                isolate: false,
              },
            },
          ]
        : []),
      { extends: true, test: { name: 'gates', include: lanes.gates, env: { FC_RUNS: 'full' } } },
    ],
  },
})
