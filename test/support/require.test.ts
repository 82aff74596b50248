/** A missing program must not count as a passed test. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decide, findProgram } from './require.ts'

describe('a program that tests need', () => {
  it('is found on PATH when it may be run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tilth-require-'))
    await writeFile(join(folder, 'pump'), '')
    expect(findProgram('pump', folder)).toBe(null)
    await chmod(join(folder, 'pump'), 0o755)
    expect(findProgram('pump', `/nowhere:${folder}`)).toBe(join(folder, 'pump'))
    await rm(folder, { recursive: true })
  })

  it('runs its tests where it is there, skips them by name where it is not, and fails in CI', () => {
    expect(decide('/usr/bin/pump', false)).toBe('run')
    expect(decide('/usr/bin/pump', true)).toBe('run')
    expect(decide(null, false)).toBe('skip')
    expect(decide(null, true)).toBe('fail')
  })
})
