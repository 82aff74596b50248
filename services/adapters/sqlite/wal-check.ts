/**
 * Finds damage in a write-ahead log before SQLite opens it. SQLite ends the log at the first frame whose checksum is
 * wrong and drops the rest without a message. That is right for the last transaction, which a power cut may have torn.
 * It is a loss when later transactions follow: each was written only after the one before it was on the disk.
 *
 * Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const MAGIC = 0x377f0682 // the lowest bit: the checksums are of big-endian words
const PAGE_BYTES = 4096 // of every database of Tilth
const READ_BYTES = 1_048_576

/** Whether the log of a database is damaged. A missing or empty log is not. The database must not be open. */
export function isWalDamaged(path: string): boolean {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  try {
    return hasLostFrames(file, fstatSync(file).size)
  } finally {
    closeSync(file)
  }
}

/** Two running sums (the checksum of a frame continues that of the frame before it). */
type Sums = readonly [number, number]

function hasLostFrames(file: number, bytes: number): boolean {
  if (bytes < HEADER_BYTES + FRAME_HEADER_BYTES) return false
  const header = Buffer.alloc(HEADER_BYTES)
  readSync(file, header, 0, HEADER_BYTES, 0)
  const order = header.readUInt32BE(0)
  const pageBytes = header.readUInt32BE(8)
  const start = sumsAt(header, 24)
  const isValid =
    (order & ~1) === MAGIC &&
    isPageSize(pageBytes) &&
    equal(addTo([0, 0], header.subarray(0, 24), order), start)
  if (isValid)
    return walkFrames(file, bytes, { pageBytes, walk: frameWalk(start, order), salts: saltsAt(header, 16) })
  // a damaged header ends the log before its first frame: the frames show whether there is something to lose
  return [MAGIC, MAGIC | 1].some((guess) =>
    walkFrames(file, bytes, { pageBytes: PAGE_BYTES, walk: frameWalk(null, guess), salts: null }),
  )
}

/** Whether `walk` finds a loss. `salts` null: those of the first frame. */
function walkFrames(
  file: number,
  bytes: number,
  of: { pageBytes: number; walk: FrameWalk; salts: string | null },
): boolean {
  const frameBytes = FRAME_HEADER_BYTES + of.pageBytes
  const chunk = Buffer.alloc(Math.ceil(READ_BYTES / frameBytes) * frameBytes)
  let { salts } = of
  for (let at = HEADER_BYTES; at + frameBytes <= bytes; at += chunk.length) {
    const read = readSync(file, chunk, 0, chunk.length, at)
    for (let from = 0; from + frameBytes <= read; from += frameBytes) {
      const frame = chunk.subarray(from, from + frameBytes)
      salts ??= saltsAt(frame, 8)
      if (of.walk(frame, saltsAt(frame, 8) === salts)) return true
    }
  }
  return false
}

type FrameWalk = (frame: Buffer, isOfThisLog: boolean) => boolean

/**
 * Follows the chain of checksums. Returns true when a transaction that was committed after the end of the valid part is
 * followed by a further frame of the same chain. Frames of a transaction that failed, or that a power cut has torn, form
 * no such chain.
 */
function frameWalk(start: Sums | null, order: number): FrameWalk {
  let isBroken = start === null
  let before = start
  let hasCommit = false
  return (frame, isOfThisLog) => {
    const stored = sumsAt(frame, 16)
    const isChained =
      isOfThisLog &&
      before !== null &&
      equal(
        addTo(addTo(before, frame.subarray(0, 8), order), frame.subarray(FRAME_HEADER_BYTES), order),
        stored,
      )
    const isLost = isBroken && isChained && hasCommit
    if (!isChained) {
      isBroken = true
      hasCommit = false
    } else if (frame.readUInt32BE(4) !== 0) hasCommit = true
    before = isOfThisLog ? stored : null
    return isLost
  }
}

const saltsAt = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + 8)
const isPageSize = (bytes: number): boolean => bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0
const sumsAt = (bytes: Buffer, at: number): Sums => [bytes.readInt32BE(at), bytes.readInt32BE(at + 4)]
const equal = (a: Sums, b: Sums): boolean => a[0] === b[0] && a[1] === b[1]

/** The sums after some more words; `order` as the magic number. */
function addTo([s0, s1]: Sums, bytes: Buffer, order: number): Sums {
  const isBig = (order & 1) === 1
  for (let at = 0; at < bytes.length; at += 8) {
    s0 = (s0 + (isBig ? bytes.readInt32BE(at) : bytes.readInt32LE(at)) + s1) | 0
    s1 = (s1 + (isBig ? bytes.readInt32BE(at + 4) : bytes.readInt32LE(at + 4)) + s0) | 0
  }
  return [s0, s1]
}
