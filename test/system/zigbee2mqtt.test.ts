/**
 * A Sonoff SWV behind a real Zigbee2MQTT and a real Mosquitto, on a complete Tilth at 30 times real speed. Only the radio and
 * the valve at its other end are ours, and they go on when a program is killed.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { scaledClock } from '../../broker/contract/time.ts'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import type { ForeignValveList } from '../../services/api/schemas.ts'
import { freePort } from '../support/free-port.ts'
import { decide, describeBy, findProgram, requireProgram } from '../support/require.ts'
import { startRadioValve, type RadioValve } from '../support/zigbee2mqtt/valve.ts'
import {
  findZigbee2Mqtt,
  makeZigbee2Mqtt,
  VALVE_NAME,
  type Zigbee2Mqtt,
} from '../support/zigbee2mqtt/zigbee2mqtt.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'

const SPEED = 30
const NOW = '2.14.1'
const OLD = '2.2.1'
const hint = (version: string) =>
  `Zigbee2MQTT ${version} is missing: npm install --prefix z2m/${version} zigbee2mqtt@${version} node@22, then ZIGBEE2MQTT_DIR=$PWD/z2m`
const describeZigbee = (version: string) =>
  findProgram('mosquitto') === null
    ? requireProgram('mosquitto', 'apt-get install mosquitto')
    : describeBy(decide(findZigbee2Mqtt(version), process.env.CI === 'true'), hint(version))

interface Rig {
  farm: Farm
  valve: RadioValve
  z2m: Zigbee2Mqtt
  deviceId: string
  valves(): Promise<ForeignValveList>
  /** Presses Start until it is accepted. */
  start(minutes: number): Promise<void>
  position(): Promise<string>
  stop(): Promise<void>
}

/** The valve is found in the messages, assigned to the zone, and set up with its driver. */
async function startRig(version: string): Promise<Rig> {
  const port = await freePort()
  const mosquitto: ChildProcess = spawn(findProgram('mosquitto')!, ['-p', String(port)], { stdio: 'ignore' })
  const brokerUrl = `mqtt://127.0.0.1:${port}`
  const valve = await startRadioValve(SPEED)
  const z2m = makeZigbee2Mqtt(findZigbee2Mqtt(version)!, { brokerUrl, radioPort: valve.port })
  const clock = scaledClock(Date.UTC(2026, 6, 6, 1), SPEED)
  const farm = await setUpFarm({}, { clock, speed: SPEED })
  const stop = async () => {
    await farm.stop()
    await z2m.kill('SIGTERM')
    valve.stop()
    z2m.remove()
    mosquitto.kill()
    if (mosquitto.exitCode === null && mosquitto.signalCode === null) await once(mosquitto, 'exit')
  }
  try {
    await z2m.start()
    const integration = await farm.post<{ id: string }>('/api/integrations', {
      name: 'Barn',
      kind: 'zigbee2mqtt',
      url: brokerUrl,
    })
    const address = `z2m:${VALVE_NAME}`
    await eventually(async () => {
      valve.report()
      const { devices } = await farm.get<{ devices: { address: string }[] }>('/api/unassigned-devices')
      return devices.some((device) => device.address === address) || null
    }, 30_000)
    await farm.patch(`/api/zones/${farm.zoneId}`, { controllerId: null, valve: null })
    const { id: deviceId } = await farm.post<{ id: string }>('/api/unassigned-devices/assign', {
      integrationId: integration.id,
      address,
      profile: 'z2m-sonoff-swv',
      name: 'North valve',
      fieldId: farm.fieldId,
      valves: { V1: farm.zoneId },
    })
    await farm.post(`/api/devices/${deviceId}/valves/V1`, { driver: 'z2m-sonoff-swv', outlet: 1 })
    const valves = () => farm.get<ForeignValveList>(`/api/devices/${deviceId}/valves`)
    await eventually(async () => {
      valve.report()
      return (await valves()).valves[0]?.said
    }, 30_000)
    return {
      farm,
      valve,
      z2m,
      deviceId,
      valves,
      async start(minutes) {
        await eventually(async () => {
          const { state } = await farm.post<{ state: string }>('/api/start', {
            zoneId: farm.zoneId,
            minutes,
            idem: `start-${crypto.randomUUID()}`,
          })
          return state === 'refused' ? null : state
        }, 30_000)
      },
      async position() {
        const { zones } = await farm.get<FieldDetail>(`/api/fields/${farm.fieldId}?range=24h`)
        return zones[0]!.position
      },
      stop,
    }
  } catch (error) {
    console.error(z2m.output())
    await stop()
    throw error
  }
}

