/** The rows of the farm on which the tests of dispatch stand: a pump, a controller, and two zones on its two valves. */
import type { OpenState } from '../../../services/adapters/state.ts'
import { toJson, type ZoneRow } from '../../../services/tables.ts'

export const START_MS = Date.UTC(2026, 6, 6, 20) // 05:00 on 7 July in Japan
export const ORG = 'green-coop'
export const CONTROLLER = 'controller-1'
export const keyHex = '5a'.repeat(32)

export const zone: ZoneRow = {
  id: 'zone-1',
  org: ORG,
  farmId: 'farm-1',
  fieldId: 'field-1',
  name: 'North',
  areaM2: 500,
  method: 'drip',
  applicationRateMmH: 6, // 50 L/min
  efficiency: 0.8,
  wettedFraction: 1,
  mode: 'auto',
  madFraction: null,
  maxDepthMm: 30,
  minMinutes: 2,
  maxMinutes: 240,
  windowFromMin: 0,
  windowToMin: 1440,
  controllerId: CONTROLLER,
  valve: 'V1',
  pumpId: 'pump-1',
  adjustPercent: 0,
  pausedUntilMs: null,
  dailyMaxLitres: null,
}

export async function fillFarm(state: OpenState['state']): Promise<void> {
  await state
    .insertInto('farm')
    .values({
      id: 'farm-1',
      org: ORG,
      name: 'Sato',
      memberCode: null,
      timeZone: 'Asia/Tokyo',
      latDeg: 36,
      lonDeg: 140,
      elevationM: 20,
      createdAtMs: 0,
    })
    .execute()
  await state
    .insertInto('pump')
    .values({
      id: 'pump-1',
      org: ORG,
      farmId: 'farm-1',
      name: 'Well',
      capacityLpm: 120,
      dailyM3: null,
      maxOpenValves: 2,
    })
    .execute()
  await state
    .insertInto('zone')
    .values([zone, { ...zone, id: 'zone-2', fieldId: 'field-2', name: 'South', valve: 'V2' }])
    .execute()
  await state
    .insertInto('device')
    .values({
      id: CONTROLLER,
      org: ORG,
      farmId: 'farm-1',
      fieldId: null,
      kind: 'controller',
      name: 'Pump house',
      secretHash: '',
      previousSecretHash: null,
      commandKey: keyHex,
      windHeightM: null,
      everyS: 60,
      counterModulus: toJson({}),
      createdAtMs: 0,
      revokedAtMs: null,
      lastSeenMs: null,
      batteryV: null,
    })
    .execute()
}
