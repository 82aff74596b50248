/** The backup of each night: taken by a thread, kept for some days, and its age. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, systemClock } from '../../../broker/contract/time.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { nightlyBackups, type NightlyBackups } from '../../../services/backup/nightly-backup.ts'
import { verifyBackup } from '../../../services/backup/verify-backup.ts'
import { readSettings } from '../../../services/config/settings.ts'
import { fillTilth } from './small-tilth.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

describe('the backup of each night', () => {
  let folder: string
  let dir: string
  let nowMs: number
  let backups: NightlyBackups
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tilth-nightly-'))
    dir = join(folder, 'backups')
    nowMs = Date.now()
    const read = readSettings({ DATA_DIR: join(folder, 'data'), BACKUP_DIR: dir, BACKUP_KEEP: '3' }, null)
    if (!read.ok) throw new Error(read.error)
    await fillTilth(read.value, nowMs)
    backups = nightlyBackups(read.value.backups!, {
      settings: read.value,
      version: '0.1.0',
      clock: { ...systemClock, now: () => nowMs },
      log: silent,
    })
    return async () => {
      await backups.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  })
  /** A file of that name, as old as days. */
  const leave = (name: string, days: number) => {
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, name), '')
    utimesSync(join(dir, name), (nowMs - days * DAY_MS) / 1000, (nowMs - days * DAY_MS) / 1000)
  }
  const nameOf = (days: number) =>
    `tilth-${new Date(nowMs - days * DAY_MS).toISOString().slice(0, 19).replaceAll(':', '-')}Z.tar`

  it('can be restored, and its age is known', async () => {
    expect(backups.ageS()).toBe(Infinity)
    await backups.job.run(nowMs)
    expect(backups.ageS()).toBeLessThan(60)
    const verified = await verifyBackup(dir, { nowMs, onProgress: () => {}, openState: openSqliteState })
    expect(verified).toMatchObject({ readings: 3, audits: 2 })
    nowMs += 3 * DAY_MS
    expect(Math.round(backups.ageS() / 86_400)).toBe(3)
  })

  it('ends those that are older than the kept days, and no other file', async () => {
    const foreign = 'farm-by-hand.tar'
    for (const days of [2, 4, 400]) leave(nameOf(days), days)
    leave(foreign, 400)
    mkdirSync(join(dir, '.tilth-backup-killed'))
    await backups.job.run(nowMs)
    expect(readdirSync(dir).sort()).toEqual([foreign, nameOf(2), nameOf(0)].sort())
  })

  it('that fails leaves the older ones, and their age grows', async () => {
    leave(nameOf(30), 30)
    rmSync(join(folder, 'data', 'state.db'))
    await expect(backups.job.run(nowMs)).rejects.toThrow(/there is no state.db/)
    expect(readdirSync(dir)).toEqual([nameOf(30)])
    expect(Math.round(backups.ageS() / 86_400)).toBe(30)
  })

  it('is due at two in the night of this machine, once', async () => {
    const noon = new Date(2026, 6, 6, 12).getTime()
    const two = new Date(2026, 6, 6, 2).getTime()
    expect(await backups.job.lastDue(noon)).toBe(two)
    expect(await backups.job.lastDue(two - HOUR_MS)).toBe(new Date(2026, 6, 5, 2).getTime())
  })
})
