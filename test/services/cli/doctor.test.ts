/** `tilth doctor` on folders, ports and servers of this machine. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../broker/sqlite/database.ts'
import { lockDataDir } from '../../../services/adapters/sqlite/data-dir-lock.ts'
import { doctorCommand } from '../../../services/cli/commands/doctor.ts'
import { checkClock, checkMemory, checkVersions } from '../../../services/cli/doctor/check-machine.ts'
import type { Finding } from '../../../services/cli/doctor/finding.ts'
import { readSettings } from '../../../services/config/settings.ts'
import { emptyManifest, writeManifest } from '../../../services/config/store-manifest.ts'

let dir: string
const servers: Server[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tilth-doctor-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done))
  rmSync(dir, { recursive: true, force: true })
})

/** What the command prints with `--json`, and the text of its failure. */
async function doctor(env: Record<string, string> = {}): Promise<{ findings: Finding[]; failure: string }> {
  const settings = readSettings({ DATA_DIR: dir, PORT: '0', MQTT_PORT: '0', ...env }, null)
  if (!settings.ok) throw new Error(settings.error)
  const lines: string[] = []
  const failure = await doctorCommand(['--json'], {
    settings: settings.value,
    print: (line) => void lines.push(line),
    progress: () => {
      throw new Error('doctor shows no progress')
    },
  }).then(
    () => '',
    (error: Error) => error.message,
  )
  return { findings: JSON.parse(lines.join('\n')) as Finding[], failure }
}
const of = ({ findings }: { findings: Finding[] }, subject: string): Finding[] =>
  findings.filter((finding) => finding.subject === subject)

async function listen(): Promise<number> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

describe('a machine that is well', () => {
  it('has no fault before the first start, and nothing is created', async () => {
    const folder = join(dir, 'data')
    const result = await doctor({ DATA_DIR: folder })
    expect(result.failure).toBe('')
    expect(result.findings.filter(({ state }) => state === 'fault')).toEqual([])
    expect(of(result, 'DATA_DIR')).toMatchObject([
      { state: 'ok', what: expect.stringContaining('first start') },
    ])
    expect(of(result, 'stores')).toMatchObject([{ state: 'ok' }])
    expect(() => rmSync(folder)).toThrow('ENOENT')
  })

  it('an empty folder stays empty', async () => {
    await doctor()
    expect(readdirSync(dir)).toEqual([])
  })

  it('a stopped Tilth has whole stores', async () => {
    openDatabase(join(dir, 'journal.db')).close()
    const database = openDatabase(join(dir, 'state.db'))
    database.exec('create table farm (id text)')
    database.close()
    expect(of(await doctor(), 'stores').map(({ what }) => what)).toEqual([
      `${join(dir, 'state.db')} is whole`,
      `${join(dir, 'journal.db')} is whole`,
    ])
  })
})

describe('what keeps Tilth from starting', () => {
  it('a port in use is a fault that names the setting', async () => {
    const port = await listen()
    const result = await doctor({ MQTT_HOST: '127.0.0.1', MQTT_PORT: String(port) })
    expect(of(result, 'MQTT_PORT')).toEqual([
      {
        subject: 'MQTT_PORT',
        state: 'fault',
        what: `${port} is in use by another program`,
        todo: 'stop that program, or set MQTT_PORT to another port',
      },
    ])
    expect(result.failure).toBe('doctor: 1 fault')
  })

  it('an address that this machine does not have', async () => {
    const result = await doctor({ HOST: '192.0.2.1', PORT: '8080' })
    expect(of(result, 'PORT')).toMatchObject([
      { state: 'fault', what: 'this machine has no address 192.0.2.1' },
    ])
  })

  it('a store that was there and is gone', async () => {
    writeManifest(dir, {
      ...emptyManifest,
      version: 1,
      stores: { journal: { id: 'j', mark: 7, hasWal: false } },
    })
    const result = await doctor()
    expect(of(result, 'stores')).toMatchObject([
      {
        state: 'fault',
        what: `${join(dir, 'journal.db')} is missing`,
        todo: expect.stringContaining('backup'),
      },
    ])
  })

  it('a database that SQLite cannot read', async () => {
    const path = join(dir, 'state.db')
    const database = openDatabase(path)
    database.exec('create table farm (id text)')
    database.exec(`insert into farm values ('${'x'.repeat(20_000)}')`)
    database.close()
    truncateSync(path, 9_000)
    expect(of(await doctor(), 'stores')).toMatchObject([
      { state: 'fault', what: expect.stringContaining(`${path} is damaged`) },
    ])
  })

  it('a file in place of the folder', async () => {
    const path = join(dir, 'file')
    writeFileSync(path, '')
    chmodSync(path, 0o600)
    expect(of(await doctor({ DATA_DIR: path }), 'DATA_DIR')).toMatchObject([{ state: 'fault' }])
  })

  it('an external broker that does not respond', async () => {
    const port = await listen()
    for (const server of servers.splice(0)) await new Promise((done) => server.close(done))
    const result = await doctor({ BUS: `mqtt://tilth:secret@127.0.0.1:${port}` })
    expect(of(result, 'BUS')).toMatchObject([{ state: 'fault' }])
    expect(JSON.stringify(result.findings)).not.toContain('secret@')
  })
})

