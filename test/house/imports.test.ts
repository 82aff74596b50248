/** The floors of the code (docs/architecture.md): who may import whom. Each rule lists every file that breaks it. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importCircles, readImportGraph } from './import-graph.ts'

const root = join(import.meta.dirname, '../..')
const { files, importsOf, lines, text } = readImportGraph(root, [
  'broker',
  'services',
  'firmware-sim',
  'dashboard/src',
])

const modules = [
  'ingest',
  'connections',
  'broker-users',
  'estimate',
  'learn',
  'alerts',
  'notifications',
  'plan',
  'dispatch',
  'foreign-valves',
  'report',
  'adapters',
  'backup',
  'api',
  'home-assistant',
  'https',
]
/** From the ground up; an import points to a lower floor, or stays in its own folder. */
const floors = [
  ['contract', 'agronomy', 'sqlite'],
  ['errors'],
  ['tables'],
  ['ports'],
  ['runtime'],
  ['config', 'audit', 'domain'],
  ['irrigation-model'],
  ['integrations', 'drivers'],
  modules,
  ['report-thread'],
  ['app'],
  ['cli', 'main'],
]
/** A module imports no other module, but for these. */
const moduleExceptions = new Map<string, string>([])

/** The folder of services/ that a file belongs to ('plan'), 'contract' for the contract, null elsewhere. */
function roomOf(file: string): string | null {
  if (file.startsWith('broker/contract/')) return 'contract'
  if (file.startsWith('broker/sqlite/')) return 'sqlite'
  if (file.startsWith('broker/')) return 'broker'
  return /^services\/([\w-]+)/.exec(file)?.[1] ?? null
}
const floorOf = (room: string): number => floors.findIndex((floor) => floor.includes(room))
const isOurs = (target: string): boolean => /^(broker|services|firmware-sim|dashboard)\//.test(target)

/** 'file -> target' for every import of ours that `isBroken`. */
const broken = (isBroken: (file: string, target: string) => boolean, among = files): string[] =>
  among.flatMap((file) =>
    importsOf(file)
      .filter((target) => isBroken(file, target))
      .map((target) => `${file} -> ${target}`),
  )
const under = (...folders: string[]) =>
  files.filter((file) => folders.some((folder) => file.startsWith(folder)))