describeZigbee(NOW)('a valve behind Zigbee2MQTT', () => {
  let rig: Rig
  let isWatching = true
  const wrong: string[] = []
  let watcher: Promise<void>
  beforeAll(async () => {
    rig = await startRig(NOW)
    // whatever happens: the page never shows closed while water flows
    watcher = (async () => {
      while (isWatching) {
        const before = rig.valve.openings.length
        const wasOpen = rig.valve.isOpen()
        const position = await rig.position()
        const isSameOpening = rig.valve.isOpen() && rig.valve.openings.length === before
        const openForMs = Date.now() - (rig.valve.openings.at(-1)?.openedMs ?? 0)
        // its report needs a moment
        if (wasOpen && isSameOpening && openForMs > 1_500 && position === 'closed')
          wrong.push(`${before}. opening, after ${openForMs} ms`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })()
  }, 120_000)
  afterAll(async () => {
    isWatching = false
    await watcher
    await rig.stop()
  }, 60_000)

  const openings = () => rig.valve.openings.length
  const record = (n: number) =>
    eventually(async () => {
      const rows = await rig.farm.tilth.state
        .selectFrom('irrigation')
        .selectAll()
        .orderBy('commandedAtMs')
        .execute()
      return rows[n - 1]
    }, 60_000)

  it('passes its test run: it opens for a minute and closes by itself', async () => {
    await rig.farm.post(`/api/devices/${rig.deviceId}/valves/V1/test`, undefined)
    const tested = await eventually(async () => {
      const [one] = (await rig.valves()).valves
      return one?.test ? one : null
    }, 60_000)
    expect(tested).toMatchObject({ testedProof: 'P2', test: { by: 'itself', failure: null } })
    expect(rig.valve.openings).toMatchObject([{ seconds: 60 }])
  }, 90_000)

  it('opened for ten minutes closes by itself, is proved closed, and its litres are recorded', async () => {
    await rig.start(10)
    const irrigation = await record(1)
    expect(rig.valve.openings.at(-1)).toMatchObject({ seconds: 600 })
    expect(rig.valve.openings.at(-1)!.closedMs).not.toBeNull()
    expect(irrigation).toMatchObject({ endReason: 'timer', volumeSource: 'metered', cause: 'manual' })
    // 0.7 m3/h for ten minutes
    expect(irrigation.litres!).toBeGreaterThan(90)
    expect(irrigation.litres!).toBeLessThan(140)
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null))
  }, 90_000)

  it.each<[string, Partial<RadioValve['radio']>]>([
    ['doubles every report', { doubles: true }],
    ['delays everything by a second', { delayMs: 1_000 }],
  ])(
    'is opened once over a radio that %s',
    async (_name, fault) => {
      const before = openings()
      const [irrigations] = await rig.farm.tilth.state
        .selectFrom('irrigation')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .execute()
      Object.assign(rig.valve.radio, fault)
      await rig.start(2)
      await record(Number(irrigations!.n) + 1)
      expect(openings()).toBe(before + 1)
      Object.assign(rig.valve.radio, { doubles: false, delayMs: 0 })
    },
    120_000,
  )

  it('opens nothing over a radio that loses the order, and is closed when it answers again', async () => {
    const before = openings()
    rig.valve.frames.length = 0
    rig.valve.radio.losesCommands = true
    await rig.start(2)
    await eventually(async () => rig.valve.frames.some((frame) => frame.startsWith('on')) || null, 30_000)
    expect(await rig.position()).toBe('unknown')
    rig.valve.radio.losesCommands = false
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null), 60_000)
    expect(openings()).toBe(before)
  }, 120_000)

  it('is opened once over a radio that loses its reports, and is unknown until it reports again', async () => {
    const before = openings()
    rig.valve.radio.losesReports = true
    await rig.start(2)
    await eventually(async () => rig.valve.isOpen() || null, 30_000)
    await eventually(async () => !rig.valve.isOpen() || null, 30_000)
    expect(await rig.position()).toBe('unknown')
    rig.valve.radio.losesReports = false
    rig.valve.report()
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null), 60_000)
    expect(openings()).toBe(before + 1)
  }, 120_000)

  it('is opened once, closes, and is known to be closed when Zigbee2MQTT is killed while it is open', async () => {
    const before = openings()
    await rig.start(5)
    await eventually(async () => rig.valve.isOpen() || null)
    await rig.z2m.kill('SIGKILL')
    await eventually(async () => !rig.valve.isOpen() || null, 30_000)
    await rig.z2m.start()
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null), 60_000)
    expect(openings()).toBe(before + 1)
  }, 150_000)

  it('whose timer fails is closed by Tilth', async () => {
    const before = openings()
    rig.valve.radio.staysOpen = true
    await rig.start(2)
    await eventually(async () => rig.valve.isOpen() || null, 30_000)
    await eventually(async () => !rig.valve.isOpen() || null, 60_000)
    rig.valve.radio.staysOpen = false
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null), 60_000)
    expect(openings()).toBe(before + 1)
  }, 180_000)

  it('was never shown closed while it was open', () => expect(wrong).toEqual([]))
})

describeZigbee(OLD)('a Zigbee2MQTT before 2.6.0, which would open ten times as long', () => {
  let rig: Rig
  beforeAll(async () => void (rig = await startRig(OLD)), 120_000)
  afterAll(() => rig.stop(), 60_000)

  it('opens nothing, and the reason names the version', async () => {
    await rig.farm.post(`/api/devices/${rig.deviceId}/valves/V1/test`, undefined)
    const tested = await eventually(async () => {
      const [one] = (await rig.valves()).valves
      return one?.test ? one : null
    }, 60_000)
    expect(tested.testedProof).toBeNull()
    expect(tested.test!.failure).toMatch(/^REQUIREMENT_UNMET: .*ten times/)
    expect(rig.valve.openings).toEqual([])
    expect(rig.valve.frames.filter((frame) => frame.startsWith('on'))).toEqual([])
  }, 90_000)
})
