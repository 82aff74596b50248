/**
 * The data of each release opens in this version: `test/releases/VERSION.tar.br` is a farm's backup that the release itself
 * took (docs/releasing.md). And a version does not open the data of a later one.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../broker/sqlite/database.ts'
import type { Today } from '../../services/api/screens/today-schemas.ts'
import { freePort } from '../support/free-port.ts'
import { builtProgram } from '../support/program.ts'

const root = join(import.meta.dirname, '../..')
const kept = join(root, 'test/releases')
const releases = readdirSync(kept).flatMap((name) => (name.endsWith('.tar.br') ? [name.slice(0, -7)] : []))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const PERSON = 'demo@shinano-hills.example'

it('this version is released with its data', () => {
  expect(releases).toContain(version)
})

describe.each(releases)('the data of %s', (release) => {
  let folder: string
  let backup: string
  let env: Record<string, string>
  let url: string
  let server: ChildProcess | null = null
  const data = (name: string) => join(folder, 'data', name)
  const tilth = (...args: string[]) =>
    promisify(execFile)(process.execPath, builtProgram('services/cli/tilth.ts', ...args), { cwd: root, env })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tilth-release-'))
    backup = join(folder, 'farm.tar')
    writeFileSync(backup, brotliDecompressSync(readFileSync(join(kept, `${release}.tar.br`))))
    env = {
      PATH: process.env.PATH ?? '',
      DATA_DIR: join(folder, 'data'),
      HOST: '127.0.0.1',
      MQTT_HOST: '127.0.0.1',
      FORECAST: 'climatology:',
      PORT: String(await freePort()),
      MQTT_PORT: String(await freePort()),
    }
    url = `http://127.0.0.1:${env.PORT}`
  })
  afterAll(() => {
    server?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  async function start(environment = env): Promise<{ output: string; isReady: boolean }> {
    server = spawn(process.execPath, builtProgram('services/main.ts'), { cwd: root, env: environment })
    let output = ''
    return new Promise((resolve) => {
      for (const stream of [server!.stdout!, server!.stderr!])
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          if (output.includes('Tilth is ready')) resolve({ output, isReady: true })
        })
      server!.once('close', () => resolve({ output, isReady: false }))
    })
  }
  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => server!.once('close', resolve))
    server!.kill('SIGTERM')
    await closed
  }
  async function call<T>(path: string, cookie: string, body?: unknown) {
    const response = await fetch(url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { cookie, origin: url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    expect(response.status, `${path}: ${text}`).toBe(200)
    const cookies = response.headers.getSetCookie().map((item) => item.split(';')[0])
    return { cookie: cookies.join('; '), body: JSON.parse(text) as T }
  }

  it('is restored with every row, and the chains of its audit are whole', async () => {
    const { stdout } = await tilth('backup', '--verify', backup)
    expect(stdout).toMatch(/can be restored\.\n.*\n.*readings\n.*with a whole audit/)
  })

  it('a Tilth starts on it, and a person signs in and reads every field', async () => {
    await tilth('restore', backup)
    expect(await start()).toMatchObject({ isReady: true })
    const code = new URL(/https?:\S+/.exec((await tilth('password', PERSON)).stdout)![0]).searchParams.get(
      'reset',
    )
    const password = 'mizu-to-kome-2027'
    const { cookie } = await call('/api/password-links/accept', '', { code, password })
    const { body: today } = await call<Today>('/api/today', cookie)
    expect(today.fields).toHaveLength(12)
    for (const { id } of today.fields) {
      await call(`/api/fields/${id}`, cookie)
      await call(`/api/fields/${id}/history`, cookie)
    }
    await stop()
  })

  it('then has the tables of a new store', async () => {
    expect(await start({ ...env, DATA_DIR: join(folder, 'new') })).toMatchObject({ isReady: true })
    await stop()
    for (const store of ['state.db', 'series.db', 'journal.db'])
      expect(tablesOf(data(store)), store).toEqual(tablesOf(join(folder, 'new', store)))
  })

  it.each([
    {
      name: 'state.db',
      later: "insert into kysely_migration values ('999-later', '2030-01-01')",
      back: "delete from kysely_migration where name = '999-later'",
      mark: 'migration 999-later',
    },
    ...['series.db', 'journal.db'].map((name) => ({
      name,
      later: 'pragma user_version = 99',
      back: 'pragma user_version = 1',
      mark: 'format 99',
    })),
  ])('a $name of a later version is refused with one line, and stays as it is', async (store) => {
    change(data(store.name), store.later)
    const { isReady, output } = await start()
    expect(isReady).toBe(false)
    const line = output.trim().split('\n').at(-1)!
    expect(line).toContain(`written by a later version of Tilth (${store.mark}`)
    expect(line).toMatch(/install that version, or restore a backup from before the upgrade$/)
    change(data(store.name), store.back)
    expect(await start()).toMatchObject({ isReady: true })
    await stop()
  })
})

function change(path: string, sql: string): void {
  const database = openDatabase(path)
  database.exec(sql)
  database.close()
}

/** Columns by table, and indexes: what a migration must reach, whatever the way. */
function tablesOf(path: string): object {
  const database = openDatabase(path)
  try {
    const entries = database
      .prepare(
        `select m.name as tbl, c.name as col, c.type, c."notnull" as required, c.dflt_value as fallback, c.pk
         from sqlite_schema m join pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'sqlite%' order by 1, 2`,
      )
      .all()
    const indexes = database
      .prepare("select name, sql from sqlite_schema where type = 'index' and sql is not null order by name")
      .all()
    return { entries, indexes }
  } finally {
    database.close()
  }
}
