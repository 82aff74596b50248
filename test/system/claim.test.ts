/**
 * The life cycle of a device, with the real programs: added on the command line of a running Tilth, it claims,
 * connects, publishes, executes a command, gets a new secret, and is revoked.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deviceCommand } from '../../services/cli/commands/device.ts'
import { readSettings, type Settings } from '../../services/config/settings.ts'
import type { DeviceView } from '../../services/api/devices/device-schemas.ts'
import { eventually, setUpFarm, type Farm, type Ran } from './farm.ts'
import { builtProgram } from '../support/program.ts'

const root = join(import.meta.dirname, '../..')
let farm: Farm
let dir: string
let dataDir: string
const children: ChildProcess[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tilth-claim-'))
  dataDir = join(dir, 'data')
  farm = await setUpFarm({ DATA_DIR: dataDir })
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await farm.stop()
  rmSync(dir, { recursive: true, force: true })
})

const argumentsOf = (line: string) =>
  line.match(/"[^"]*"|\S+/g)!.map((argument) => argument.replaceAll('"', ''))
function settingsOf(folder: string): Settings {
  const settings = readSettings({ DATA_DIR: folder }, null)
  if (!settings.ok) throw new Error(settings.error)
  return settings.value
}
/** Runs the command line tool in a process of its own, with only DATA_DIR set. */
function tilth(line: string, dir = dataDir): Promise<Ran> {
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      builtProgram('services/cli/tilth.ts', ...argumentsOf(line)),
      { cwd: root, env: { PATH: process.env.PATH ?? '', DATA_DIR: dir } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  )
}
async function done(line: string): Promise<string> {
  const { code, out, err } = await tilth(line)
  expect([code, err]).toEqual([0, ''])
  return out
}
const codeIn = (out: string): string => /claim code +(\S+)/.exec(out)![1]!
const devices = () => farm.get<DeviceView[]>('/api/devices')
const audited = async (subject: string) =>
  (
    await farm.tilth.state
      .selectFrom('audit')
      .select(['action', 'actor'])
      .where('subject', '=', subject)
      .orderBy('n')
      .execute()
  ).flatMap(({ action, actor }) => (action.startsWith('device.refused') ? [] : `${action} by ${actor}`))

interface Kept {
  id: string
  secret: string
  commandKey: string
}
const file = (name: string): string => join(dir, name)
const credentialsIn = (name: string): Kept[] => JSON.parse(readFileSync(file(name), 'utf8')) as Kept[]

function simulate(args: string[]): { child: ChildProcess; out: () => string } {
  const child = spawn(process.execPath, builtProgram('firmware-sim/main.ts', ...args), {
    cwd: root,
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return { child, out: () => output }
}
const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode)
    else child.once('close', resolve)
  })

