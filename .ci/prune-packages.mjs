// Leaves in node_modules what a farm runs, and nothing else: the same packages as in the Debian package and the bill of
// materials. `npm prune --omit=dev` would keep a test runner and a bundler (docs/decisions/0007-bill-of-materials.md).
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { lockedPaths, runtimePaths } from './packages.mjs'

const root = join(import.meta.dirname, '..')
const needed = new Set(runtimePaths())
for (const path of lockedPaths)
  if (!needed.has(path)) rmSync(join(root, path), { recursive: true, force: true })
rmSync(join(root, 'node_modules/.bin'), { recursive: true, force: true })
