/**
 * The free space on the disk of DATA_DIR, checked twice a second, and a reserve: a file of allocated blocks that is
 * deleted when the disk is full. From then on journal and series write nothing, so the reserve is left to the state
 * store: a valve can still be closed, and the command and its audit are written. When space returns, the file is
 * recreated first. It is a file and not a budget of pages in the state store, because another program that fills the
 * disk cannot take it, and because the write-ahead log of SQLite needs space too, which free pages do not give.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../log.ts'

export interface DiskSpace {
  /** Space for journal and series, bytes; 0 while the disk is full. */
  availableBytes(): number
  /** The size of the disk, bytes. */
  sizeBytes(): number
  /** Only the reserve is left, which belongs to the state store. */
  isFull(): boolean
  /** Checks now, such as after a write that failed because the disk is full. */
  refresh(): void
  /** Called whenever isFull changes. */
  onChange(run: (isFull: boolean) => void): void
  /** Resolves when a reserve that is being written is complete, or has failed. */
  settled(): Promise<void>
  /** Stops checking; the reserve stays. */
  close(): Promise<void>
}

const RESERVE_BYTES = 16 * 1024 * 1024
// on a small disk a twentieth of its size
const RESERVE_SHARE = 1 / 20
const CHECK_EVERY_MS = 500
const BLOCK_BYTES = 256 * 1024
export const RESERVE_NAME = 'reserve'

/** Starts to check the disk of `folder`, which is created if it is missing. */
export function watchDiskSpace(deps: { folder: string; log: Log }): DiskSpace {
  const { folder, log } = deps
  const path = join(folder, RESERVE_NAME)
  mkdirSync(folder, { recursive: true })
  const changeRuns: ((isFull: boolean) => void)[] = []
  let { freeBytes, sizeBytes } = spaceOf(folder)
  const reserveBytes = Math.min(RESERVE_BYTES, Math.floor(sizeBytes * RESERVE_SHARE))
  // a margin above the reserve for writes in progress when the disk is found full
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
      log.warn({ error }, 'the free space on the disk cannot be read')
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
        log.warn({ error }, 'the reserve on the disk cannot be written; it will be tried again')
      })
      .finally(() => void (making = null))
    setFull(false)
  }

  /** In small steps: a slow card must not delay the start. Random bytes: a file system may not allocate blocks of zeros. */
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
    // the disk became full during the write
    if (isFull) rmSync(path, { force: true })
  }

  function setFull(full: boolean): void {
    if (full === isFull) return
    isFull = full
    if (full)
      log.error(
        { folder, freeBytes },
        'the disk is full: journal and series are not written; the reserve is released',
      )
    else log.info({ folder, freeBytes }, 'the disk has free space again')
    for (const run of changeRuns) run(full)
  }

  look()
  const timer = setInterval(look, CHECK_EVERY_MS)
  timer.unref()

  return {
    // space that the reserve still needs is not free
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
