import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { checkDataDir } from '../../../services/config/data-dir.ts'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'tilth-data-dir-'))))
afterEach(() => rmSync(dir, { recursive: true }))

it('a missing DATA_DIR is created', async () => {
  await checkDataDir(join(dir, 'new', 'data'))
  await checkDataDir(join(dir, 'new', 'data'))
})

it('a DATA_DIR that is a file is reported with the reason', async () => {
  writeFileSync(join(dir, 'file'), '')
  await expect(checkDataDir(join(dir, 'file'))).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringMatching(
      /^DATA_DIR must be a folder that Tilth may write to, got .*file \(E/,
    ) as string,
  })
})

it('a DATA_DIR that does not respond is reported, not waited for', async () => {
  const hanging = { withinMs: 20, open: () => new Promise<never>(() => {}) }
  await expect(checkDataDir(dir, hanging)).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: `DATA_DIR ${dir} does not respond within 0.02 s; is a network drive disconnected?`,
  })
})
