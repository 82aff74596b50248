/** The messages of bench and torture for unknown options, as processes. */
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { lineNames } from '../../bench/options.ts'

const root = join(import.meta.dirname, '../..')
const bench = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], { cwd: root }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )

describe('npm run bench', () => {
  it('rejects an unknown line with the usage and exit code 2, without measuring', async () => {
    const { code, stdout, stderr } = await bench('speed')
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('no line is called speed')
    expect(stderr).toContain('usage: npm run bench')
  })

  it('prints the usage with every line of it', async () => {
    const { code, stdout } = await bench('--help')
    expect(code).toBe(0)
    for (const name of lineNames) expect(stdout).toContain(`\n  ${name} `)
  })
})

describe('npm run torture', () => {
  it('rejects an unknown line with exit code 2 and the usage, before anything starts', () => {
    const main = join(import.meta.dirname, '../../bench/torture/main.ts')
    const ran = spawnSync(process.execPath, ['--import', 'tsx', main, 'F99'], { encoding: 'utf8' })
    expect(ran.status).toBe(2)
    expect(ran.stderr).toContain('no fault line is called F99')
    expect(ran.stderr).toContain('usage: npm run torture')
    expect(ran.stdout).toBe('')
  })
})
