/** `tilth backup --verify`: a backup that can be restored whole, and what makes one that cannot. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { openDatabase } from '../../../broker/sqlite/database.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { readArchive, writeArchive } from '../../../services/backup/archive.ts'
import { takeBackup } from '../../../services/backup/take-backup.ts'
import { verifyBackup } from '../../../services/backup/verify-backup.ts'
import { backupCommand } from '../../../services/cli/commands/backup.ts'
import { readSettings, type Settings } from '../../../services/config/settings.ts'
import { isTilthError } from '../../../services/errors.ts'
import { fillTilth } from './small-tilth.ts'

const atMs = Date.parse('2026-07-06T05:20:00Z')

describe('the drill of a restore', () => {
  let dir: string
  let settings: Settings
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tilth-drill-'))
    const read = readSettings({ DATA_DIR: join(dir, 'data') }, null)
    if (!read.ok) throw new Error(read.error)
    settings = read.value
    await fillTilth(settings, atMs)
    return () => {
      vi.unstubAllEnvs()
      rmSync(dir, { recursive: true, force: true })
    }
  })

  const back = (name: string): string => {
    const file = join(dir, name)
    takeBackup(settings, file, { atMs, version: '0.1.0' }, () => {})
    return file
  }
  const verify = (path: string) =>
    verifyBackup(path, { nowMs: atMs, onProgress: () => {}, openState: openSqliteState })
  const failure = (run: Promise<unknown>) =>
    run.then(
      () => null,
      (error: Error) => error,
    )

  it('finds each row, each reading and a whole audit, and leaves nothing behind', async () => {
    const file = back('farm.tar')
    // of its own: other tests verify backups at the same time
    const temporary = join(dir, 'temporary')
    mkdirSync(temporary)
    vi.stubEnv('TMPDIR', temporary)
    const { rows } = readArchive(file)
    expect(rows!['state.db']).toMatchObject({ audit: 2, claim: 1 })
    expect(await verify(file)).toMatchObject({ file, audits: 2, readings: 3 })
    expect(readdirSync(temporary)).toEqual([])
  })

  it('the command prints what it found, for the newest backup of a folder', async () => {
    const older = back('older.tar')
    back('newer.tar')
    utimesSync(older, 1, 1)
    const lines: string[] = []
    const bar = { update() {}, stop() {}, print() {}, aside() {} }
    const result = await backupCommand(['--verify', dir], {
      settings,
      print: (line) => void lines.push(line),
      progress: () => bar as never,
    })
    expect(result.ok).toBe(true)
    expect(lines[0]).toMatch(/newer\.tar of 2026-07-06T05:20:00.000Z can be restored/)
    expect(lines.join('\n')).toMatch(/3 readings\n {2}2 organisations with a whole audit/)
  })

  it('a table with fewer rows than were counted is named', async () => {
    const file = back('farm.tar')
    const { rows, notHere } = readArchive(file)
    const short = join(dir, 'short.tar')
    writeArchive(short, sourcesOf(settings), {
      atMs,
      version: '0.1.0',
      notHere,
      rows: { ...rows, 'series.db': { ...rows!['series.db'], hot: 4 } },
    })
    const error = await failure(verify(short))
    expect(isTilthError(error, 'STORE_CORRUPT') && error.message).toContain(
      'hot of series.db has 3 rows after the restore, 4 were counted',
    )
  })

  it('a broken chain of the audit is named', async () => {
    const state = openDatabase(join(settings.dataDir, 'state.db'))
    const triggers = state.prepare("select name from sqlite_schema where type = 'trigger'").all() as {
      name: string
    }[]
    for (const { name } of triggers) state.exec(`drop trigger "${name}"`)
    state.exec(`update audit set actor = 'nobody' where org = 'org-1'`)
    state.close()
    const error = await failure(verify(back('farm.tar')))
    expect(isTilthError(error, 'STORE_CORRUPT') && error.message).toMatch(/the audit of org-1 was broken/)
  })

  it('a backup without counts, a truncated one and an empty folder are refused', async () => {
    const file = back('farm.tar')
    const { notHere } = readArchive(file)
    const old = join(dir, 'old.tar')
    writeArchive(old, sourcesOf(settings), { atMs, version: '0.1.0', notHere })
    expect(isTilthError(await failure(verify(old)), 'CONFLICT')).toBe(true)
    writeFileSync(join(dir, 'cut.tar'), 'not a tar file')
    expect(isTilthError(await failure(verify(join(dir, 'cut.tar'))), 'STORE_CORRUPT')).toBe(true)
    mkdirSync(join(dir, 'empty'))
    expect(isTilthError(await failure(verify(join(dir, 'empty'))), 'NOT_FOUND')).toBe(true)
  })
})

const sourcesOf = ({ dataDir }: Settings) =>
  ['journal.db', 'series.db', 'state.db', 'secrets.json'].map((name) => ({ name, path: join(dataDir, name) }))
