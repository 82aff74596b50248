/** A small disk: a tmpfs that can be filled to the last byte. Only root may mount one. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decide, describeBy, type Describe } from './require.ts'

export interface Tmpfs {
  folder: string
  /** Another program takes the space that is free now, and none that is freed meanwhile. */
  fill(): void
  /** It frees the space again. */
  empty(): void
  unmount(): void
}

export function mountTmpfs(sizeBytes: number): Tmpfs | null {
  const folder = mkdtempSync(join(tmpdir(), 'tilth-disk-'))
  const options = ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', folder]
  if (spawnSync('mount', options).status !== 0) {
    rmSync(folder, { recursive: true })
    return null
  }
  const filler = join(folder, 'of-another-program')
  return {
    folder,
    fill() {
      const file = openSync(filler, 'a')
      const { bavail, bsize } = statfsSync(folder)
      const block = Buffer.alloc(bsize)
      try {
        for (let i = 0; i < bavail; i++) writeSync(file, block)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(file)
      }
    },
    empty: () => rmSync(filler, { force: true }),
    unmount() {
      // lazily: @photostructure/sqlite closes a file only when its statements are collected
      const { status, stderr } = spawnSync('umount', ['--lazy', folder])
      if (status !== 0) throw new Error(`umount ${folder}: ${stderr.toString()}`)
      rmSync(folder, { recursive: true })
    },
  }
}

/** A `describe` that runs if a tmpfs can be mounted; otherwise it is skipped, or fails in CI. */
export function describeOnSmallDisk(): Describe {
  const probe = mountTmpfs(1024 * 1024)
  probe?.unmount()
  return describeBy(
    decide(probe === null ? null : 'tmpfs', process.env.CI === 'true'),
    'only root can mount a tmpfs',
  )
}
