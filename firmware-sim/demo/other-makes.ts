/**
 * Devices of other makes in the living co-operative: a Milesight probe behind ChirpStack, a Sonoff valve behind
 * Zigbee2MQTT, and an Ecowitt station. A person adds them over the API as on a farm; the valve passes its test run.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ForeignValveList, IntegrationCredentials, UnassignedList } from '../../services/api/schemas.ts'
import { MINUTE_MS } from '../../broker/contract/time.ts'
import { startChirpstack } from '../other-makes/chirpstack.ts'
import { startEcowitt } from '../other-makes/ecowitt.ts'
import { startEm500 } from '../other-makes/em500-smtc.ts'
import { startSonoffSwv } from '../other-makes/sonoff-swv.ts'
import { coOperative } from './co-operative.ts'
import { flowLpm } from './devices.ts'
import type { Call } from './member.ts'
import { publishDevicesChanged } from './provision.ts'
import type { Simulation } from './simulation.ts'

/** an orchard that had no probe */
const PROBE_FIELD = 'orchard-low'
const PROBE_DEPTH_CM = 30
/** its valve replaces an output of the controller */
const VALVE_FIELD = 'terrace'
const VALVE_NAME = 'terrace_valve'
/** the farm had no station */
const STATION_FIELD = 'hill-2'
const STATION_FARM = 'farm-mori'
/** Tilth takes 30 pushes a minute of a station, in real time */
const LEAST_REAL_MS = 3_000
const WAIT_MS = 20_000
/** an answer may be late on a busy machine, the more the faster the farm runs */
const TEST_RUNS = 3
const TEST_RUN_MS = 2 * MINUTE_MS

export interface OtherMakes {
  stop(): Promise<void>
}

/** Call it when the clock is live. Rejects when a device is not found. */
export async function addOtherMakes(
  { tilth, world }: Simulation,
  call: Call,
  { seed, speed, everyMs }: { seed: string; speed: number; everyMs: number },
): Promise<OtherMakes> {
  const { clock } = tilth
  const stationEveryMs = Math.max(everyMs, LEAST_REAL_MS * speed)
  const site = { world, clock, seed, everyMs }
  const add = (form: object) => call<IntegrationCredentials>('POST', '/api/integrations', form)

  const account = { userName: 'tilth', secret: randomBytes(12).toString('base64url') }
  const network = await startChirpstack(clock, account)
  const lorawan = await add({ name: 'ChirpStack', kind: 'chirpstack', url: network.url, ...account })
  const zigbee = await add({ name: 'Zigbee2MQTT', kind: 'zigbee2mqtt' })
  const push = await add({ name: 'Ecowitt', kind: 'ecowitt', farmId: STATION_FARM })

  const swv = await startSonoffSwv({
    ...site,
    url: `mqtt://127.0.0.1:${tilth.mqttPort}`,
    account: { id: zigbee.id, secret: zigbee.secret! },
    name: VALVE_NAME,
    field: VALVE_FIELD,
    ratedLpm: flowLpm(planOf(VALVE_FIELD)),
  })
  const station = startEcowitt({
    ...site,
    url: `http://127.0.0.1:${tilth.port}/api/push/ecowitt/${push.secret}`,
    weather: world.weather,
    everyMs: stationEveryMs,
  })
  await station.pushNow()
  await connected(call, lorawan.id)
  const probe = startEm500({
    ...site,
    network,
    device: {
      devEui: '24e124126c148401',
      devAddr: '01a5c3f2',
      name: 'lower orchard',
      model: 'EM500-SMTC',
    },
    field: PROBE_FIELD,
    depthCm: PROBE_DEPTH_CM,
  })

  const assign = async (integrationId: string, form: object, everyOwnMs = everyMs): Promise<string> => {
    const address = await foundAddress(call, integrationId)
    const assigned = { integrationId, address, ...form }
    const { id } = await call<{ id: string }>('POST', '/api/unassigned-devices/assign', assigned)
    // the interval that is set at the device
    await tilth.state
      .updateTable('device')
      .set({ everyS: everyOwnMs / 1000 })
      .where('id', '=', id)
      .execute()
    return id
  }
  await assign(lorawan.id, {
    profile: 'milesight-em500-smtc',
    name: 'Lower orchard, Milesight',
    fieldId: PROBE_FIELD,
    answers: { depthCm: PROBE_DEPTH_CM },
  })
  await assign(
    push.id,
    { profile: 'ecowitt', name: 'Hill 2, Ecowitt', fieldId: STATION_FIELD },
    stationEveryMs,
  )
  const zoneId = `zone-${VALVE_FIELD}`
  await call('PATCH', `/api/zones/${zoneId}`, { controllerId: null, valve: null })
  const valveId = await assign(zigbee.id, {
    profile: 'z2m-sonoff-swv',
    name: 'Terrace, Sonoff',
    fieldId: VALVE_FIELD,
    valves: { V1: zoneId },
  })
  await setUpValve(call, valveId, speed)
  // with its new interval
  await publishDevicesChanged(tilth, coOperative.org)

  return {
    async stop() {
      probe.stop()
      station.stop()
      await swv.stop()
      await network.stop()
    },
  }
}

const planOf = (fieldId: string) =>
  coOperative.farms.flatMap(({ fields }) => fields).find(({ id }) => id === fieldId)!

/** With the driver that fits it; then its test run, without which it does not open. */
async function setUpValve(call: Call, deviceId: string, speed: number): Promise<void> {
  const path = `/api/devices/${deviceId}/valves`
  const valve = async () => (await call<ForeignValveList>('GET', path)).valves[0]
  await call('POST', `${path}/V1`, { driver: 'z2m-sonoff-swv', outlet: 1 })
  await until('the valve to report', async () => (await valve())?.said)
  let failure: string | null = null
  for (let runs = 0; runs < TEST_RUNS; runs++) {
    await call('POST', `${path}/V1/test`)
    const { testedProof, test, lock } = await until(
      'the test run of the valve',
      async () => {
        const tested = await valve()
        return tested?.isTesting === false && tested.test !== null && tested
      },
      WAIT_MS + TEST_RUN_MS / speed,
    )
    if (testedProof !== null) return
    failure = lock ?? test?.failure?.code ?? null
    if (lock !== null) break
  }
  process.stderr.write(`tilth demo: the valve of another make did not pass its test run: ${failure}\n`)
}

const connected = (call: Call, integrationId: string) =>
  until('ChirpStack', async () => {
    const { integrations } = await call<{ integrations: { id: string; status: string }[] }>(
      'GET',
      '/api/integrations',
    )
    const status = integrations.find(({ id }) => id === integrationId)?.status
    return status === 'connected' || status === 'receiving'
  })

const foundAddress = (call: Call, integrationId: string): Promise<string> =>
  until('a device of another make', async () => {
    const { devices } = await call<UnassignedList>('GET', '/api/unassigned-devices')
    return devices.find((device) => device.integrationId === integrationId)?.address
  })

/** Asks until the answer is something. */
async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  withinMs = WAIT_MS,
): Promise<T> {
  const endMs = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (performance.now() > endMs) throw new Error(`waited ${Math.round(withinMs / 1000)} s for ${what}`)
    await pause(100)
  }
}
