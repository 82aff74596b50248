/** `npm run decide` as a process. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { decideKeys } from '../../../services/plan/decide/message-keys.ts'
import { firstDay, setup } from '../../services/plan/decide/contract-example.ts'
import { builtProgram } from '../../support/program.ts'

it('runs as a program: standard input to standard output, usage for an unknown argument', async () => {
  const root = join(import.meta.dirname, '../../..')
  const run = (args: string[], input: string) =>
    new Promise<{ code: number | null; out: string; error: string }>((resolve) => {
      const child = spawn(process.execPath, builtProgram('firmware-sim/decide/cli.ts', ...args), {
        cwd: root,
      })
      let out = ''
      let error = ''
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()))
      child.on('close', (code) => resolve({ code, out, error }))
      child.stdin.end(input)
    })
  const input = [setup, firstDay].map((line) => JSON.stringify(line)).join('\n')
  const output = await run([], input)
  expect(output.code).toBe(0)
  expect(
    output.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type),
  ).toEqual(['ready', 'decision'])
  const help = await run(['--help'], '')
  expect(help.out).toMatch(/field\.soil\.layers\.toM +number, above 0 to 20/)
  for (const key of Object.keys(decideKeys)) expect(help.out).toContain(`\n  ${key} `)
  const wrong = await run(['--fast'], '')
  expect(wrong.code).toBe(2)
  expect(wrong.error).toMatch(/--fast/)
})
