/** The rows that a farm enters on its screens, from the setup line of a season. */
import type { Insertable } from 'kysely'
import { HOUR_MS, zoneOffsetMs, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import type { Tilth } from '../../services/app/start.ts'
import { et0ByHargreaves } from '../../services/irrigation-model/weather-history.ts'
import type { FarmEntry } from '../../services/plan/decide/farm-entry.ts'
import type { SetupLine } from '../../services/plan/decide/json-lines.ts'
import { FIELD_ID } from '../../services/plan/decide/season.ts'
import {
  toJson,
  type DeviceKindName,
  type FieldDayRow,
  type Tables,
  type ZoneRow,
} from '../../services/tables.ts'
import type { Site } from '../weather/weather-types.ts'

export const ORG = 'closed-loop'
export const FARM = 'farm'
export const FIELD = FIELD_ID
export const ZONE = 'zone'
export const VALVE = 'V1'
const PUMP = 'pump'

/** The valve may be open in the first hours of a day, after the plan of the night. */
export const WINDOW_MIN = { from: 30, to: 390 } as const
/** Of the window: a run starts some minutes after it has opened. */
const LONGEST_RUN_MIN = 330
const AREA_M2 = 10_000
const MAX_MM = 60
const M3_PER_MM_HA = 10
const DRIP_BELOW = 0.8 // of the surface

export interface DeviceEntry {
  id: string
  kind: DeviceKindName
  secret: string
  commandKey: string | null
  everyS: number
}

/** The place of the setup; without a longitude, the meridian of its time zone. */
export function siteOf({ site, field }: SetupLine, { timeZone }: FarmEntry): Site {
  const offsetMs = zoneOffsetMs(startOfDay(field.plantingDay, timeZone), timeZone)
  return {
    latDeg: site.latDeg,
    lonDeg: site.lonDeg ?? (15 * offsetMs) / HOUR_MS,
    elevationM: site.elevM ?? 0,
    timeZone,
  }
}

export interface ZoneEntry {
  areaM2: number
  rateMmH: number
  efficiency: number
  wettedFraction: number
  maxMm: number
  minMinutes: number
}

/** The rate is such that the deepest irrigation fits into the window. */
export function zoneOf({ field: { areaM2, irrigation } }: SetupLine): ZoneEntry {
  const maxMm = irrigation?.maxMmPerDay ?? MAX_MM
  const rateMmH = (60 * maxMm) / LONGEST_RUN_MIN
  return {
    areaM2: areaM2 ?? AREA_M2,
    rateMmH,
    maxMm,
    efficiency: irrigation?.efficiency ?? 1,
    wettedFraction: irrigation?.wettedFraction ?? 1,
    minMinutes: Math.max(1, Math.ceil((60 * (irrigation?.minMm ?? 0)) / rateMmH)),
  }
}

/** L/min */
export const flowLpm = ({ areaM2, rateMmH }: ZoneEntry): number => (areaM2 * rateMmH) / 60

/** Enters farm, field, pump, zone and devices. */
export async function enterFarm(
  { state, credentials }: Tilth,
  entry: FarmEntry,
  setup: SetupLine,
  devices: readonly DeviceEntry[],
  createdAtMs: AtMs,
): Promise<void> {
  const { latDeg, lonDeg, elevationM, timeZone } = siteOf(setup, entry)
  const insert = <T extends keyof Tables>(table: T, rows: Insertable<Tables[T]>[]) =>
    state
      .insertInto(table)
      .values(rows as never)
      .execute()
  const owned = { org: ORG, farmId: FARM }
  const place = { latDeg, lonDeg, elevationM, timeZone }
  await insert('farm', [{ id: FARM, org: ORG, name: 'Farm', memberCode: null, createdAtMs, ...place }])
  await insert('pump', [
    {
      id: PUMP,
      ...owned,
      name: 'Pump',
      capacityLpm: Math.ceil(2 * flowLpm(zoneOf(setup))),
      dailyM3: null,
      maxOpenValves: 1,
    },
  ])
  await insert('field', [
    {
      id: FIELD,
      ...owned,
      name: 'Field',
      kind: 'upland',
      areaM2: zoneOf(setup).areaM2,
      soilTexture: entry.soil.texture,
      fieldCapacity: entry.soil.fieldCapacity,
      wiltingPoint: entry.soil.wiltingPoint,
      saturation: entry.soil.saturation,
      soilDepthM: setup.field.soil.depthM ?? null,
      stationId: devices.find(({ kind }) => kind === 'station')!.id,
      geojson: null,
    },
  ])
  await insert('zone', [zoneRow(setup, devices.find(({ kind }) => kind === 'controller')!.id)])
  await insert(
    'device',
    devices.map(({ id, kind, secret, commandKey, everyS }) => ({
      id,
      ...owned,
      fieldId: kind === 'probe' ? FIELD : null,
      kind,
      name: id,
      secretHash: credentials.hashSecret(secret),
      previousSecretHash: null,
      commandKey,
      windHeightM: kind === 'station' ? 2 : null,
      everyS,
      counterModulus: null,
      calibration: null,
      batteryLowV: null,
      createdAtMs,
      revokedAtMs: null,
      lastSeenMs: null,
      batteryV: null,
    })),
  )
}

function zoneRow(setup: SetupLine, controllerId: string): ZoneRow {
  const { areaM2, rateMmH, efficiency, wettedFraction, maxMm, minMinutes } = zoneOf(setup)
  return {
    id: ZONE,
    org: ORG,
    farmId: FARM,
    fieldId: FIELD,
    name: 'Zone',
    areaM2,
    method: wettedFraction < DRIP_BELOW ? 'drip' : 'sprinkler',
    applicationRateMmH: rateMmH,
    efficiency,
    wettedFraction,
    mode: 'auto',
    madFraction: null,
    maxDepthMm: maxMm,
    minMinutes,
    maxMinutes: LONGEST_RUN_MIN,
    windowFromMin: WINDOW_MIN.from,
    windowToMin: WINDOW_MIN.to,
    controllerId,
    valve: VALVE,
    pumpId: PUMP,
    adjustPercent: 0,
    pausedUntilMs: null,
    dailyMaxLitres: null,
  }
}

/** Enters the season of the setup, its prices and the weather of earlier years; ends the season before. */
export async function enterSeason({ state }: Tilth, setup: SetupLine, lastDay: Day | null): Promise<void> {
  const { crop, plantingDay } = setup.field
  if (lastDay !== null)
    await state
      .updateTable('season')
      .set({ harvestedDay: lastDay })
      .where('fieldId', '=', FIELD)
      .where('harvestedDay', 'is', null)
      .execute()
  const year = Number(plantingDay.slice(0, 4))
  await state
    .insertInto('season')
    .values({
      id: `season-${plantingDay}`,
      org: ORG,
      fieldId: FIELD,
      year,
      crop,
      variety: null,
      plantedDay: plantingDay,
      initialVwc: setup.field.initialVwc ?? null,
      harvestPlannedDay: setup.field.harvestDay ?? null,
      harvestedDay: null,
      yieldKg: null,
      yieldBasis: null,
    } as Insertable<Tables['season']> as never)
    .execute()
  const zone = await state.selectFrom('zone').select('controllerId').where('id', '=', ZONE).executeTakeFirst()
  await state.updateTable('zone').set(zoneRow(setup, zone!.controllerId!)).where('id', '=', ZONE).execute()
  await enterPrices(state, setup)
  const rows = historyRows(setup)
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    await state
      .insertInto('fieldDay')
      .values(rows.slice(from, from + ROWS_AT_ONCE) as never)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}
const ROWS_AT_ONCE = 500

async function enterPrices(state: Tilth['state'], { economics, field }: SetupLine): Promise<void> {
  const waterEcDsM = field.irrigation?.waterEcDsM ?? null
  const soilEcDsM = field.soil.ecDsM ?? null
  await state.deleteFrom('strategy').where('fieldId', '=', FIELD).execute()
  if (economics != null || waterEcDsM !== null || soilEcDsM !== null)
    await state
      .insertInto('strategy')
      .values({
        fieldId: FIELD,
        org: ORG,
        kind: 'full',
        limits: null,
        riskAversion: economics?.riskAversion ?? null,
        cropPricePerT: economics?.cropPricePerT ?? null,
        yieldTonsHa: economics?.yieldTPerHa ?? null,
        perRunHa: economics?.costPerIrrigation ?? null,
        currency: economics == null ? null : 'USD',
        waterEcDsM,
        soilEcDsM,
        soilEcDay: soilEcDsM === null ? null : field.plantingDay,
      })
      .execute()
  const { waterCostPerMm, energyCostPerMm } = economics ?? {}
  const price = {
    ...(waterCostPerMm == null ? {} : { waterPerM3: waterCostPerMm / M3_PER_MM_HA }),
    ...(energyCostPerMm == null ? {} : { energyPerM3: energyCostPerMm / M3_PER_MM_HA }),
  }
  const isPriced = Object.keys(price).length > 0
  await state
    .updateTable('farm')
    .set({ waterPrice: isPriced ? toJson({ ...price, currency: 'USD' }) : null })
    .where('id', '=', FARM)
    .execute()
}

/** The days of earlier years as the nights of those years would have stored them; the learned rule reads them there. */
function historyRows({ history, site, field }: SetupLine): Partial<FieldDayRow>[] {
  return (history ?? [])
    .filter(({ day }) => day < field.plantingDay)
    .map(({ day, tMinC = null, tMaxC = null, rainMm = null, et0Mm = null }) => {
      const byTemperatureMm = et0ByHargreaves(site.latDeg, day, { tMinC, tMaxC })
      return {
        fieldId: FIELD,
        day,
        org: ORG,
        et0Mm: et0Mm ?? byTemperatureMm,
        et0Method: et0Mm !== null ? 'fao56-pm' : byTemperatureMm !== null ? 'hargreaves' : 'none',
        tempMinC: tMinC,
        tempMaxC: tMaxC,
        rainMm,
        irrigationMm: 0,
        irrigationSource: 'none',
        notes: toJson([]),
      }
    })
}
