/** The packages that Tilth is made of (B17): locked by content, from the usual registry, few, and listed on request. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
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
  peer?: boolean
}
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>
}
const others = Object.entries(packages).filter(([path]) => path !== '')
/** What a farm cannot do without; npm marks in the lock file why each package is there. */
const needed = others.filter(([, { dev, optional, peer }]) => !dev && !optional && !peer)

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

  it('runs a farm on fewer than 300 packages; one runs a script when it is installed: a tool that better-auth may use', () => {
    expect(needed.length).toBeGreaterThan(50)
    expect(needed.length).toBeLessThan(300)
    expect(needed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([
      'node_modules/esbuild',
    ])
  })

  it('runs one more script for what Node 20 lacks: it finds the prebuilt SQLite, and compiles only where there is none', () => {
    const optional = others.filter(([, { dev, peer, optional }]) => !dev && !peer && optional)
    expect(optional.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([
      'node_modules/@photostructure/sqlite',
    ])
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
    const { stdout } = await npm('ls', '--omit=dev', '--all', '--parseable', '--package-lock-only')
    const counted = stdout
      .trim()
      .split('\n')
      .slice(1) // the first is Tilth itself
      .map((path) => path.slice(path.indexOf('node_modules/')))
      .map((path) => `${path.split('node_modules/').at(-1)}@${packages[path]!.version}`)
    expect(counted).toContain(`semver@${packages['node_modules/semver']!.version}`)
    expect(components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
      [...new Set(counted)].sort(),
    )
    for (const { name, hashes, licenses } of components) {
      expect(hashes[0]!.content, name).toMatch(/^[0-9a-f]{128}$/)
      expect(licenses, name).toHaveLength(1)
    }
  }, 60_000)
})
