/** Who may import whom (architecture): read from the imports of every file, so that a forbidden arrow fails here. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const rooms = ['broker', 'services', 'firmware-sim', 'dashboard']
const servicesShared = [
  'ports',
  'tables',
  'config',
  'errors',
  'log',
  'audit',
  'settings-table',
  'consent',
  'report-files',
  'csv',
  'gather',
  'water-path',
  'water-price',
  'harmless-outputs',
  'battery-left',
  'battery-days',
  'warn-at',
  'outage',
  'valve-test',
  'by-hand',
  'counted-litres',
  'season-end',
  'mail-settings',
  'org-zone',
  'own-version',
  'idle-thread',
  'idle-worker',
  'export-format',
  'in-pages',
  'breath',
  'in-turns',
  'pace',
].map((name) => `services/${name}.ts`)

type Rule = { may: string[]; packages?: RegExp; node?: boolean }

/** What a file may import: folders or files of ours, packages, node's own modules. The first matching prefix counts. */
const rules: [prefix: string, rule: Rule][] = [
  ['broker/contract/', { may: ['broker/contract/'], packages: /^typebox(\/|$)/ }],
  ['broker/', { may: ['broker/'], packages: /./, node: true }],
  ['services/agronomy/', { may: ['services/agronomy/'] }],
  [
    'services/adapters/',
    { may: ['broker/contract/', 'services/adapters/', ...servicesShared], packages: /./, node: true },
  ],
  ['services/tables', { may: ['broker/contract/', 'services/agronomy/', 'services/tables/'] }],
  // the composition root, and what only it uses
  ['services/main.ts', { may: ['services/', 'broker/'], packages: /./, node: true }],
  ['services/cli/verify-audit.ts', { may: ['services/'], node: true }],
  [
    'services/config/settings.ts',
    {
      may: [
        'broker/contract/',
        'services/config/mail-settings.ts',
        'services/config/map-tiles.ts',
        'services/config/secret-files.ts',
        'services/config/settings-table.ts',
        'services/config/broker-settings.ts',
      ],
      node: true,
    },
  ],
  ['services/audit/rejection-log.ts', { may: ['broker/', ...servicesShared] }],
  ['services/cli/tilth.ts', { may: ['services/'], node: true }],
  ['services/backup/', { may: ['services/', 'broker/contract/'], packages: /./, node: true }],
  [
    'services/commands/',
    { may: ['services/', 'broker/contract/'], packages: /^(kysely|libsql)$/, node: true },
  ],
  // the rule by which water is given is the plan's; it is learned at night like every model
  [
    'services/learn/',
    {
      may: [
        ...['broker/contract/', 'services/agronomy/', 'services/plan/demand/'],
        ...[
          'services/irrigation-model/weather-history.ts',
          'services/report/yields/season-yield.ts',
          ...servicesShared,
        ],
      ],
      packages: /./,
      node: true,
    },
  ],
  // makes files beside the event loop: a root of its own, with the stores that it opens
  ['services/report-thread/', { may: ['services/adapters/', 'services/report/', ...servicesShared] }],
  ['services/start', { may: ['services/', 'broker/'], packages: /./, node: true }],
  [
    'services/',
    { may: ['broker/contract/', 'services/agronomy/', ...servicesShared], packages: /./, node: true },
  ],
  // the simulator's own roots join devices and a whole Tilth; the field itself knows nothing of Tilth's models
  [
    'firmware-sim/demo/',
    {
      may: ['firmware-sim/', 'broker/', 'services/app/start.ts', ...servicesShared],
      packages: /./,
      node: true,
    },
  ],
  ['firmware-sim/', { may: ['firmware-sim/', 'broker/contract/'], packages: /./, node: true }],
  ['dashboard/', { may: ['dashboard/', 'broker/contract/', 'services/api/schemas.ts'], packages: /./ }],
]
// node's hash is the one thing beside typebox that the contract needs
const contractMayUseNode = new Map([['broker/contract/mac.ts', ['node:crypto']]])
const buildFiles = new Set([
  'dashboard/vite.config.ts',
  'dashboard/chunks.ts',
  'dashboard/preload-manifest.ts',
  'dashboard/plain-icons.ts',
  'dashboard/compress-files.ts',
  'dashboard/print-sizes.ts',
  'dashboard/split-words.ts',
])

describe('imports', () => {
  const files = rooms.flatMap(sourcesUnder)

  it('finds the source files', () => expect(files.length).toBeGreaterThan(10))

  it.each(files)('%s imports only what its room allows', (file) => {
    if (buildFiles.has(file)) return
    expect(importsOf(file).filter((target) => !isAllowed(file, target))).toEqual([])
  })

  it('services/api/schemas.ts reaches the dashboard as types only', () => {
    const values = files
      .filter((file) => file.startsWith('dashboard/'))
      .filter((file) =>
        /^import (?!type\b)[^;]*?from '[^']*services\//m.test(readFileSync(join(root, file), 'utf8')),
      )
    expect(values).toEqual([])
  })

  it('the rule itself catches a forbidden arrow', () => {
    expect(isAllowed('firmware-sim/field/soil.ts', 'services/agronomy/evapotranspiration/et0.ts')).toBe(false)
    expect(isAllowed('services/plan/run/planner.ts', 'services/estimate/estimate.ts')).toBe(false)
    expect(isAllowed('services/agronomy/evapotranspiration/et0.ts', 'node:fs')).toBe(false)
    expect(isAllowed('dashboard/src/api.ts', 'node:fs')).toBe(false)
    expect(isAllowed('broker/journal/journal.ts', 'services/errors.ts')).toBe(false)
    expect(isAllowed('broker/contract/topics.ts', 'aedes')).toBe(false)
  })
})

function isAllowed(file: string, target: string): boolean {
  const rule = rules.find(([prefix]) => file.startsWith(prefix))?.[1]
  if (!rule) return false
  if (target.startsWith('node:'))
    return rule.node === true || contractMayUseNode.get(file)?.includes(target) === true
  if (!rooms.some((room) => target.startsWith(`${room}/`))) return rule.packages?.test(target) ?? false
  if (file.startsWith('services/') && sameModule(file, target)) return true
  return rule.may.some((allowed) => target.startsWith(allowed))
}

/** services/plan/a.ts and services/plan/b.ts are one module. */
function sameModule(file: string, target: string): boolean {
  const [, module, inner] = file.split('/')
  return inner !== undefined && target.startsWith(`services/${module}/`)
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^'"`]*?from\s*['"]([^'"]+)['"]/g)]
  const bare = [...text.matchAll(/(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g)]
  const dynamic = [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)]
  return [...found, ...bare, ...dynamic].map(([, target]) =>
    target!.startsWith('.') ? relative(root, join(root, dirname(file), target!)) : target!,
  )
}

function sourcesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesUnder(path)
    return /\.(ts|svelte)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}
