/** Damage in a write-ahead log, distinguished from the torn end that a power cut leaves. */
import { copyFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openSqlite } from '../../../../services/adapters/sqlite/open.ts'
import { isWalDamaged } from '../../../../services/adapters/sqlite/wal-check.ts'
import { random } from '../../../../firmware-sim/random.ts'

const FRAME_BYTES = 24 + 4096
const TRANSACTIONS = 40

describe('a write-ahead log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilth-wal-'))
  const path = join(folder, 'a.db-wal')
  let whole: Buffer
  beforeAll(() => {
    const db = openSqlite(join(folder, 'live.db'), { synchronous: 'OFF' })
    db.exec('CREATE TABLE a (n INTEGER PRIMARY KEY, text TEXT)')
    // of a log that has started again: the end of the file holds frames of the one before
    for (let n = 0; n < 60; n++) db.prepare('INSERT INTO a VALUES (?, ?)').run(n, 'x'.repeat(9_000))
    db.exec('pragma wal_checkpoint(RESTART)')
    for (let n = 100; n < 100 + TRANSACTIONS; n++)
      db.prepare('INSERT INTO a VALUES (?, ?)').run(n, `${n}`.repeat(1_000 + (n % 5) * 1_000))
    copyFileSync(join(folder, 'live.db-wal'), path)
    db.close()
    whole = readFileSync(path)
  })
  const write = (change: (bytes: Buffer) => void): boolean => {
    const bytes = Buffer.from(whole)
    change(bytes)
    writeFileSync(path, bytes)
    return isWalDamaged(path)
  }
  const salts = () => whole.toString('latin1', 16, 24)
  /** the frames of the present log: first byte, and whether it ends a transaction */
  const frames = () =>
    Array.from({ length: Math.floor((whole.length - 32) / FRAME_BYTES) }, (_, i) => 32 + i * FRAME_BYTES)
      .filter((at) => whole.toString('latin1', at + 8, at + 16) === salts())
      .map((at) => ({ at, isCommit: whole.readUInt32BE(at + 4) !== 0 }))

  it('that is whole, empty, short or missing is not damaged', () => {
    expect(frames().length).toBeGreaterThan(TRANSACTIONS)
    expect(whole.length).toBeGreaterThan(32 + frames().length * FRAME_BYTES)
    expect(write(() => {})).toBe(false)
    writeFileSync(path, '')
    expect(isWalDamaged(path)).toBe(false)
    writeFileSync(path, whole.subarray(0, 20))
    expect(isWalDamaged(path)).toBe(false)
    expect(isWalDamaged(join(folder, 'none'))).toBe(false)
  })

  it('with 20 bytes flipped anywhere before its last transactions is damaged', () => {
    const chance = random('wal')
    const commits = frames().filter(({ isCommit }) => isCommit)
    const endOfEarly = commits.at(-4)!.at + FRAME_BYTES
    for (let round = 0; round < 60; round++) {
      const at = 32 + Math.floor(chance.next() * (endOfEarly - 32 - 20))
      const isDamaged = write((bytes) => {
        for (let i = 0; i < 20; i++) bytes[at + i]! ^= 0xff
      })
      expect(isDamaged, `byte ${at}`).toBe(true)
    }
    expect(write((bytes) => void (bytes[3]! ^= 1))).toBe(true)
  })

  it('whose last transaction is torn, as by a power cut, is not: it was never acknowledged', () => {
    const commits = frames().filter(({ isCommit }) => isCommit)
    const lastFrom = commits.at(-2)!.at + FRAME_BYTES
    const end = commits.at(-1)!.at + FRAME_BYTES
    for (const at of [lastFrom + 10, lastFrom + 3_000, end - 100])
      expect(write((bytes) => void bytes.fill(0, at, Math.min(end, at + 512)))).toBe(false)
    for (const bytes of [1, FRAME_BYTES, end - lastFrom]) {
      writeFileSync(path, whole)
      truncateSync(path, end - bytes)
      expect(isWalDamaged(path)).toBe(false)
    }
  })
})
