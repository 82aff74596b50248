/**
 * The drill: restores a backup into a temporary folder as `restore` does, and compares what is there with what was counted
 * when the backup was taken.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditedOrgs, verifyAudit } from '../audit/audit-log.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import { fail } from '../errors.ts'
import { readArchive, type Manifest } from './archive.ts'
import { restoreBackup, type OnProgress, type OpenState } from './restore.ts'
import { countRows, type RowCounts } from './row-counts.ts'

export interface VerifiedBackup {
  file: string
  manifest: Manifest
  tables: number
  rows: number
  /** organisations whose chain of the audit is whole */
  audits: number
  /** null: the readings are in another store */
  readings: number | null
}

/** A restore removes rows of these, because what they allow must not come back. */
const thinned = new Set(['claim', 'invitation_code', 'password_link', 'session'])

/**
 * `path`: a backup, or a folder whose newest `.tar` is taken. STORE_CORRUPT names the first part that does not match;
 * NOT_FOUND without a backup; CONFLICT for one that was taken before counts were.
 */
export async function verifyBackup(
  path: string,
  { nowMs, onProgress, openState }: { nowMs: AtMs; onProgress: OnProgress; openState: OpenState },
): Promise<VerifiedBackup> {
  const file = backupIn(path)
  const { files, rows } = readArchive(file)
  if (rows === undefined)
    fail('CONFLICT', `${file} is complete and was taken by a Tilth that counted no rows: take another one`)
  const has = (name: string) => files.some((entry) => entry.name === name)
  const folder = mkdtempSync(join(tmpdir(), 'tilth-verify-'))
  const inFolder = (name: string) => join(folder, name)
  try {
    const settings = {
      dataDir: folder,
      state: has('state.db') ? `sqlite:${inFolder('state.db')}` : 'elsewhere:',
      series: has('series.db') ? `sqlite:${inFolder('series.db')}` : 'elsewhere:',
      secretsFile: has('secrets.json') ? null : 'elsewhere',
    }
    const { manifest, warnings } = await restoreBackup(settings, file, { nowMs, onProgress, openState })
    const isWhole = has('state.db')
    // without a state the one warning names its place
    if (warnings.length > (isWhole ? 0 : 1)) fail('STORE_CORRUPT', warnings.join('; '))
    const audits = isWhole ? await wholeAudits(inFolder('state.db'), openState) : 0
    let tables = 0
    let total = 0
    for (const [name, counted] of Object.entries(rows)) {
      compare(name, counted, countRows(inFolder(name)), name === 'state.db' ? audits : 0)
      tables += Object.keys(counted).length
      total += sum(counted)
    }
    const { hot = 0, cold = 0 } = rows['series.db'] ?? {}
    return { file, manifest, tables, rows: total, audits, readings: has('series.db') ? hot + cold : null }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function backupIn(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false }) ?? fail('NOT_FOUND', `there is no ${path}`)
  if (!found.isDirectory()) return path
  const newest = readdirSync(path)
    .filter((name) => name.endsWith('.tar'))
    .map((name) => join(path, name))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
    .at(-1)
  return newest ?? fail('NOT_FOUND', `there is no backup (*.tar) in ${path}`)
}

/** The audit has one line more for each organisation: that of the restore. */
function compare(name: string, counted: RowCounts, found: RowCounts, audits: number): void {
  for (const [table, rows] of Object.entries(counted)) {
    // a later version migrates what it restores
    if (table.startsWith('kysely_')) continue
    const expected = table === 'audit' ? rows + audits : rows
    const actual = found[table]
    if (
      actual === expected ||
      (name === 'state.db' && thinned.has(table) && actual !== undefined && actual < expected)
    )
      continue
    fail(
      'STORE_CORRUPT',
      `${table} of ${name} has ${actual ?? 'no'} rows after the restore, ${expected} were counted`,
    )
  }
}

/** STORE_CORRUPT when one is broken; returns their number. */
async function wholeAudits(path: string, openState: OpenState): Promise<number> {
  const { state, close } = await openState(path)
  try {
    const orgs = await auditedOrgs(state)
    for (const org of orgs) {
      const { broken } = await verifyAudit(state, org)
      if (broken) fail('STORE_CORRUPT', `the audit of ${org} is broken at line ${broken.n}: ${broken.reason}`)
    }
    return orgs.length
  } finally {
    await close()
  }
}

const sum = (counts: RowCounts): number => Object.values(counts).reduce((total, rows) => total + rows, 0)
