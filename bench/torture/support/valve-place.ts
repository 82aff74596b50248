/** Controllers and their valves in one field: rows of the state before Tilth starts, and simulated devices. */
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { hashSecret, newSecret } from '../../../broker/access/authenticate.ts'
import { systemClock, type Clock } from '../../../broker/contract/time.ts'
import {
  startController,
  type Controller,
  type ControllerOptions,
  type TraceEntry,
} from '../../../firmware-sim/devices/controller.ts'
import type { Credentials } from '../../../firmware-sim/devices/link.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { loadSecrets } from '../../../services/config/secrets.ts'
import { FARM, ORG } from '../../support/place.ts'
import type { Torture } from './fault-line.ts'
import { VALVE_FIELD, valveWorld } from './valve-world.ts'

export const LITRES_PER_PULSE = 1
const ZONE_M2 = 500
const RATE_MM_H = 8
export const RATED_LPM = (ZONE_M2 * RATE_MM_H) / 60

export interface Zone {
  id: string
  device: string
  valve: string
}

export interface ValvePlace {
  credentials: Credentials[]
  zones: Zone[]
}

/** Adds to the state created by `provision`. No pump: the valves do not wait for each other. */
export async function provisionValves(
  dataDir: string,
  { controllers, valvesEach }: { controllers: number; valvesEach: number },
): Promise<ValvePlace> {
  const { pepper } = loadSecrets(dataDir)
  const credentials = Array.from({ length: controllers }, (_, index) => ({
    org: ORG,
    id: `controller-${index + 1}`,
    secret: newSecret(),
    commandKey: randomBytes(32).toString('hex'),
  }))
  const zones = credentials.flatMap(({ id }) =>
    Array.from({ length: valvesEach }, (_, index) => ({
      id: `${id}-zone-${index + 1}`,
      device: id,
      valve: `V${index + 1}`,
    })),
  )
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const createdAtMs = systemClock.now()
  try {
    await state
      .insertInto('device')
      .values(
        credentials.map(({ id, secret, commandKey }) => ({
          id,
          org: ORG,
          farmId: FARM,
          fieldId: VALVE_FIELD,
          kind: 'controller' as const,
          name: id,
          secretHash: hashSecret(secret, pepper),
          previousSecretHash: null,
          commandKey,
          windHeightM: null,
          everyS: 1_200,
          counterModulus: null,
          createdAtMs,
          revokedAtMs: null,
          lastSeenMs: null,
          batteryV: null,
        })),
      )
      .execute()
    await state.insertInto('zone').values(zones.map(zoneRow)).execute()
  } finally {
    await close()
  }
  return { credentials, zones }
}

const zoneRow = ({ id, device, valve }: Zone) => ({
  id,
  org: ORG,
  farmId: FARM,
  fieldId: VALVE_FIELD,
  name: id,
  areaM2: ZONE_M2,
  method: 'sprinkler' as const,
  applicationRateMmH: RATE_MM_H,
  efficiency: 0.8,
  wettedFraction: 1,
  mode: 'advise' as const, // opened only by a person
  madFraction: null,
  maxDepthMm: 40,
  minMinutes: 1,
  maxMinutes: 240,
  windowFromMin: 0,
  windowToMin: 0,
  controllerId: device,
  valve,
  pumpId: null,
  adjustPercent: 0,
  pausedUntilMs: null,
  dailyMaxLitres: null,
})

/** Hardware of the controllers: a main valve, and the sampling interval of their meters. */
export type DeviceWays = Pick<ControllerOptions, 'master' | 'sampleS'>

/** Starts the controllers, each with its own MQTT client; they are switched off when the torture ends. */
export async function switchOn(
  torture: Torture,
  { credentials, zones }: ValvePlace,
  {
    mqttPort,
    clock,
    portOf = () => mqttPort,
    trace,
    device = {},
  }: {
    mqttPort: number
    clock: Clock
    /** a device's port, when not the server's */
    portOf?: (device: string) => number
    trace?: (device: string, entry: TraceEntry) => void
    device?: DeviceWays
  },
): Promise<Controller[]> {
  const world = valveWorld({ startMs: clock.now(), seed: torture.seed, areaM2: ZONE_M2 * zones.length })
  return Promise.all(
    credentials.map(async (ownCredentials) => {
      const controller = await startController({
        credentials: ownCredentials,
        url: `mqtt://127.0.0.1:${portOf(ownCredentials.id)}`,
        clock,
        world,
        seed: torture.seed,
        litresPerPulse: LITRES_PER_PULSE,
        ...device,
        ...(trace ? { trace: (entry) => trace(ownCredentials.id, entry) } : {}),
        valves: zones
          .filter(({ device }) => device === ownCredentials.id)
          .map(({ valve }) => ({ id: valve, field: VALVE_FIELD, ratedLpm: RATED_LPM })),
      })
      torture.onEnd(async () => controller.cutPower())
      return controller
    }),
  )
}
