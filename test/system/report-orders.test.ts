/** Report orders survive the server: killed while creating them, it creates them again after a restart. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import readSheet from 'read-excel-file/node'
import { oneOrganisation } from '../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../firmware-sim/demo/members/write-members.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import { builtProgram } from '../support/program.ts'

const root = join(import.meta.dirname, '../..')
const ORG = 'midori'
const PASSWORD = 'kome-to-mizu-2026'
let dir: string
let server: ChildProcess
let url: string
let setup: string | undefined
let cookie = ''

/** Starts the server; resolves when it is ready, with its address and the one-time link if printed. */
async function start(): Promise<void> {
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: dir, HOST: '127.0.0.1', MQTT_HOST: '127.0.0.1' }
  server = spawn(process.execPath, builtProgram('services/main.ts'), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    // without planning, which would change the rows within a minute
    env: { ...env, PORT: '0', MQTT_PORT: '0', LOG_LEVEL: 'silent', PLANNING: 'off' },
  })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    server.once('close', () => reject(new Error(`it ended: ${output}`)))
    server.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const link = setup ?? /setup\?token=([\w-]+)\s/.exec(output)?.[1]
      const address = /dashboard +(http:\/\/127\.0\.0\.1:\d+)\s/.exec(output)?.[1]
      if (link === undefined || address === undefined) return
      setup = link
      url = address
      resolve()
    })
  })
}

function kill(): Promise<void> {
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()))
  server.kill('SIGKILL')
  return closed
}

async function call(method: 'GET' | 'POST', path: string, body?: object): Promise<Response> {
  const response = await fetch(url + path, {
    method,
    headers: { cookie, origin: url, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const cookies = response.headers.getSetCookie().map((text) => text.split(';')[0])
  if (cookies.length > 0) cookie = cookies.join('; ')
  return response
}

/** Reads the event stream until it contains a text. */
async function untilStreamed(text: string): Promise<void> {
  const abort = new AbortController()
  const response = await fetch(`${url}/api/events`, { headers: { cookie }, signal: abort.signal })
  const reader = response.body!.getReader()
  let streamed = ''
  while (!streamed.includes(text)) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`the stream ended: ${streamed}`)
    streamed += new TextDecoder().decode(value)
  }
  abort.abort()
}

type Order = { id: string; state: string }
const orders = async (): Promise<Order[]> =>
  ((await (await call('GET', '/api/reports')).json()) as { orders: Order[] }).orders

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tilth-orders-'))
  await start()
  const person = { name: 'Mori', email: 'mori@midori.example', password: PASSWORD }
  const first = { ...person, token: setup, orgName: 'Midori', orgId: ORG }
  expect((await call('POST', '/api/setup', first)).status).toBe(200)
  const { email, password } = person
  expect((await call('POST', '/api/auth/sign-in/email', { email, password })).status).toBe(200)
  await kill()
  const { state, close } = await openSqliteState(join(dir, 'state.db'))
  await writeRows(state, oneOrganisation({ coop: ORG, members: 40, fields: 160, year: 2026, yearsBack: 2 }))
  await close()
  await start()
}, 120_000)
afterAll(async () => {
  await kill()
  rmSync(dir, { recursive: true, force: true })
})

/** The cells of a workbook, except its creation time. */
async function rowsOf(bytes: ArrayBuffer): Promise<string[]> {
  const workbook = (await readSheet(Buffer.from(bytes))) as unknown as { sheet: string; data: unknown[][] }[]
  return workbook.flatMap(({ sheet, data }) =>
    data.map((row) => JSON.stringify([sheet, ...row])).filter((row) => !row.includes('Created at')),
  )
}

it('a server that is killed while it creates reports creates the same ones after its next start', async () => {
  const makingEvent = untilStreamed('"state":"running"')
  const season = { year: '2026', crop: 'rice' }
  const ids: string[] = []
  for (const format of ['xlsx', 'pdf', 'geojson']) {
    const response = await call('POST', '/api/reports', { format, ...season })
    expect(response.status).toBe(200)
    ids.push(((await response.json()) as Order).id)
  }
  await makingEvent
  expect((await orders()).filter(({ state }) => state === 'done').length).toBeLessThan(3)
  await kill()
  await start()
  await expect
    .poll(async () => (await orders()).map(({ state }) => state), { timeout: 60_000, interval: 200 })
    .toEqual(['done', 'done', 'done'])
  expect((await orders()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
  const download = await call('GET', `/api/reports/${ids[0]!}/file`)
  expect(download.headers.get('content-disposition')).toContain('tilth-season-2026-rice.xlsx')
  const direct = await call('GET', `/api/reports/season.xlsx?${new URLSearchParams(season).toString()}`)
  const rows = await rowsOf(await download.arrayBuffer())
  expect(rows.length).toBeGreaterThan(160)
  expect(rows).toEqual(await rowsOf(await direct.arrayBuffer()))
}, 180_000)