describe('imports', () => {
  it('are read from more than a thousand files', () => expect(files.length).toBeGreaterThan(1000))

  it('of services point down, from floor to floor', () => {
    const up = broken((file, target) => {
      const [from, to] = [roomOf(file)!, isOurs(target) ? roomOf(target) : null]
      if (to === null || from === to) return false
      if (to === 'broker') return from !== 'app' && from !== 'cli' && from !== 'main'
      const isException = moduleExceptions.get(`${from} -> ${to}`) !== undefined
      return floorOf(to) < 0 || (floorOf(to) >= floorOf(from) && !isException)
    }, under('services/'))
    expect(up).toEqual([])
    expect(files.filter((file) => file.startsWith('services/') && floorOf(roomOf(file)!) < 0)).toEqual([])
  })

  it('of agronomy stay in agronomy; the contract needs TypeBox and a hash, and no more', () => {
    const loose = broken(
      (_file, target) => !target.startsWith('services/agronomy/'),
      under('services/agronomy/'),
    )
    const wire = broken(
      (file, target) =>
        !target.startsWith('broker/contract/') &&
        !/^typebox(\/|$)/.test(target) &&
        !(file === 'broker/contract/mac.ts' && target === 'node:crypto'),
      under('broker/contract/'),
    )
    expect([...loose, ...wire]).toEqual([])
  })

  it('of the API go from screens to slices to http; a slice reads another by its queries and schemas', () => {
    const slice = (path: string): string | null => /^services\/api\/([\w-]+)\//.exec(path)?.[1] ?? null
    const wrong = broken((file, target) => {
      const [from, to] = [slice(file), slice(target)]
      if (from === null || to === null || from === to || to === 'http' || to === 'ports') return false
      if (from === 'http' || to === 'screens') return true
      // the admin socket is an entrance of its own, next to HTTP
      return from !== 'screens' && from !== 'admin-socket' && !/-(queries|schemas)\.ts$/.test(target)
    }, under('services/api/'))
    const types = broken(
      (_file, target) => target === 'services/api/schemas.ts',
      under('services/', 'broker/'),
    )
    expect([...wrong, ...types]).toEqual([])
  })

  it('of the dashboard reach the contract, and the types of the API', () => {
    const wrong = broken(
      (_file, target) =>
        isOurs(target) &&
        !/^(dashboard|broker\/contract)\//.test(target) &&
        target !== 'services/api/schemas.ts',
      under('dashboard/'),
    )
    const values = under('dashboard/').filter((file) =>
      /^import (?!type\b)[^;]*?from '[^']*services\//m.test(text(file)),
    )
    expect([...wrong, ...values]).toEqual([])
  })

  it('of SQLite stay in Node; stores alone import it', () => {
    const loose = broken((_file, target) => isOurs(target), under('broker/sqlite/'))
    const users = broken(
      (file, target) =>
        target.startsWith('broker/sqlite/') &&
        !/^(broker\/sqlite|broker\/journal|services\/adapters|services\/backup)\//.test(file),
    )
    expect([...loose, ...users]).toEqual([])
  })

  it('of broker, simulator and domain keep to their side', () => {
    const wrong = broken((file, target) => {
      if (file.startsWith('broker/')) return isOurs(target) && !target.startsWith('broker/')
      if (/^firmware-sim\/(demo|decide)\//.test(file)) return target.startsWith('services/agronomy/')
      if (file.startsWith('firmware-sim/'))
        return isOurs(target) && !/^(firmware-sim|broker\/contract)\//.test(target)
      if (file.startsWith('services/runtime/')) return target.startsWith('services/tables')
      if (file.startsWith('services/domain/')) return target.startsWith('node:')
      return false
    })
    expect(wrong).toEqual([])
  })

  it('of the client of PostgreSQL are in its adapter, which a farm on SQLite never loads', () => {
    const folder = 'services/adapters/postgres/'
    expect(broken((file, target) => target === 'pg' && !file.startsWith(folder))).toEqual([])
    // the address is read without a client
    const isLoaded = /^import (?!type ).*from '.*postgres\/(?!address)/m
    expect(files.filter((file) => !file.startsWith(folder) && isLoaded.test(text(file)))).toEqual([])
  })

  it('form no circle, type imports included', () => {
    expect(importCircles({ files, importsOf })).toEqual([])
  })

  it('of a made-up circle are found', () => {
    const made = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    const graph = { files: [...made.keys()], importsOf: (file: string) => made.get(file) ?? [] }
    expect(importCircles(graph)).toEqual([['b', 'c']])
  })
})

describe('transactions', () => {
  it('are opened with the lock of their organisation (runtime/transactions.ts)', () => {
    const own = ['services/runtime/transactions.ts', 'services/adapters/postgres/state.ts']
    const opening = files.filter((file) => /\.transaction\(\)|startTransaction\(/.test(text(file)))
    expect(opening.sort()).toEqual(own.sort())
  })
})

describe('folders', () => {
  it('of broker and services hold at most 28 files; services/ itself holds four', () => {
    const count = new Map<string, number>()
    for (const file of under('broker/', 'services/')) {
      const folder = file.slice(0, file.lastIndexOf('/'))
      count.set(folder, (count.get(folder) ?? 0) + 1)
    }
    expect([...count].filter(([, n]) => n > 28)).toEqual([])
    expect(files.filter((file) => /^services\/[^/]+$/.test(file))).toEqual(
      ['errors', 'main', 'ports', 'tables'].map((name) => `services/${name}.ts`),
    )
  })

  it('hold few files of less than 12 lines that one other file imports', () => {
    const importers = new Map<string, number>()
    for (const file of files)
      for (const target of new Set(importsOf(file))) importers.set(target, (importers.get(target) ?? 0) + 1)
    const small = under('broker/', 'services/').filter(
      (file) => lines(file) < 12 && importers.get(file) === 1,
    )
    // a list that may only become shorter
    expect(small.length).toBeLessThanOrEqual(SMALL_FILES)
  })
})

const SMALL_FILES = 8
