/** A complete Tilth in its own folder, set up over HTTP as its first user does, and programs run against it. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { expect } from 'vitest'
import { disableNagle } from '../../firmware-sim/devices/link.ts'
import { readSettings } from '../../services/config/settings.ts'
import { startTilth, type Tilth } from '../../services/app/start.ts'
import type { StartOptions } from '../../services/app/start-options.ts'
import type { DeviceCredentials } from '../../services/api/devices/device-schemas.ts'
import type { Static } from 'typebox'

const silentLog = {
  debug() {},
  info() {},
  warn() {},
  error: (fields: object, text: string) => console.error(text, fields),
}

export interface Farm {
  tilth: Tilth
  org: string
  fieldId: string
  zoneId: string
  controller: Static<typeof DeviceCredentials>
  url: string
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
  patch<T>(path: string, body: unknown): Promise<T>
  stop(): Promise<void>
}

/** One farm, one soybean field of 0.12 ha with a valve V1 of `ctl-one`. */
export async function setUpFarm(env: Record<string, string> = {}, options: StartOptions = {}): Promise<Farm> {
  const dir = await mkdtemp(join(tmpdir(), 'tilth-system-'))
  const settingsEnv = {
    DATA_DIR: dir,
    HOST: '127.0.0.1',
    MQTT_HOST: '127.0.0.1',
    PORT: '0',
    MQTT_PORT: '0',
    LOG_LEVEL: 'warn',
  }
  const settings = readSettings({ ...settingsEnv, ...env }, null)
  if (!settings.ok) throw new Error(settings.error)
  const tilth = await startTilth(settings.value, { log: silentLog, ...options })
  const url = `http://127.0.0.1:${tilth.port}`
  let cookie = ''

  async function call<T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<T> {
    const response = await fetch(url + path, {
      method,
      headers: { cookie, origin: url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const cookies = response.headers.getSetCookie().map((text) => text.split(';')[0])
    if (cookies.length > 0) cookie = cookies.join('; ')
    const text = await response.text()
    expect(response.status, `${method} ${path}: ${text}`).toBe(200)
    return JSON.parse(text) as T
  }
  const get = <T>(path: string) => call<T>('GET', path)
  const post = <T>(path: string, body: unknown) => call<T>('POST', path, body)
  const patch = <T>(path: string, body: unknown) => call<T>('PATCH', path, body)

  const org = 'ja-test'
  const token = new URL(tilth.api.setupLink()!).searchParams.get('token')
  await post('/api/setup', {
    token,
    name: 'Sato',
    email: 'sato@farm.example',
    password: 'kome-to-mizu-2026',
    orgName: 'Test co-operative',
    orgId: org,
  })
  const create = async (path: string, body: unknown) => (await post<{ id: string }>(path, body)).id
  const farmId = await create('/api/farms', {
    name: 'Sato',
    timeZone: 'Asia/Tokyo',
    latDeg: 37.4,
    lonDeg: 138.9,
    elevationM: 40,
  })
  const fieldId = await create('/api/fields', {
    farmId,
    name: 'North 3',
    kind: 'upland',
    areaM2: 1200,
    soilTexture: 'loam',
  })
  await create('/api/seasons', { fieldId, year: 2026, crop: 'soybean', plantedDay: '2026-05-28' })
  const pumpId = await create('/api/pumps', { farmId, name: 'Well', capacityLpm: 500, maxOpenValves: 1 })
  const controller = await post<Static<typeof DeviceCredentials>>('/api/devices', {
    id: 'ctl-one',
    name: 'Controller',
    kind: 'controller',
    fieldId,
  })
  const zoneId = await create('/api/zones', {
    fieldId,
    name: 'North 3',
    areaM2: 1200,
    method: 'sprinkler',
    applicationRateMmH: 8,
    efficiency: 0.8,
    wettedFraction: 1,
    maxDepthMm: 40,
    minMinutes: 5,
    maxMinutes: 120,
    window: { fromMin: 0, toMin: 0 },
    controllerId: 'ctl-one',
    valve: 'V1',
    pumpId,
  })
  return {
    tilth,
    org,
    fieldId,
    zoneId,
    controller,
    url,
    get,
    post,
    patch,
    async stop() {
      await tilth.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export interface Ran {
  code: number | null
  out: string
  err: string
}

/** Runs a shell line to its end; it is killed after `withinMs`. */
export function run(line: string, env: Record<string, string>, withinMs = 40_000): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', line], {
      env: { PATH: process.env.PATH ?? '', ...env },
      timeout: withinMs,
    })
    let output = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('close', (code) => resolve({ code, out: output, err }))
  })
}

/** Polls until the result is not null or undefined; fails after `withinMs`, with what is missing then. */
export async function eventually<T>(
  poll: () => Promise<T | null | undefined>,
  withinMs = 15_000,
  missing: () => string = () => 'it did not come about in time',
): Promise<T> {
  const untilMs = performance.now() + withinMs
  for (;;) {
    const result = await poll()
    if (result !== null && result !== undefined) return result
    if (performance.now() > untilMs) throw new Error(missing())
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The session of a new probe `probe-one` on the field. */
export async function connectProbe(farm: Farm): Promise<MqttClient> {
  const { id, secret } = await farm.post<{ id: string; secret: string }>('/api/devices', {
    id: 'probe-one',
    name: 'Probe',
    kind: 'probe',
    fieldId: farm.fieldId,
  })
  const address = `mqtt://127.0.0.1:${farm.tilth.mqttPort}`
  const probe = await connectAsync(address, { clientId: id, username: id, password: secret })
  disableNagle(probe)
  return probe
}