describe('what Tilth runs with, and less well', () => {
  it('other users can read a secret: the line says what to type', async () => {
    mkdirSync(join(dir, 'open'))
    chmodSync(join(dir, 'open'), 0o755)
    const result = await doctor({ DATA_DIR: join(dir, 'open') })
    expect(of(result, 'file modes')).toMatchObject([
      { state: 'warning', todo: `chmod 700 ${join(dir, 'open')}` },
    ])
    expect(result.failure).toBe('')
  })

  it('a mail server that is away', async () => {
    const port = await listen()
    for (const server of servers.splice(0)) await new Promise((done) => server.close(done))
    const result = await doctor({ SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'tilth@example.org' })
    expect(of(result, 'SMTP_URL')).toMatchObject([{ state: 'warning', todo: 'correct SMTP_URL' }])
  })

  it('a clock that is not synchronized, and one that was never set', async () => {
    const now = Date.UTC(2026, 6, 24, 5)
    expect(await checkClock(now, async () => false)).toMatchObject({ state: 'warning' })
    expect(await checkClock(now, async () => true)).toMatchObject({
      state: 'ok',
      what: 'it shows 2026-07-24 05:00 UTC and is synchronized',
    })
    expect(await checkClock(now, async () => null)).toMatchObject({ state: 'ok' })
    expect(await checkClock(0, async () => true)).toMatchObject({ state: 'fault' })
  })

  it('little memory, and an old Node', () => {
    expect(checkMemory(256 * 1024 ** 2)).toMatchObject({
      state: 'warning',
      what: '256 MB, expected at least 512',
    })
    expect(checkMemory(512 * 1024 ** 2)).toMatchObject({ state: 'ok' })
    expect(checkVersions('20.18.3')).toMatchObject({ state: 'fault', todo: 'install Node 20.19 or newer' })
    expect(checkVersions('20.19.0')).toMatchObject({ state: 'ok' })
    expect(checkVersions('24.1.0')).toMatchObject({ state: 'ok' })
  })
})

describe('while Tilth runs', () => {
  it('its ports are its own, and the stores are left alone', async () => {
    const port = await listen()
    const lock = lockDataDir(dir)
    try {
      const result = await doctor({ MQTT_HOST: '127.0.0.1', MQTT_PORT: String(port) })
      expect(of(result, 'MQTT_PORT')).toMatchObject([{ state: 'ok', what: `${port}, Tilth runs` }])
      expect(of(result, 'stores')).toEqual([])
      expect(of(result, 'Tilth')).toMatchObject([{ state: 'ok' }])
    } finally {
      lock.release()
    }
  })
})

it('arguments that it does not have are named', async () => {
  const settings = readSettings({ DATA_DIR: dir }, null)
  if (!settings.ok) throw new Error(settings.error)
  const outcome = await doctorCommand(['--fix'], {
    settings: settings.value,
    print() {},
    progress: () => {
      throw new Error('doctor shows no progress')
    },
  })
  expect(outcome).toEqual({ ok: false, error: 'doctor: expected nothing or --json, got --fix' })
})
