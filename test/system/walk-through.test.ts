/**
 * A run whose end the server misses, from the farmer's view: services and devices are separate processes like those of
 * `npm start` and `npm run sim`, on fast clocks. A ten-minute run is started, the services are killed, the controller
 * closes by its lease; the services restart, and the record has the requested and the actual duration, the volume, the
 * end reason, and the rest, which opens only on request.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { provision } from '../../bench/support/place.ts'
import { freePort } from '../support/free-port.ts'
import { startOfTime, type FarmTime } from '../../bench/torture/support/farm-clock.ts'
import { signUp, type Person } from '../../bench/torture/support/person.ts'
import { provisionValves, RATED_LPM, type ValvePlace } from '../../bench/torture/support/valve-place.ts'
import { VALVE_FIELD } from '../../bench/torture/support/valve-world.ts'
import type { PlanView } from '../../services/api/irrigation/plan-schemas.ts'
import type { RequestResult } from '../../services/api/irrigation/command-schemas.ts'
import { eventually } from './farm.ts'
import { builtProgram } from '../support/program.ts'

const root = join(import.meta.dirname, '../..')
const SPEED = 60
const RUN_MINUTES = 10

interface Program {
  child: ChildProcess
  output(): string
}
let dir: string
let place: ValvePlace
let farmTime: FarmTime
let ports: { http: number; mqtt: number }
const programs: Program[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tilth-walk-'))
  await provision(dir, { fields: 1, devices: 1, everyS: 1_200, plantedDaysAgo: 1 })
  place = await provisionValves(dir, { controllers: 1, valvesEach: 1 })
  farmTime = startOfTime(SPEED)
  ports = { http: await freePort(), mqtt: await freePort() }
})
afterEach(async () => {
  for (const { child } of programs.splice(0)) await end(child, 'SIGKILL')
  await rm(dir, { recursive: true, force: true })
})

function run(args: string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', LOG_LEVEL: 'error', ...env },
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const program = { child, output: () => text }
  programs.push(program)
  return program
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await exited
}

/** A complete Tilth like `npm start`, on the farm's clock. */
async function startServices(): Promise<Program> {
  const services = run(['--import', 'tsx', 'bench/torture/support/fast-server.ts'], {
    DATA_DIR: dir,
    HOST: '127.0.0.1',
    MQTT_HOST: '127.0.0.1',
    PORT: String(ports.http),
    MQTT_PORT: String(ports.mqtt),
    FARM_EPOCH_MS: String(farmTime.epochMs),
    FARM_SPEED: String(SPEED),
  })
  await untilPrinted(services, /dashboard {2}http/)
  return services
}

async function startDevices(): Promise<Program> {
  const file = join(dir, 'devices.json')
  const entries = place.credentials.map(({ id, secret, commandKey }) => ({
    id,
    secret,
    commandKey,
    kind: 'controller',
    field: VALVE_FIELD,
    valves: [{ id: 'V1', ratedLpm: RATED_LPM }],
  }))
  await writeFile(file, JSON.stringify(entries))
  const { org } = place.credentials[0]!
  const to = ['--connect', `mqtt://127.0.0.1:${ports.mqtt}`, '--org', org, '--credentials', file]
  const devices = run(builtProgram('firmware-sim/main.ts', ...to, '--speed', String(SPEED)))
  await untilPrinted(devices, /1 of 1 devices online/)
  return devices
}

const untilPrinted = (program: Program, pattern: RegExp) =>
  eventually(async () => pattern.exec(program.output()), 25_000)
const openings = (devices: Program) => devices.output().match(/V1: open/g)?.length ?? 0
const runs = async (person: Person) => (await person.get<PlanView>('/api/plan')).runs
const passMs = (farmMs: number) => new Promise((resolve) => setTimeout(resolve, farmMs / SPEED))

it('is closed by its lease, is recorded with its actual duration, and its rest waits for a person', async () => {
  const services = await startServices()
  const token = /token=([\w-]+)/.exec(
    await eventually(async () => /setup\?token=\S+/.exec(services.output())?.[0]),
  )![1]!
  const person = await signUp(ports.http, token)
  const devices = await startDevices()
  const zoneId = place.zones[0]!.id

  await person.start(zoneId, RUN_MINUTES)
  await untilPrinted(devices, /V1: open/)
  await passMs(60_000)
  await end(services.child, 'SIGKILL')
  const [, ranText, litresText] = await untilPrinted(devices, /V1: shut \(lease\) after (\S+) min, (\d+) L/)

  await startServices()
  const record = await eventually(
    async () => (await runs(person)).find(({ state }) => state === 'failed'),
    25_000,
  )
  expect(record).toMatchObject({
    cause: 'manual',
    minutes: RUN_MINUTES,
    endReason: 'lease',
    isRanBound: false,
    volumeSource: 'metered',
    litres: Number(litresText),
  })
  expect(record.ranMinutes!.toFixed(1)).toBe(ranText)
  // whole minutes; the seconds until the end was received are not lost
  const unwatered = RUN_MINUTES - record.ranMinutes!
  expect(Number.isInteger(record.restMinutes)).toBe(true)
  expect(record.restMinutes! - unwatered).toBeLessThan(0.15)
  expect(record.restMinutes! - unwatered).toBeGreaterThan(-1)

  // longer than the quarter of an hour in which a planned run would have continued
  await passMs(16 * 60_000)
  expect(openings(devices)).toBe(1)

  const result = await person.post<RequestResult>('/api/start', {
    idem: randomUUID(),
    zoneId,
    minutes: record.restMinutes,
  })
  expect(result.state).toBe('accepted')
  await eventually(async () => (openings(devices) === 2 ? true : null))
  expect((await runs(person)).find(({ id }) => id === record.id)!.restMinutes).toBeNull()
}, 150_000)
