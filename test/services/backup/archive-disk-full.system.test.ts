/** A backup onto a disk that becomes full: the file is whole, or there is none. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeArchive } from '../../../services/backup/archive.ts'
import { describeOnSmallDisk, mountTmpfs } from '../../support/tmpfs.ts'

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

describeOnSmallDisk()('on a disk that becomes full', () => {
  it('it is there whole or not at all, wherever the room ends', () => {
    for (let pages = 1; pages <= 3; pages++) {
      const disk = mountTmpfs(pages * 4_096)!
      const outcomes = new Set<string>()
      for (let length = 0; length <= pages * 4_096; length += 512) {
        const wanted = statSync((pack({ 'state.db': bytes(length) }), file)).size
        const there = join(disk.folder, 'backup.tar')
        const source = { name: 'state.db', path: join(dir, 'source-state.db') }
        try {
          writeArchive(there, [source], about)
          expect(statSync(there).size).toBe(wanted)
          rmSync(there)
          outcomes.add('whole')
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
          outcomes.add('none')
        }
        expect(readdirSync(disk.folder)).toEqual([])
      }
      disk.unmount()
      expect([...outcomes].sort()).toEqual(['none', 'whole'])
    }
  })
})
