// The packages that a farm runs, from the lock file alone and on whatever machine: what `npm ci --omit=dev --omit=optional`
// installs, and what the build puts into the page. (npm counts the test runner and the bundler among the optional peers of
// better-auth, so `--omit=dev` alone keeps them.)
import { readFileSync, readdirSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8'))
export const { '': tilth, ...locked } = packages

/** [{ name, version, integrity, licence, isInPage }], by name and version. */
export function shippedPackages() {
  const page = importedByPage()
  const shipped = new Map()
  for (const [path, entry] of Object.entries(locked)) {
    const name = nameOf(path)
    const isInPage = page.has(name) && path === `node_modules/${name}`
    if ((entry.dev || entry.optional || entry.devOptional) && !isInPage) continue
    const { version, integrity, license } = entry
    shipped.set(`${name}@${version}`, { name, version, integrity, licence: license ?? null, isInPage })
  }
  return [...shipped.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1))
}

export const nameOf = (path) => path.split('node_modules/').at(-1)

/** Names of the packages that the sources of the page import, types apart. */
function importedByPage() {
  const folder = new URL('dashboard/src/', root)
  const names = new Set()
  for (const file of readdirSync(folder, { recursive: true })) {
    if (!/\.(ts|svelte)$/.test(file)) continue
    const source = readFileSync(new URL(file, folder), 'utf8')
    for (const [, isType, name] of source.matchAll(
      /^\s*import (type )?[^'"]*?['"]((?:@[^/'"]+\/)?[^./'"][^/'"]*)/gm,
    ))
      if (!isType) names.add(name)
  }
  return names
}
