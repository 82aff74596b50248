// The packages that a farm runs, from the lock file alone and on whatever machine: what Tilth requires, its optional ones (the SQLite
// binding that Node 20 needs, PostgreSQL), and what the build puts into the page. (npm counts the test runner and the bundler among the optional
// peers of better-auth: `npm ci --omit=dev` installs them, `npm ci --omit=dev --omit=optional` does not.)
import { existsSync, readFileSync, readdirSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8'))
export const { '': tilth, ...locked } = packages
/** The folders of all packages that `npm ci` installs, from the root of the project. */
export const lockedPaths = Object.keys(locked)

/** [{ name, version, integrity, licence, isInPage, isOptional }], by name and version. */
export function shippedPackages() {
  const page = importedByPage()
  const optional = requiredBy(Object.keys(tilth.optionalDependencies))
  const shipped = new Map()
  for (const [path, entry] of Object.entries(locked)) {
    const name = nameOf(path)
    const isInPage = page.has(name) && path === `node_modules/${name}`
    const isOptional = optional.has(name)
    const isRequired = !entry.dev && !entry.optional && !entry.devOptional
    if (!isRequired && !isOptional && !isInPage) continue
    const { version, integrity, license } = entry
    shipped.set(`${name}@${version}`, {
      name,
      version,
      integrity,
      licence: license ?? null,
      isInPage,
      isOptional,
    })
  }
  return [...shipped.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1))
}

/** The folders of the packages that a farm runs on this machine, from the root of the project. */
export function runtimePaths() {
  const optional = requiredBy(Object.keys(tilth.optionalDependencies))
  return Object.entries(locked)
    .filter(([path, entry]) =>
      optional.has(nameOf(path)) ? true : !entry.dev && !entry.optional && !entry.devOptional,
    )
    .map(([path]) => path)
    .filter((path) => existsSync(new URL(path, root)))
}

export const nameOf = (path) => path.split('node_modules/').at(-1)

/** The names themselves, and what those packages require. */
function requiredBy(names) {
  const found = new Set()
  for (const name of names) {
    if (found.has(name)) continue
    found.add(name)
    names.push(...Object.keys(locked[`node_modules/${name}`].dependencies ?? {}))
  }
  return found
}

/** Names of the packages that the sources of the page import, types apart, and of its font. */
function importedByPage() {
  const folder = new URL('dashboard/src/', root)
  const names = new Set(['@fontsource-variable/noto-sans']) // its letters, copied by dashboard/subset-font.mjs
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
