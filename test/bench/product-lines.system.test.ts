/** The product behind the loop leaves no folder behind, however the process of the bench ends. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('the folder of a season is removed when the bench is killed in the middle of it', async () => {
  const program = `
    import { readdirSync } from 'node:fs'
    import { productLines } from './bench/loop/product-lines.ts'
    import { firstDay, setup } from './test/services/plan/decide/contract-example.ts'
    const find = () => ['/dev/shm', process.env.TMPDIR ?? '/tmp'].flatMap((folder) => {
      try { return readdirSync(folder).map((name) => folder + '/' + name) } catch { return [] }
    }).filter((path) => path.includes('/tilth-loop-'))
    const before = new Set(find())
    const { respond } = productLines()
    for (const line of [setup, firstDay]) respond(JSON.stringify(line))
    console.log(find().find((path) => !before.has(path)))
    for (;;);
  `
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const folder = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
    child.once('exit', (code) => reject(new Error(`the bench ended with ${code}`)))
  })
  expect(existsSync(folder)).toBe(true)
  child.kill('SIGKILL')
  await expect.poll(() => existsSync(folder)).toBe(false)
})
