/** The file of a backup: read by any tar, and refused as soon as one bit of it is not what was written. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readArchive, writeArchive } from '../../../services/backup/archive.ts'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tilth-archive-'))
  file = join(dir, 'backup.tar')
})
afterEach(() => rmSync(dir, { recursive: true }))

const about = { version: '0.1.0', atMs: Date.parse('2026-07-06T05:20:00Z'), notHere: ['the settings'] }
function pack(contents: Record<string, Uint8Array>) {
  rmSync(file, { force: true })
  const sources = Object.entries(contents).map(([name, bytes]) => {
    writeFileSync(join(dir, `source-${name}`), bytes)
    return { name, path: join(dir, `source-${name}`) }
  })
  return writeArchive(file, sources, about)
}
const bytes = (length: number) => Buffer.alloc(length, 'soil and water ')

describe('the file of a backup', () => {
  it('returns its input, whatever its length', () =>
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 1_600 }), { minLength: 1, maxLength: 4 }), (all) => {
        const contents = Object.fromEntries(all.map((each, at) => [`part-${at}`, each]))
        const manifest = pack(contents)
        const shares: number[] = []
        const copied = readArchive(
          file,
          (name) => join(dir, `out-${name}`),
          (share) => shares.push(share),
        )
        expect(copied).toEqual(manifest)
        expect(shares.every((share, i) => share > (shares[i - 1] ?? 0) && share <= 1)).toBe(true)
        for (const [name, each] of Object.entries(contents))
          expect(readFileSync(join(dir, `out-${name}`)).equals(Buffer.from(each))).toBe(true)
      }),
      { numRuns: 40 },
    ))

  it('is a tar file, for the user alone, larger than one read', () => {
    pack({ 'state.db': bytes(2_500_000), 'secrets.json': bytes(10) })
    expect(execFileSync('tar', ['tf', file]).toString()).toBe('state.db\nsecrets.json\nmanifest.json\n')
    expect(execFileSync('tar', ['xOf', file, 'state.db'], { maxBuffer: 1e7 }).equals(bytes(2_500_000))).toBe(
      true,
    )
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  it('is rejected with any byte changed, in its content or its headers (B15)', () => {
    pack({ 'state.db': bytes(700), 'secrets.json': bytes(10) })
    const whole = readFileSync(file)
    // bytes outside the entries (padding, end marks) do not matter; every byte with content does
    const said = [...Array(700).keys()].map((at) => 512 + at)
    const sums = [...Array(100).keys()].filter((at) => whole[at] !== 0)
    for (const at of [...said.filter((at) => at % 7 === 0), ...sums]) {
      const changed = Buffer.from(whole)
      changed[at]! ^= 1
      writeFileSync(file, changed)
      expect(() => readArchive(file), `byte ${at}`).toThrow(/is not a complete backup/)
    }
  })

  it('is rejected when it is truncated, at any position', () => {
    pack({ 'state.db': bytes(700), 'secrets.json': bytes(10) })
    const whole = readFileSync(file)
    const end = whole.length - 1_024 // two empty blocks, which say nothing
    for (let at = 0; at < end; at += 64) {
      writeFileSync(file, whole.subarray(0, at))
      expect(() => readArchive(file), `${at} bytes`).toThrow(/is not a complete backup/)
    }
  })

  it('replaces nothing, and leaves nothing behind when a source cannot be read', () => {
    pack({ 'state.db': bytes(3) })
    expect(() => writeArchive(file, [], about)).toThrow(/exists already/)
    const other = join(dir, 'other.tar')
    expect(() => writeArchive(other, [{ name: 'a', path: join(dir, 'absent') }], about)).toThrow(/ENOENT/)
    expect(() => statSync(`${other}.part`)).toThrow()
    expect(() => readArchive(other)).toThrow(/there is no file/)
  })

  it('cannot write outside its folder: a name with a path in it is rejected', () => {
    pack({ 'state.db': bytes(3) })
    const changed = readFileSync(file)
    changed.write('../x.db\0', 0)
    // with a corrected checksum, as an attacker would write it
    const sum =
      8 * 0x20 + [...changed.subarray(0, 512)].reduce((a, b, at) => (at < 148 || at >= 156 ? a + b : a), 0)
    changed.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    writeFileSync(file, changed)
    expect(() => readArchive(file, (name) => join(dir, name))).toThrow(
      /contains a file with the invalid name \.\.\/x\.db/,
    )
  })

  it('follows no symbolic link at its path', () => {
    const other = join(dir, 'of-somebody-else')
    writeFileSync(other, 'theirs')
    symlinkSync(other, `${file}.part`)
    pack({ 'state.db': bytes(700) })
    expect(readFileSync(other, 'utf8')).toBe('theirs')
    expect(readArchive(file).files).toHaveLength(1)
    expect(readdirSync(dir).filter((name) => name.startsWith('.tilth-backup-'))).toEqual([])
  })
})
