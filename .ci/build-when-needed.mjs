// Builds when a source file is newer than the last build. `npm start` and `npm run demo` call it first.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const stamp = 'dist/.built'
const sources = [
  'broker',
  'services',
  'firmware-sim',
  'dashboard',
  'docs/api',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
]

const newest = (path) => {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

// a container or a package ships dist without the sources' tools: nothing to build there
const canBuild = existsSync('node_modules/typescript')
const isBuilt = existsSync(stamp)
if (!canBuild && !isBuilt) {
  console.error('Tilth is not built. Run: npm ci && npm run build')
  process.exit(1)
}
const startedMs = Date.now()
if (canBuild && (!isBuilt || Math.max(...sources.filter(existsSync).map(newest)) > statSync(stamp).mtimeMs)) {
  console.log('Building (about half a minute the first time)…')
  try {
    execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
  } catch {
    console.error('The build failed; see above. `npm run check` tells more.')
    process.exit(1)
  }
  writeFileSync(stamp, '')
  utimesSync(stamp, startedMs / 1000, startedMs / 1000)
}
