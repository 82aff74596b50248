/** What the bench may be asked: its lines by name, and the usage for anything else. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { lineNames, readOptions } from '../../bench/options.ts'

const root = join(import.meta.dirname, '../..')
const bench = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], { cwd: root }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )

describe('npm run bench', () => {
  it('takes every line when none is named', () => {
    const read = readOptions([])
    expect(read.ok && read.value.lines).toEqual([...lineNames])
  })

  it('takes the named lines only, each once, in the order of the table', () => {
    const read = readOptions(['crash', 'latency', 'crash', '--json'])
    expect(read.ok && read.value).toMatchObject({ lines: ['latency', 'crash'], isJson: true, isShort: false })
  })

  it('names the line that does not exist, and those that do', () => {
    expect(readOptions(['speed'])).toEqual({
      ok: false,
      error: `no line is called speed; there are ${lineNames.join(', ')}`,
    })
  })

  it('names the option that does not exist', () => {
    expect(readOptions(['--fast'])).toEqual({ ok: false, error: 'unknown option --fast' })
  })

  it('ends an unknown line with the usage and code 2, and measures nothing', async () => {
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
