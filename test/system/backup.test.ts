/**
 * An older backup is restored while a controller continued (F13), with the real programs: server, simulated
 * controller, `tilth backup` and `tilth restore`, and a kill -9 between them.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../../broker/sqlite/database.ts'
import type { Result } from '../../broker/contract/result.ts'
import { isActiveState } from '../../broker/contract/command-lifecycle/types.ts'
import { verifyAudit } from '../../services/audit/audit-log.ts'
import { restoreCommand } from '../../services/cli/commands/restore.ts'
import { readSettings } from '../../services/config/settings.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import type { Today } from '../../services/api/screens/today-schemas.ts'
import { freePort } from '../support/free-port.ts'
import { eventually, setUpFarm, type Ran } from './farm.ts'
import { builtProgram } from '../support/program.ts'

const root = join(import.meta.dirname, '../..')
let dir: string
let env: Record<string, string>
let url: string
let zoneId: string
let cookie = ''
const children = new Set<ChildProcess>()
const path = (name: string) => join(dir, name)
const data = (name: string) => join(dir, 'data', name)

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tilth-backup-'))
  env = {
    DATA_DIR: path('data'),
    HOST: '127.0.0.1',
    MQTT_HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    PORT: String(await freePort()),
    MQTT_PORT: String(await freePort()),
  }
  url = `http://127.0.0.1:${env.PORT}`
  const farm = await setUpFarm(env)
  zoneId = farm.zoneId
  const { id, secret, commandKey } = farm.controller
  const entry = { id, kind: 'controller', secret, commandKey, valves: [{ id: 'V1', ratedLpm: 60 }] }
  writeFileSync(path('devices.json'), JSON.stringify([entry]))
  await farm.tilth.stop()
}, 180_000)
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

function start(script: string, args: string[] = [], errors: 'pipe' | 'inherit' = 'inherit'): ChildProcess {
  const child = spawn(process.execPath, builtProgram(script, ...args), {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', errors],
  })
  children.add(child)
  child.on('close', () => children.delete(child))
  return child
}
const untilPrinted = (child: ChildProcess, text: string) =>
  new Promise<void>((resolve, reject) => {
    let output = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes(text)) resolve()
    })
    child.once('close', () => reject(new Error(`it ended: ${output}`)))
  })
async function startServer(): Promise<ChildProcess> {
  const server = start('services/main.ts')
  await untilPrinted(server, 'Tilth is ready')
  return server
}
function kill(child: ChildProcess): Promise<void> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.kill('SIGKILL')
  return closed
}
const tilth = (...args: string[]): Promise<Ran> =>
  new Promise((resolve) =>
    execFile(
      process.execPath,
      builtProgram('services/cli/tilth.ts', ...args),
      { cwd: root, env: { PATH: process.env.PATH ?? '', ...env } },
      (error, output, err) => resolve({ code: error ? Number(error.code) : 0, out: output, err }),
    ),
  )

async function call(
  method: string,
  route: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url + route, {
    method,
    headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const cookies = response.headers.getSetCookie().map((text) => text.split(';')[0])
  if (cookies.length > 0) cookie = cookies.join('; ')
  return { status: response.status, body: await response.json() }
}
async function signIn(): Promise<void> {
  const signIn = { email: 'sato@farm.example', password: 'kome-to-mizu-2026' }
  const { status, body } = await call('POST', '/api/auth/sign-in/email', signIn)
  expect(status, JSON.stringify(body)).toBe(200)
}

const startValve = async () => {
  // rejected until the first heartbeat of the connection arrives, and for two seconds after a STOP; a person requests it again
  const result = await eventually(async () => {
    const response = await call('POST', '/api/start', { idem: randomUUID(), zoneId, minutes: 10 })
    expect(response.status, JSON.stringify(response.body)).toBe(200)
    const { reason } = response.body as { reason: string | null }
    return reason === 'controller-offline' || reason === 'stopped' ? null : response
  }, 90_000)
  await eventually(async () => (device().isOpen ? true : null), 90_000).catch(async (error: unknown) => {
    throw new Error(`${JSON.stringify(result.body)} ${JSON.stringify(orders())}`, { cause: error })
  })
}
const stopValve = async () => {
  await call('POST', '/api/stop', { idem: randomUUID(), zoneId })
  await eventually(async () => (device().isOpen ? null : true), 90_000)
  await eventually(async () => (orders().every(({ state }) => !isActiveState(state)) ? true : null), 90_000)
}

/** The controller's flash: the highest consumed number, and whether a run is open. */
function device(): { last: number; isOpen: boolean } {
  const { valves } = JSON.parse(readFileSync(path('flash/ctl-one.json'), 'utf8')) as {
    valves: { last: Record<string, number>; open: object } | null
  }
  return { last: valves?.last.V1 ?? 0, isOpen: Object.keys(valves?.open ?? {}).length > 0 }
}
/** The commands in the server's database, read while it runs. */
function orders(): { seq: number; op: string; state: string }[] {
  const database = openDatabase(data('state.db'))
  try {
    return database.prepare('select seq, op, state from command order by seq').all() as never
  } finally {
    database.close()
  }
}
async function alerts(): Promise<Today['alerts']> {
  const { status, body } = await call('GET', '/api/today')
  expect(status, JSON.stringify(body)).toBe(200)
  return (body as Today).alerts
}

