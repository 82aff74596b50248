/** A restore where STATE and SERIES do not lie in DATA_DIR: on another disk, and in a folder that is not there yet. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../../broker/sqlite/database.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { restoreBackup } from '../../../services/backup/restore.ts'
import { takeBackup } from '../../../services/backup/take-backup.ts'
import { readSettings, type Settings } from '../../../services/config/settings.ts'
import { describeOnSmallDisk, mountTmpfs, type Tmpfs } from '../../support/tmpfs.ts'

const atMs = Date.parse('2026-07-06T05:20:00Z')
const stamp = '2026-07-06T05-20-00-000Z'
const silent = () => {}

describeOnSmallDisk()('a restore onto other disks', () => {
  let dir: string
  let disk: Tmpfs
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tilth-restore-'))
    disk = mountTmpfs(32 * 1024 * 1024)!
  })
  afterEach(() => {
    disk.unmount()
    rmSync(dir, { recursive: true })
  })

  const database = (path: string, text: string): void => {
    const made = openDatabase(path)
    made.exec(`create table said (word text); insert into said values ('${text}')`)
    made.close()
  }
  const wordIn = (path: string): string => {
    const made = openDatabase(path)
    const [row] = made.prepare('select word from said').all() as { word: string }[]
    made.close()
    return row!.word
  }
  async function fill(settings: Settings, word: string): Promise<void> {
    mkdirSync(settings.dataDir, { recursive: true })
    database(join(settings.dataDir, 'journal.db'), word)
    writeFileSync(join(settings.dataDir, 'secrets.json'), word)
    const { close } = await openSqliteState(settings.state.slice('sqlite:'.length))
    await close()
  }
  function settingsOf(env: Record<string, string>): Settings {
    const read = readSettings(env, null)
    if (!read.ok) throw new Error(read.error)
    return read.value
  }

  it('creates the folders, and keeps the previous files next to them', async () => {
    const old = settingsOf({ DATA_DIR: join(dir, 'old') })
    await fill(old, 'old')
    database(join(dir, 'old', 'series.db'), 'old')
    const file = join(dir, 'backup.tar')
    takeBackup(old, file, { atMs, version: '0.1.0' }, silent)

    const data = join(dir, 'data')
    const series = join(dir, 'not', 'yet', 'readings.db')
    const settings = settingsOf({
      DATA_DIR: data,
      STATE: `sqlite:${join(disk.folder, 'farm.db')}`,
      SERIES: `sqlite:${series}`,
    })
    await fill(settings, 'new')
    const { keptIn } = await restoreBackup(settings, file, {
      nowMs: atMs,
      onProgress: silent,
      openState: openSqliteState,
    })

    expect(wordIn(join(data, 'journal.db'))).toBe('old')
    expect(wordIn(series)).toBe('old')
    expect(readFileSync(join(data, 'secrets.json'), 'utf8')).toBe('old')
    expect(existsSync(join(disk.folder, 'farm.db'))).toBe(true)
    const kept = `before-restore-${stamp}`
    expect([...keptIn].sort()).toEqual([join(data, kept), join(disk.folder, kept)].sort())
    expect(wordIn(join(data, kept, 'journal.db'))).toBe('new')
    expect(readdirSync(join(disk.folder, kept))).toContain('state.db')
    // nothing of the work is left, so Tilth starts
    expect(readdirSync(data).sort()).toEqual([kept, 'journal.db', 'secrets.json', 'stores.json'].sort())
    expect(readdirSync(disk.folder).sort()).toEqual([kept, 'farm.db'].sort())
    expect(readdirSync(join(dir, 'not', 'yet'))).toEqual(['readings.db'])
  })

  it('moves nothing when one of the folders cannot be made', async () => {
    const settings = settingsOf({ DATA_DIR: join(dir, 'data') })
    await fill(settings, 'here')
    const file = join(dir, 'backup.tar')
    takeBackup(settings, file, { atMs, version: '0.1.0' }, silent)
    writeFileSync(join(dir, 'a-file'), '')
    const wrong = settingsOf({
      DATA_DIR: join(dir, 'data'),
      STATE: `sqlite:${join(dir, 'a-file', 'x', 'state.db')}`,
    })
    const before = readdirSync(join(dir, 'data'))
    await expect(
      restoreBackup(wrong, file, { nowMs: atMs, onProgress: silent, openState: openSqliteState }),
    ).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
    expect(readdirSync(join(dir, 'data'))).toEqual(before)
  })
})
