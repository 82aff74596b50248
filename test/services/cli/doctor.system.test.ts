/** `tilth doctor` and the programs of `tilth`, and certificates from openssl. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DAY_MS } from '../../../broker/contract/time.ts'
import { checkCertificates } from '../../../services/cli/doctor/check-files.ts'
import { readSettings } from '../../../services/config/settings.ts'
import { makeAuthority } from '../../support/certificates.ts'
import { builtProgram } from '../../support/program.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tilth-doctor-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

it('the certificates of MQTT and HTTPS: in time, soon to be renewed, over, not there', () => {
  const { cert, key } = makeAuthority(dir).issue('farm')
  const settings = (env: Record<string, string>) => {
    const read = readSettings({ DATA_DIR: dir, ...env }, null)
    if (!read.ok) throw new Error(read.error)
    return read.value
  }
  const ours = settings({ MQTT_TLS_CERT: cert, MQTT_TLS_KEY: key, HTTPS: `${cert},${key}` })
  const after = (days: number) =>
    checkCertificates(ours, Date.now() + days * DAY_MS).map(({ subject, state }) => `${subject} ${state}`)
  expect([0, 20, 31].map(after)).toEqual([
    ['MQTT_TLS_CERT ok', 'HTTPS ok'],
    ['MQTT_TLS_CERT warning', 'HTTPS warning'],
    ['MQTT_TLS_CERT fault', 'HTTPS fault'],
  ])
  expect(checkCertificates(settings({ HTTPS: 'own' }))).toEqual([])
  expect(checkCertificates(settings({ HTTPS: `${join(dir, 'none.pem')},${key}` }))).toMatchObject([
    { subject: 'HTTPS', state: 'fault', what: expect.stringContaining('ENOENT') },
  ])
})

const run = (args: string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) =>
    execFile(
      process.execPath,
      builtProgram('services/cli/tilth.ts', ...args),
      {
        cwd: dir,
        env: { PATH: process.env.PATH ?? '', DATA_DIR: join(dir, 'data'), PORT: '0', MQTT_PORT: '0', ...env },
      },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  )

it('the program ends with 0 where all is well, and with 1 and a line of what to do where not', async () => {
  const well = await run(['doctor'])
  expect([well.code, well.err]).toEqual([0, ''])
  expect(well.out).toMatch(/^ok {7}versions: Tilth \d+\.\d+\.\d+, Node /)
  const ill = await run(['doctor'], { HOST: '192.0.2.1', PORT: '8080' })
  expect(ill).toMatchObject({ code: 1, err: 'tilth: doctor: 1 fault\n' })
  expect(ill.out).toContain('FAULT    PORT: this machine has no address 192.0.2.1\n         set the host to')
})

it('`tilth start` and `tilth demo` are the programs of npm start and npm run demo', async () => {
  expect(await run(['start', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('MQTT_PORT') })
  expect(await run(['demo', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--members') })
})
