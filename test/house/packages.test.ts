/** The packages that Tilth is made of (B17): locked by content, from the usual registry, few, and listed on request. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
type Locked = {
  version: string
  integrity?: string
  resolved?: string
  hasInstallScript?: boolean
  dev?: boolean
  optional?: boolean
  devOptional?: boolean
  engines?: { node?: string }
  cpu?: string[]
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>
}
const others = Object.entries(packages).filter(([path]) => path !== '')
/** What `npm ci --omit=dev --omit=optional` installs; npm marks in the lock file why each package is there. */
const needed = others.filter(([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional)

/** Paths in the lock file of what the dependencies of Tilth require, found as Node finds a package. */
function requiredByTilth(): Set<string> {
  const found = new Set<string>()
  const queue = [['', packages['']!]] as [string, Locked][]
  for (const [from, entry] of queue) {
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = entry
    const { optionalDependencies = {} } = from === '' ? entry : {}
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional)
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      let folder = from
      while (folder !== '' && !packages[`${folder}/node_modules/${name}`])
        folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')
      const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
      if (found.has(path)) continue
      found.add(path)
      queue.push([path, packages[path]!])
    }
  }
  return found
}

describe('package-lock.json', () => {
  it('names every package by the hash of its content (B17)', () => {
    expect(others.length).toBeGreaterThan(100)
    expect(
      others.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([path]) => path),
    ).toEqual([])
  })

  it('names no registry: the person who installs chooses it (B17)', () => {
    expect(others.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })

  it('runs a farm on fewer than 250 packages, none of them a build tool or with a script', () => {
    expect(needed.length).toBeGreaterThan(50)
    expect(needed.length).toBeLessThan(250)
    const names = needed.map(([path]) => path.split('node_modules/').at(-1)!)
    const buildTools = [
      'vite',
      'vitest',
      'esbuild',
      'rolldown',
      'lightningcss',
      'terser',
      'tsx',
      'svelte',
      'typescript',
      'chai',
    ]
    expect(names.filter((name) => buildTools.includes(name))).toEqual([])
    expect(needed.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([])
  })

  it('has two optional packages of its own: the SQLite of Node 20, whose script finds a prebuilt one and compiles only where there is none, and PostgreSQL', () => {
    expect(Object.keys(packages['']!.optionalDependencies!)).toEqual(['@photostructure/sqlite', 'pg'])
  })

  it('runs on a Raspberry Pi: each package allows arm64, and each native file has its twin for it', () => {
    const paths = [...requiredByTilth()]
    expect(paths.filter((path) => packages[path]?.cpu?.includes('arm64') === false)).toEqual([])
    const native = paths.flatMap((path) =>
      readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.node') && file.includes('linux'))
        .map((file) => join(path, file)),
    )
    const x64 = native.filter((file) => file.includes('linux-x64'))
    expect(x64.length).toBeGreaterThan(0)
    expect(native.toSorted()).toEqual(
      [...x64, ...x64.map((file) => file.replace('linux-x64', 'linux-arm64'))].toSorted(),
    )
  })

  it('runs a farm on no package that needs a newer Node than Tilth', () => {
    const newer = needed.filter(([, { engines }]) => /^\s*(>=|\^)\s*2[1-9]/.test(engines?.node ?? ''))
    expect(newer.map(([path]) => path)).toEqual([])
  })
})

describe('npm run sbom', () => {
  // a registry that does not exist: each request to it fails
  const npm = (...args: string[]) =>
    promisify(execFile)('npm', args, {
      cwd: root,
      env: { ...process.env, npm_config_registry: 'http://127.0.0.1:9/' },
      maxBuffer: 1e8,
    })

  it('lists every package with version, hash and licence, and makes no network request (B17)', async () => {
    const { bomFormat, components } = JSON.parse((await npm('run', '--silent', 'sbom')).stdout) as {
      bomFormat: string
      components: { name: string; version: string; hashes: { content: string }[]; licenses: object[] }[]
    }
    expect(bomFormat).toBe('CycloneDX')
    const inPage = ['@fontsource-variable/noto-sans', '@lucide/svelte', 'leaflet', 'svelte'].map(
      (name) => `node_modules/${name}`,
    )
    const required = [...requiredByTilth(), ...inPage].map(
      (path) => `${path.split('node_modules/').at(-1)}@${packages[path]!.version}`,
    )
    expect(required).toContain(`semver@${packages['node_modules/semver']!.version}`)
    expect(components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
      [...new Set(required)].sort(),
    )
    // as npm run licences writes it
    const page = readFileSync(join(root, 'docs/licences.md'), 'utf8')
    const listed = [...page.matchAll(/^\| (\S+) +\| (\d+\.\d+\.\S+) +\|/gm)].map(
      ([, name, version]) => `${name}@${version}`,
    )
    expect(listed).toEqual(components.map(({ name, version }) => `${name}@${version}`))
    for (const { name, hashes, licenses } of components) {
      expect(hashes[0]!.content, name).toMatch(/^[0-9a-f]{128}$/)
      expect(licenses, name).toHaveLength(1)
    }
  }, 60_000)
})
