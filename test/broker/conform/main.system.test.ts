/** Conform as its user runs it: as a command with a broker of its own, and on a Mosquitto that runs already. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../broker/contract/time.ts'
import { loadOrCreateCredentials } from '../../../broker/conform/credentials.ts'
import { readOptions, usage } from '../../../broker/conform/options.ts'
import { joinOtherBroker } from '../../../broker/conform/other-broker.ts'
import { isConformant } from '../../../broker/conform/print.ts'
import { runConform } from '../../../broker/conform/run.ts'
import { startController, type Controller } from '../../../firmware-sim/devices/controller.ts'
import { weatherAt } from '../../../firmware-sim/weather/weather.ts'
import { createWorld } from '../../../firmware-sim/world.ts'
import { plain, soybeanOnLoam, steady } from '../../firmware-sim/places.ts'
import { startMosquitto } from '../../support/mosquitto.ts'
import { requireProgram } from '../../support/require.ts'
import { root, type Simulator } from './conform-bench.ts'
import { damagedSimulator } from './damage.ts'
import { mutants } from './mutants.ts'
import { builtProgram } from '../../support/program.ts'

let folder: string
const atEnd: (() => Promise<void>)[] = []
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tilth-conform-'))))
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end()
  rmSync(folder, { recursive: true, force: true })
})

const fileIn = (name: string) => join(folder, name)

function controllerAt(
  url: string,
  made: { org: string; id: string; secret: string; commandKey: string },
  simulator: Simulator = { startController },
): Promise<Controller> {
  const nowMs = systemClock.now()
  const year = new Date(nowMs).getUTCFullYear()
  const source = {
    ...steady(),
    firstDay: `${year}-01-01`,
    lastDay: null,
    day: (day: string) => steady().day('2026-07-06') && { ...steady().day('2026-07-06')!, day },
  }
  const field = { ...soybeanOnLoam, plantedDay: `${year}-01-01` }
  const world = createWorld({
    weather: weatherAt(source, plain, 'test'),
    fields: [field],
    startMs: nowMs,
    seed: 'test',
  })
  const valves = [{ id: 'V1', field: field.id, ratedLpm: 100 }]
  return simulator.startController({
    credentials: made,
    url,
    clock: systemClock,
    world,
    seed: 'test',
    valves,
  })
}

describe('the command', () => {
  it(
    'prints where to connect, waits, and names the rule that a controller breaks, exit 1',
    { timeout: 90_000 },
    async () => {
      const credentials = fileIn('c.json')
      const args = [
        '--device',
        'ctl-9',
        '--host',
        '127.0.0.1',
        '--port',
        '0',
        '--only',
        'mac,close-again',
        '--json',
      ]
      const child = spawn(
        process.execPath,
        builtProgram('broker/conform/main.ts', ...args, '--credentials', credentials),
        { cwd: root },
      )
      let out = ''
      let said = ''
      child.stdout.on('data', (text: Buffer) => (out += text.toString()))
      const url = await new Promise<string>((resolve, reject) => {
        child.once('exit', () => reject(new Error(said)))
        child.stderr.on('data', (text: Buffer) => {
          said += text.toString()
          const found = /mqtt:\/\/\S+/.exec(said)?.[0]
          if (found && said.includes('Waiting')) resolve(found)
        })
      })
      const made = loadOrCreateCredentials(credentials, false)
      if (!made.ok) throw new Error(made.error)
      const simulator = await damagedSimulator(
        fileIn('sim'),
        mutants.find(({ rule }) => rule === 'mac')!.edits,
      )
      atEnd.push((await controllerAt(url, { org: 'bench', id: 'ctl-9', ...made.value }, simulator)).stop)
      const code = await new Promise((resolve) => child.once('exit', resolve))
      expect(said).toContain(made.value.secret)
      expect(code).toBe(1)
      const result = JSON.parse(out) as {
        failed: number
        rules: { rule: string; verdict: string; actual: string }[]
      }
      expect(result.failed).toBe(1)
      expect(result.rules.find(({ verdict }) => verdict === 'failed')).toMatchObject({
        rule: 'mac',
        actual: expect.stringContaining('opened under number') as string,
      })
    },
  )
})

requireProgram('mosquitto', 'apt-get install mosquitto')('on a broker that runs already', () => {
  it('runs the possible rules, and reports the others as not run', { timeout: 90_000 }, async () => {
    const mosquitto = await startMosquitto('hills', ['ctl-1'])
    atEnd.push(mosquitto.stop)
    const made = {
      org: 'hills',
      id: 'ctl-1',
      secret: mosquitto.secretOf('ctl-1'),
      commandKey: '5a'.repeat(32),
    }
    // it is there before conform comes
    atEnd.push((await controllerAt(mosquitto.url, made)).stop)
    const wire = await joinOtherBroker({
      url: mosquitto.url,
      userName: 'tilth',
      password: mosquitto.secretOf('tilth'),
      org: 'hills',
      device: 'ctl-1',
    })
    atEnd.push(wire.close)
    const outcome = await runConform({
      wire,
      clock: systemClock,
      org: 'hills',
      device: 'ctl-1',
      keyHex: made.commandKey,
      only: ['will', 'state-kept', 'close-again', 'mac', 'retained'],
      actions: { 'power-cut': false, fault: false },
      waitMs: 30_000,
      requestAction: async () => {},
      onResult() {},
    })
    const verdicts = Object.fromEntries(outcome.results.map(({ rule, verdict }) => [rule, verdict]))
    expect(isConformant(outcome)).toBe(true)
    expect(verdicts).toMatchObject({ will: 'skipped', retained: 'skipped' })
    expect(verdicts).toMatchObject({ 'state-kept': 'passed', 'close-again': 'passed', mac: 'passed' })
  })
})

describe('its options', () => {
  it.each([
    [['--device', 'x'], '--device: expected [A-Za-z0-9_-]{3,40}, got x'],
    [['--device', 'ctl-1', '--port', '99999'], '--port: expected 0 to 65535, got 99999'],
    [['--device', 'ctl-1', '--url', 'http://x'], '--url: expected mqtt://HOST:PORT, got http://x'],
    [['--device', 'ctl-1', '--url', 'mqtt://x'], '--url: expected --credentials'],
    [['--device', 'ctl-1', '--only', 'leesing'], '--only: no rule or group is called leesing'],
    [['--device', 'ctl-1', '--loud'], "Unknown option '--loud'"],
  ])('%j is refused by name', (args, reason) => {
    const read = readOptions(args)
    expect(read).toMatchObject({ ok: false, error: expect.stringContaining(reason) as string })
  })

  it('accept a rule or a group, and skip rules that need a person', () => {
    const read = readOptions(['--device', 'ctl-1', '--only', 'leasing,mac', '--no-power-cut'])
    expect(read).toMatchObject({
      ok: true,
      value: { only: ['leasing', 'mac'], hasPowerCut: false, hasFault: true },
    })
    expect(usage()).toContain('leasing')
  })
})

describe('its credentials', () => {
  it('are created once, readable only by the owner, and stay', () => {
    const path = fileIn('kept.json')
    const made = loadOrCreateCredentials(path, true)
    expect(statSync(path).mode & 0o077).toBe(0)
    expect(loadOrCreateCredentials(path, true)).toEqual(made)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(made.ok && made.value)
  })

  it('are not created for another broker: its controller has a key already', () =>
    expect(loadOrCreateCredentials(fileIn('none.json'), false).ok).toBe(false))
})
