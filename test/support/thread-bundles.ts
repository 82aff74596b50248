/**
 * In tests the worker threads start from bundles: a start through tsx takes 2 s of a processor, a start of
 * a bundle 0.1 s. `worker-thread.test.ts` starts its thread from the sources.
 */
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'vite'
import type { TestProject } from 'vitest/node'
import { systemClock } from '../../broker/contract/time.ts'

const root = join(import.meta.dirname, '../..')
export const bundleDir = join(root, 'test-output/threads')
const stamp = join(bundleDir, '.built')
const sources = ['broker', 'services', 'package-lock.json', 'test/support/thread-bundles.ts']
// packages that read files next to their own, and one whose ES module is not the one that Node loads
const external = ['highs', 'pdfkit', 'ml-regression']

/** Clients of threads look for `thread-worker.js` among the bundles. */
export const threadBundles = (): Plugin => ({
  name: 'tilth-thread-bundles',
  transform(code, id) {
    const file = relative(root, id)
    if (!/^(broker|services)\//.test(file) || !/createWorkerClient\(|startWorker\(import/.test(code))
      return null
    const bundled = pathToFileURL(join(bundleDir, file)).href.replace(/\.ts$/, '.js')
    return { code: code.replaceAll('import.meta.url', JSON.stringify(bundled)), map: null }
  },
})

/** A bundled module knows its folder in the sources. */
const ownFolder = (): Plugin => ({
  name: 'own-folder',
  transform: (code, id) =>
    code.includes('import.meta.dirname')
      ? { code: code.replaceAll('import.meta.dirname', JSON.stringify(dirname(id))), map: null }
      : null,
})

export default async function (project: TestProject): Promise<void> {
  await bundleWhenNeeded()
  project.onTestsRerun(bundleWhenNeeded)
}

async function bundleWhenNeeded(): Promise<void> {
  const startedMs = systemClock.now()
  if (existsSync(stamp) && Math.max(...sources.map(newestMs)) <= statSync(stamp).mtimeMs) return
  rmSync(stamp, { force: true })
  await bundle(threadWorkers(), bundleDir)
  writeFileSync(stamp, '')
  utimesSync(stamp, startedMs / 1000, startedMs / 1000)
}

/** Bundles modules, named without their suffix, each under the same name in `outDir`, which is a folder of this project. */
export async function bundle(names: readonly string[], outDir: string): Promise<void> {
  await build({
    configFile: false,
    root,
    publicDir: false,
    plugins: [ownFolder()],
    logLevel: 'warn',
    resolve: { mainFields: ['main'] }, // as Node resolves
    ssr: { noExternal: true, external },
    build: {
      ssr: true,
      target: 'node20',
      minify: false,
      outDir,
      emptyOutDir: true,
      rollupOptions: {
        input: Object.fromEntries(names.map((name) => [name, join(root, `${name}.ts`)])),
      },
    },
  })
}

/** The modules that are started as threads, without their suffix. */
export const threadWorkers = (): string[] =>
  ['broker', 'services'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('/thread-worker.ts'))
      .map((path) => join(folder, path.slice(0, -'.ts'.length))),
  )

function newestMs(path: string): number {
  const stat = statSync(join(root, path))
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(join(root, path)).map((name) => newestMs(join(path, name))))
}
