/** A folder for what the files of one run of tests share; it is gone when the run ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function (): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'tilth-tests-'))
  process.env.TILTH_RUN_DIR = dir
  return () => rmSync(dir, { recursive: true, force: true })
}
