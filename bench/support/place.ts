/** A farm with its devices, written as rows before Tilth starts, and the devices' credentials. */
import { join } from 'node:path'
import { hashSecret, newSecret } from '../../broker/access/authenticate.ts'
import { topicOf } from '../../broker/contract/topics.ts'
import { DAY_MS, dayOf, systemClock } from '../../broker/contract/time.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import { loadSecrets } from '../../services/config/secrets.ts'
import type { Publisher } from './generator.ts'

export const ORG = 'bench'
export const FARM = 'farm-1'
const ZONE = 'Asia/Tokyo'
const ROWS_AT_ONCE = 1_000

export interface Place {
  fields: number
  devices: number // distributed over the fields in turn
  /** expected interval of a device, s */
  everyS: number
  /** days since planting */
  plantedDaysAgo: number
}

export const fieldId = (index: number): string => `field-${index + 1}`
export const deviceId = (index: number): string => `probe-${index + 1}`

/** Creates the state in `dataDir` and returns the devices' credentials. */
export async function provision(dataDir: string, place: Place): Promise<Publisher[]> {
  const { pepper } = loadSecrets(dataDir)
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const nowMs = systemClock.now()
  const plantedDay = dayOf(nowMs - place.plantedDaysAgo * DAY_MS, ZONE)
  const createdAtMs = nowMs - place.plantedDaysAgo * DAY_MS
  const secrets = Array.from({ length: place.devices }, newSecret)
  try {
    await state
      .insertInto('farm')
      .values({
        id: FARM,
        org: ORG,
        name: 'Bench',
        memberCode: null,
        timeZone: ZONE,
        latDeg: 36.6,
        lonDeg: 138.2,
        elevationM: 400,
        createdAtMs,
      })
      .execute()
    const fields = Array.from({ length: place.fields }, (_, index) => fieldId(index))
    await state.insertInto('field').values(fields.map(fieldRow)).execute()
    await state
      .insertInto('season')
      .values(fields.map((id) => seasonRow(id, plantedDay)))
      .execute()
    const devices = secrets.map((secret, index) => ({
      id: deviceId(index),
      org: ORG,
      farmId: FARM,
      fieldId: fieldId(index % place.fields),
      kind: 'probe' as const,
      name: deviceId(index),
      secretHash: hashSecret(secret, pepper),
      previousSecretHash: null,
      commandKey: null,
      windHeightM: null,
      everyS: place.everyS,
      counterModulus: null,
      createdAtMs,
      revokedAtMs: null,
      lastSeenMs: null,
      batteryV: null,
    }))
    // a statement has a limited number of values
    for (let start = 0; start < devices.length; start += ROWS_AT_ONCE)
      await state
        .insertInto('device')
        .values(devices.slice(start, start + ROWS_AT_ONCE))
        .execute()
  } finally {
    await close()
  }
  return secrets.map((secret, index) => ({
    id: deviceId(index),
    secret,
    topic: topicOf(ORG, deviceId(index), 'telemetry'),
  }))
}

const fieldRow = (id: string) => ({
  id,
  org: ORG,
  farmId: FARM,
  name: id,
  kind: 'upland' as const,
  areaM2: 5_000,
  soilTexture: 'loam',
  fieldCapacity: 0.3,
  wiltingPoint: 0.14,
  saturation: 0.46,
  stationId: null,
  geojson: null,
})

const seasonRow = (fieldIdOf: string, plantedDay: string) => ({
  id: `${fieldIdOf}-season`,
  org: ORG,
  fieldId: fieldIdOf,
  year: Number(plantedDay.slice(0, 4)),
  crop: 'maize',
  variety: null,
  plantedDay,
  harvestedDay: null,
  yieldKg: null,
  yieldBasis: null,
})