/** Resolves when the broker has accepted it; rejects with the return code otherwise. */
async function connect({ id, secret }: Pick<Kept, 'id' | 'secret'>): Promise<MqttClient> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${farm.tilth.mqttPort}`, {
    clientId: id,
    username: id,
    password: secret,
    protocolVersion: 4,
    reconnectPeriod: 0,
  })
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client))
    client.once('error', (error) => {
      client.end(true)
      reject(error)
    })
    client.once('close', () => reject(new Error('closed without a word')))
  })
}
// a client whose connection was taken over may already be closed
const end = (client: MqttClient) =>
  new Promise<void>((resolve) => {
    if (client.stream.destroyed) return resolve()
    client.stream.once('close', () => resolve())
    client.end(true)
  })

describe('a controller', () => {
  let id: string
  let first: Kept

  it('is added at the console under the names of the farm, and its code is shown once', async () => {
    await farm.tilth.state.updateTable('zone').set({ controllerId: null, valve: null }).execute()
    const out = await done('device add controller --name "North box" --valve "V1=north 3" --id north-box')
    expect(out).toMatch(/^North box was added as north-box in the organisation ja-test\.$/m)
    expect(codeIn(out)).toMatch(/^(\w{4}-){4}\w{4}$/)
    expect(out).toContain(`npm run sim -- --claim ${codeIn(out)} --at http://localhost:${farm.tilth.port}`)
    expect((await devices()).find((device) => device.id === 'north-box')?.claimableUntilMs).not.toBe(null)
    const { child, out: output } = simulate([
      '--claim',
      codeIn(out),
      '--at',
      farm.url,
      '--credentials',
      file('claimed.json'),
      '--sample',
      '1',
    ])
    id = 'north-box'
    await eventually(async () => /1 of 1 devices online/.test(output()) || null, 90_000).catch(() => {
      throw new Error(`it did not come online: ${output()}`)
    })
    expect(output()).toContain('claimed: this is north-box of ja-test; its secrets are in ')
    expect(statSync(join(dir, 'claimed.json')).mode & 0o077).toBe(0)
    first = credentialsIn('claimed.json')[0]!
    expect(output()).not.toContain(first.secret)

    // it publishes, and its meter readings arrive
    await eventually(async () => {
      const [meter] = await farm.tilth.series.latest({ org: farm.org, device: id })
      return meter
    })
    // and it executes a command with a MAC of the claimed key
    const { id: requestId } = await farm.post<{ id: string }>('/api/start', {
      idem: randomUUID(),
      zoneId: farm.zoneId,
      minutes: 10,
    })
    expect(requestId).toBeTruthy()
    const stateOf = async () =>
      (
        await farm.tilth.state
          .selectFrom('valveState')
          .selectAll()
          .where('deviceId', '=', id)
          .executeTakeFirst()
      )?.pos
    await eventually(async () => ((await stateOf()) === 'open' ? true : null), 90_000)
    await farm.post('/api/stop', { idem: randomUUID(), zoneId: farm.zoneId })
    await eventually(async () => ((await stateOf()) === 'closed' ? true : null), 90_000)
    child.kill('SIGINT')
    expect(await ended(child)).toBe(0)
  }, 240_000)

  it('is rejected with a used code, logs the reason, and repeats the request', async () => {
    const newCode = await done('device code north-box')
    const otherDevice = simulate([
      '--claim',
      codeIn(newCode),
      '--at',
      farm.url,
      '--credentials',
      file('new.json'),
      '--for',
      '1s',
    ])
    expect(await ended(otherDevice.child)).toBe(0)
    const lateDevice = simulate([
      '--claim',
      codeIn(newCode),
      '--at',
      farm.url,
      '--credentials',
      file('late.json'),
    ])
    await eventually(async () => lateDevice.out().includes('\n') || null, 90_000)
    expect(lateDevice.out()).toBe(
      'code: this code is not valid or no longer valid; request a new one. Asking again in 60 s, until somebody adds this device\n',
    )
    lateDevice.child.kill('SIGINT')
    await ended(lateDevice.child)
    // the new hardware has replaced the old one
    await expect(connect(first)).rejects.toMatchObject({ code: 5 })
    first = credentialsIn('new.json')[0]!
    await end(await connect(first))
  }, 180_000)

  it('gets another secret while the previous one stays valid, until the next change (B4)', async () => {
    const out = await done('device rotate north-box')
    const second = { id, secret: /secret +(\S+)/.exec(out)![1]! }
    const oldConnection = await connect(first)
    await end(await connect(second)) // replaces the older connection
    await end(oldConnection)
    await done('device rotate north-box')
    await expect(connect(first)).rejects.toMatchObject({ code: 5 })
    await end(await connect(second))
    first = { ...first, ...second }
  }, 180_000)

  it('is cut off within a second of its revocation, and stays so (B4)', async () => {
    const connection = await connect(first)
    const closed = new Promise<string>((resolve) => connection.once('close', () => resolve('closed')))
    const revoked = farm.post(`/api/devices/${id}/revoke`, {})
    expect(await Promise.race([closed, revoked.then(() => wait(1_000, 'still open'))])).toBe('closed')
    await revoked
    await expect(connect(first)).rejects.toMatchObject({ code: 5 })
    const { code, err } = await tilth('device code north-box')
    expect([code, err]).toEqual([1, 'tilth: this device is revoked; add it under another id\n'])
    expect(await done('device list')).toMatch(/^north-box +controller +North box +- +ja-test +revoked$/m)
    expect(await audited(id)).toEqual([
      'device.create by console',
      'device.claim-code by console',
      'device.claim by device:north-box',
      'device.claim-code by console',
      'device.claim by device:north-box',
      'device.claim-refused by system',
      'device.rotate by console',
      'device.rotate by console',
      expect.stringMatching(/^device\.revoke by (?!console)/),
    ])
  }, 180_000)
})