it('no earlier number is used again, and the person is notified (B15)', async () => {
  let server = await startServer()
  await signIn()
  const sim = start('firmware-sim/main.ts', [
    ...['--connect', `mqtt://127.0.0.1:${env.MQTT_PORT}`, '--org', 'ja-test', '--sample', '1'],
    ...['--credentials', path('devices.json'), '--flash', path('flash')],
  ])
  await untilPrinted(sim, '1 of 1 devices online')

  // backed up while a valve is open and readings arrive
  await startValve()
  await tilth('device', 'add', 'probe', '--name', 'Waits', '--id', 'waits')
  const forgot = await tilth('password', 'sato@farm.example')
  expect(forgot.out).toContain(`http://localhost:${env.PORT}/join?reset=`)
  const invited = await call('POST', '/api/invitations', { purpose: 'person', role: 'viewer' })
  expect(invited.status, JSON.stringify(invited.body)).toBe(200)
  const backup = await tilth('backup', path('farm.tar'))
  expect([backup.code, backup.err]).toEqual([0, ''])
  expect(backup.out).toMatch(/state\.db +\d.* [kM]B[^]*farm\.tar is complete\. Not included: the settings/)
  expect((await tilth('backup', path('farm.tar'))).err).toMatch(/farm\.tar exists already/)
  await stopValve()
  const highestSeq = Math.max(...orders().map(({ seq }) => seq)) // some of them are not in the backup
  await startValve()
  await stopValve()
  const { last } = device()
  expect(last).toBeGreaterThan(highestSeq)

  // not possible while Tilth is running
  const rejected = await tilth('restore', path('farm.tar'))
  expect([rejected.code, rejected.err]).toEqual([
    1,
    `tilth: a Tilth is running on DATA_DIR ${path('data')}; stop it first\n`,
  ])
  await kill(server)
  const restored = await tilth('restore', path('farm.tar'))
  expect(restored.code).toBe(0)
  expect(restored.err).toMatch(/^(restore .+\n)+$/) // its progress
  expect(restored.out).toMatch(/Restored the state of .* The previous files are in .*before-restore-/)
  const ordersBefore = orders()
  expect(ordersBefore).toMatchObject([{ seq: 1, op: 'open', state: 'running' }])

  server = await startServer()
  expect((await call('GET', '/api/me')).status).toBe(401) // sessions of the backup are ended
  await signIn()
  const alert = await eventually(
    async () => (await alerts()).find(({ cause }) => cause === 'sequence-mismatch'),
    90_000,
  )
  expect(alert.params).toMatchObject({ valve: 'V1', used: last })
  await eventually(async () => (orders().every(({ state }) => !isActiveState(state)) ? true : null), 90_000)
  expect(device().isOpen).toBe(false)

  await startValve()
  await stopValve()
  const seqs = orders().map(({ seq }) => seq)
  expect(seqs[0]).toBe(1)
  expect(Math.min(...seqs.slice(1))).toBeGreaterThan(last)
  expect(orders().find(({ seq }) => seq === Math.min(...seqs.slice(1)))?.op).toMatch(/open|close/)
  await kill(sim)
  await kill(server)

  const { state, close } = await openSqliteState(data('state.db'))
  const verdict = await verifyAudit(state, 'ja-test')
  const lines = await state.selectFrom('audit').select(['action', 'actor']).orderBy('n').execute()
  const claims = await state.selectFrom('claim').selectAll().execute()
  const links = await state.selectFrom('passwordLink').selectAll().execute()
  const open = await state.selectFrom('invitationCode').selectAll().where('usedMs', 'is', null).execute()
  await close()
  expect(verdict.broken).toBe(null)
  expect(lines).toContainEqual({ action: 'restore', actor: 'console' })
  expect(lines).toContainEqual({ action: 'sequence-mismatch', actor: 'system' })
  // the claim code, the invitation and the password link of the backup may have been used since
  expect([claims, links, open]).toEqual([[], [], []])
}, 300_000)

/** The same command in this process. */
async function restore(file: string): Promise<Result<null>> {
  const settings = readSettings(env, null)
  if (!settings.ok) throw new Error(settings.error)
  return restoreCommand([file], {
    settings: settings.value,
    print() {},
    progress: () => ({ update() {}, print() {}, aside: (write) => write(), stop() {} }),
  })
}

it('an incomplete backup changes nothing (B15)', async () => {
  const archive = readFileSync(path('farm.tar'))
  // SQLite creates and removes its own side files with each reader
  const files = () =>
    readdirSync(path('data'))
      .filter((name) => !/-(wal|shm)$/.test(name))
      .sort()
  const filesBefore = files()
  const { ino } = statSync(data('state.db'))
  for (const [name, bytes] of [
    ['cut.tar', archive.subarray(0, archive.length / 2)],
    ['changed.tar', Buffer.from(archive).fill(7, 9_000, 9_001)],
    ['text.tar', Buffer.from('no backup at all')],
  ] as const) {
    writeFileSync(path(name), bytes)
    await expect(restore(path(name))).rejects.toThrow(`${name} is not a complete backup`)
  }
  await expect(restore(path('absent.tar'))).rejects.toThrow(/there is no file .*absent\.tar$/)
  expect(files()).toEqual(filesBefore)
  expect(statSync(data('state.db')).ino).toBe(ino) // the same file, not a replacement
}, 180_000)

it('an interrupted restore is reported at the start, and can be run again (B15)', async () => {
  mkdirSync(data('restoring'))
  renameSync(data('state.db'), data('restoring/state.db'))
  const server = start('services/main.ts', [], 'pipe')
  let err = ''
  server.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()))
  expect(await new Promise((resolve) => server.once('close', resolve))).toBe(1)
  expect(err).toMatch(/^tilth: a restore into .* was interrupted; run it again/)
  expect(existsSync(data('state.db'))).toBe(false)
  expect(await restore(path('farm.tar'))).toEqual({ ok: true, value: null })
  await kill(await startServer())
}, 180_000)
