/**
 * The room on the disk that holds DATA_DIR, looked at twice a second, and a reserve: a file of real blocks that is
 * given back to the disk when it is full. From then on journal and series write nothing, so the reserve is left to the
 * state store: a valve can still be closed, and the command and its audit are written. When space returns, the file is
 * made again first. A file and not a budget of pages in the state store: another program that fills the disk cannot
 * take it, and SQLite's write-ahead log needs room as well, which free pages in a database do not give.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../log.ts'

export interface DiskSpace {
  /** What journal and series may still take, bytes; 0 while the disk is full. */
  availableBytes(): number
  /** The size of the disk, bytes. */
  sizeBytes(): number
  /** Only the reserve is left, and it belongs to the state store. */
  isFull(): boolean
  /** Looks now, as when a write has failed for want of room. */
  refresh(): void
  /** Called when isFull has changed. */
  onChange(run: (isFull: boolean) => void): void
  /** Resolves when a reserve that is being written is complete, or could not be. */
  settled(): Promise<void>
  /** Ends the looking; the reserve stays where it is. */
  close(): Promise<void>
}

const RESERVE_BYTES = 16 * 1024 * 1024
// a small disk keeps a twentieth of itself
const RESERVE_SHARE = 1 / 20
const CHECK_EVERY_MS = 500
const BLOCK_BYTES = 256 * 1024
export const RESERVE_NAME = 'reserve'

/** Begins to look at the disk of `folder`, which is made when it is missing. */
export function watchDiskSpace(deps: { folder: string; log: Log }): DiskSpace {
  const { folder, log } = deps
  const path = join(folder, RESERVE_NAME)
  mkdirSync(folder, { recursive: true })
  const changeRuns: ((isFull: boolean) => void)[] = []
  let { freeBytes, sizeBytes } = spaceOf(folder)
  const reserveBytes = Math.min(RESERVE_BYTES, Math.floor(sizeBytes * RESERVE_SHARE))
  // so much above the reserve is for what is on its way when the disk is found full
  const marginBytes = Math.floor(reserveBytes / 4)
  let isHeld = statSync(path, { throwIfNoEntry: false })?.size === reserveBytes
  let isFull = false
  let making: Promise<void> | null = null
  let isClosed = false

  function look(): void {
    if (isClosed) return
    try {
      ;({ freeBytes, sizeBytes } = spaceOf(folder))
    } catch (error) {
      log.warn({ error }, 'the room on the disk cannot be read')
      return
    }
    if (isHeld || making !== null) {
      if (freeBytes < marginBytes) releaseReserve()
    } else if (freeBytes >= reserveBytes + 2 * marginBytes) restoreReserve()
    else setFull(true)
  }

  function releaseReserve(): void {
    isHeld = false
    rmSync(path, { force: true })
    setFull(true)
  }

  function restoreReserve(): void {
    making = writeReserve()
      .then(() => void (isHeld = making !== null && !isFull))
      .catch((error: unknown) => {
        rmSync(path, { force: true })
        log.warn({ error }, 'the reserve on the disk cannot be made; tried again')
      })
      .finally(() => void (making = null))
    setFull(false)
  }

  /** In small steps: a slow card must not hold up the start. Random bytes: a file system that packs zeros would keep nothing. */
  async function writeReserve(): Promise<void> {
    const block = randomBytes(BLOCK_BYTES)
    const file = await open(path, 'w')
    try {
      for (let at = 0; at < reserveBytes && !isClosed && !isFull; at += BLOCK_BYTES)
        await file.write(block, 0, Math.min(BLOCK_BYTES, reserveBytes - at))
      await file.sync()
    } finally {
      await file.close()
    }
    // found full while it was being written
    if (isFull) rmSync(path, { force: true })
  }

  function setFull(full: boolean): void {
    if (full === isFull) return
    isFull = full
    if (full)
      log.error(
        { folder, freeBytes },
        'the disk is full: what can wait is not written; the reserve is released',
      )
    else log.info({ folder, freeBytes }, 'the disk has room again')
    for (const run of changeRuns) run(full)
  }

  look()
  const timer = setInterval(look, CHECK_EVERY_MS)
  timer.unref()

  return {
    // what the reserve still has to take is not free
    availableBytes: () => (isFull ? 0 : Math.max(0, freeBytes - marginBytes - (isHeld ? 0 : reserveBytes))),
    sizeBytes: () => sizeBytes,
    isFull: () => isFull,
    refresh: look,
    onChange: (run) => void changeRuns.push(run),
    settled: async () => void (await making),
    async close() {
      isClosed = true
      clearInterval(timer)
      await making
    },
  }
}

function spaceOf(folder: string): { freeBytes: number; sizeBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize }
}
