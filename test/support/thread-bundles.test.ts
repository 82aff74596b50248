/** The bundles that worker threads of tests start from. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { createLearnWorker } from '../../services/learn/thread.ts'
import { bundleDir, threadWorkers } from './thread-bundles.ts'

it('every thread of the services has a bundle', () => {
  expect(threadWorkers().length).toBeGreaterThan(4)
  for (const name of threadWorkers())
    expect([name, existsSync(join(bundleDir, `${name}.js`))]).toEqual([name, true])
})

it('a client in a test starts the bundle', () => {
  expect(createLearnWorker.toString()).toContain(pathToFileURL(bundleDir).href)
})
