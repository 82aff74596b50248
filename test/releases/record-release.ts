/**
 * `npm run record-release`: keeps the data of this version for the tests of every later one. Five days of the
 * demonstration, as its backup, compressed, in `test/releases/VERSION.tar.br`; docs/releasing.md has the steps of a release.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { freePort } from '../support/free-port.ts'

const root = join(import.meta.dirname, '../..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const target = join(import.meta.dirname, `${version}.tar.br`)
const FROM_DAY = '2026-08-01'

if (existsSync(target) && !process.argv.includes('--replace')) {
  process.stderr.write(
    `${target} is there: a version that was released keeps its data. Raise the version in package.json first, or pass --replace before it is released.\n`,
  )
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'tilth-release-'))
try {
  const dataDir = join(folder, 'data')
  const backup = join(folder, 'farm.tar')
  const env = { ...process.env, PORT: String(await freePort()), MQTT_PORT: String(await freePort()) }
  const run = (script: string, ...args: string[]) =>
    execFileSync(process.execPath, [join(root, 'dist', script), ...args], {
      cwd: root,
      env: { ...env, DATA_DIR: dataDir },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  run('firmware-sim/demo/demo.js', '--from', FROM_DAY, '--keep', dataDir)
  run('services/cli/tilth.js', 'backup', backup)
  writeFileSync(
    target,
    brotliCompressSync(readFileSync(backup), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
    }),
  )
  process.stdout.write(`${target}: ${Math.round(statSync(target).size / 1024)} kB\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