describe('the console', () => {
  it('revokes a device whose connection is open, from another process (B4)', async () => {
    const out = await done('device add probe --name "Probe 2" --field "NORTH 3" --id probe-2')
    const claim = simulate([
      ...['--claim', codeIn(out), '--at', farm.url, '--credentials', file('probe.json'), '--for', '1s'],
    ])
    expect(await ended(claim.child)).toBe(0)
    const connection = await connect(credentialsIn('probe.json')[0]!)
    const closed = new Promise<void>((resolve) => connection.once('close', () => resolve()))
    await done('device revoke probe-2')
    await closed
  }, 180_000)

  // the same command in this process: a dozen more processes would prove nothing more
  it.each([
    ['add controller', 'misread', '--name: expected a display name, got nothing'],
    ['add probe --name x --valve V1=a', 'misread', '--valve: only a controller has valves, not a probe'],
    ['add controller --name x --valve V1', 'misread', '--valve: expected V1=ZONE, got V1'],
    ['add probe --name x --every soon', 'misread', '--every: expected a whole number from 1, got soon'],
    ['add probe --nmae x', 'misread', "Unknown option '--nmae'"],
    ['dance', 'misread', 'device: expected add, list, code, rotate or revoke, got dance'],
    ['add drone --name x', 'refused', 'kind: must be'],
    [
      'add probe --name x --field "South 9"',
      'refused',
      'field: there is no South 9; expected one of: North 3',
    ],
    ['add probe --name x --farm Ito', 'refused', 'farm: there is no Ito; expected one of: Sato (ja-test)'],
    ['add probe --name x --id ctl-one', 'refused', 'id: ctl-one is taken; choose another'],
    ['rotate nobody', 'refused', 'there is no device nobody; list the devices with tilth device list'],
  ])('device %s is %s: %s', async (line, how, text) => {
    const result = deviceCommand(argumentsOf(line), {
      settings: settingsOf(dataDir),
      print: () => {},
      progress: () => ({ update() {}, print() {}, aside: (write) => write(), stop() {} }),
    })
    if (how === 'misread') expect(await result).toEqual({ ok: false, error: text })
    else await expect(result).rejects.toThrow(text)
  })

  it('reports in one line that no Tilth runs there', async () => {
    const { code, err } = await tilth('device list', join(dir, 'nowhere'))
    expect(err).toMatch(/^tilth: no Tilth is running on DATA_DIR .*nowhere .*; start it first\n$/)
    expect(code).toBe(1)
  }, 180_000)

  it('prints the usage for an unknown command', async () => {
    const { code, err } = await tilth('water')
    expect(err).toMatch(/^tilth: unknown command water\n\nusage: tilth COMMAND/)
    expect(code).toBe(2)
  }, 180_000)

  it('prevents a second Tilth on the same folder', async () => {
    const env = {
      PATH: process.env.PATH ?? '',
      DATA_DIR: dataDir,
      PORT: '0',
      MQTT_PORT: '0',
      HOST: '127.0.0.1',
    }
    const { code, err } = await new Promise<Ran>((resolve) =>
      execFile(
        process.execPath,
        builtProgram('services/main.ts'),
        { cwd: root, env: { ...env, LOG_LEVEL: 'silent' }, timeout: 120_000 },
        (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
      ),
    )
    expect(err).toMatch(
      /^tilth: a Tilth is already running on DATA_DIR .*; stop it, or set DATA_DIR to another folder\n$/,
    )
    expect(code).toBe(1)
    expect(await done('device list')).toMatch(/^ctl-one /m) // the first one continues
  }, 180_000)

  it('is open only to the user who runs Tilth', () => {
    expect(statSync(join(dataDir, 'tilth.sock')).mode & 0o077).toBe(0)
  })
})
