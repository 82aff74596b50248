/** The job `backup`: a backup each night into BACKUP_DIR, and the end of those that are older than BACKUP_KEEP days. */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DAY_MS, type AtMs, type Clock } from '../../broker/contract/time.ts'
import type { Settings } from '../config/settings.ts'
import type { Job, Logger } from '../ports.ts'
import { createWorkerClient } from '../runtime/worker-thread.ts'

export interface BackupRequest {
  settings: Settings
  file: string
  details: { atMs: AtMs; version: string }
}

export interface NightlyBackups {
  job: Job
  /** Age of the newest backup in s; Infinity: there is none. */
  ageS(): number
  stop(): Promise<void>
}

const HOUR_OF_NIGHT = 2 // on the clock of this machine
const NAME = /^tilth-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.tar$/

/** A thread takes the backup, and the event loop goes on. A failed one is logged, and tried again by the jobs. */
export function nightlyBackups(
  { dir, keepDays }: { dir: string; keepDays: number },
  { settings, version, clock, log }: { settings: Settings; version: string; clock: Clock; log: Logger },
): NightlyBackups {
  const client = createWorkerClient<BackupRequest, void>(import.meta.url, 'the thread of backups')

  /** Oldest first. */
  function backups(): { path: string; atMs: AtMs }[] {
    let names: string[]
    try {
      names = readdirSync(dir)
    } catch {
      return [] // not there yet, or its disk is away
    }
    return names
      .filter((name) => NAME.test(name))
      .map((name) => join(dir, name))
      .flatMap((path) => {
        const found = statSync(path, { throwIfNoEntry: false })
        return found ? [{ path, atMs: found.mtimeMs }] : []
      })
      .sort((a, b) => a.atMs - b.atMs)
  }

  /** A process that was killed has left its copies. */
  function dropUnfinished(): void {
    for (const name of readdirSync(dir))
      if (name.startsWith('.tilth-backup-')) rmSync(join(dir, name), { recursive: true, force: true })
  }

  return {
    job: {
      name: 'backup',
      lastDue(nowMs) {
        const night = new Date(nowMs)
        night.setHours(HOUR_OF_NIGHT, 0, 0, 0)
        if (night.getTime() > nowMs) night.setDate(night.getDate() - 1)
        return night.getTime()
      },
      async run() {
        const atMs = clock.now()
        mkdirSync(dir, { recursive: true, mode: 0o700 })
        dropUnfinished()
        const file = join(dir, `tilth-${new Date(atMs).toISOString().slice(0, 19).replaceAll(':', '-')}Z.tar`)
        await client.request({ settings, file, details: { atMs, version } })
        log.info({ file }, 'backup taken')
        // the newest stays in any case
        for (const { path, atMs: takenMs } of backups().slice(0, -1))
          if (takenMs < atMs - keepDays * DAY_MS) rmSync(path, { force: true })
      },
    },
    ageS: () => (clock.now() - (backups().at(-1)?.atMs ?? -Infinity)) / 1000,
    stop: client.end,
  }
}
