/** The measurement of what the guard costs really leaves it out, and only where it is asked to. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const look = `
const { connectionGuards } = await import(${JSON.stringify(join(root, 'broker/access/connection-guard.ts'))})
await import(${JSON.stringify(join(root, 'broker/server.ts'))}) // finds all that it asks of the guard's file
const { PassThrough } = await import('node:stream')
const connection = new PassThrough()
const { stream } = connectionGuards({ isFull: () => false, onDrain() {} })(connection, () => {})
console.log(stream === connection ? 'none' : 'guarded')`

it.each([
  ['with it', [], 'guarded'],
  ['without it', ['--import', join(root, 'bench/support/without-guard.mjs')], 'none'],
])('a server that is started %s', (_what, options, expected) => {
  const args = ['--import', import.meta.resolve('tsx'), ...options, '--input-type=module', '-e', look]
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: root })
  expect(ran.stdout.trim(), ran.stderr).toBe(expected)
})
