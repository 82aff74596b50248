/** A farm to estimate: real stores, rows, and devices whose readings come from the weather of given days. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HOUR_MS, MINUTE_MS, addDays, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { virtualClock } from '../../../broker/contract/virtual-clock.ts'
import { openSqliteSeries } from '../../../services/adapters/sqlite/series.ts'
import { climatologyForecast } from '../../../services/adapters/forecast/climatology.ts'
import type { Logger, Reading } from '../../../services/ports.ts'
import type {
  DeviceRow,
  FarmRow,
  FieldRow,
  IrrigationRow,
  SeasonRow,
  ZoneRow,
} from '../../../services/tables.ts'
import { openTestState } from '../../support/state.ts'

export const ORG = 'coop'
export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} }

export const farmRow = (over: Partial<FarmRow> = {}): FarmRow => ({
  id: 'farm1',
  org: ORG,
  name: 'Maricopa',
  memberCode: null,
  timeZone: 'America/Phoenix',
  latDeg: 33.069,
  lonDeg: -111.972,
  elevationM: 361,
  createdAtMs: 0,
  ...over,
})

export const fieldRow = (over: Partial<FieldRow> = {}): FieldRow => ({
  id: 'field1',
  org: ORG,
  farmId: 'farm1',
  name: 'North',
  kind: 'upland',
  areaM2: 10_000,
  soilTexture: 'loam',
  fieldCapacity: 0.25,
  wiltingPoint: 0.12,
  saturation: 0.463,
  stationId: null,
  geojson: null,
  ...over,
})

export const seasonRow = (over: Partial<SeasonRow> = {}): SeasonRow => ({
  id: 'season1',
  org: ORG,
  fieldId: 'field1',
  year: 2012,
  crop: 'cotton',
  variety: null,
  plantedDay: '2012-06-01',
  harvestPlannedDay: null,
  harvestedDay: null,
  yieldKg: null,
  yieldBasis: null,
  ...over,
})

export const zoneRow = (over: Partial<ZoneRow> = {}): ZoneRow => ({
  id: 'zone1',
  org: ORG,
  farmId: 'farm1',
  fieldId: 'field1',
  name: 'Zone 1',
  areaM2: 10_000,
  method: 'sprinkler',
  applicationRateMmH: 10,
  efficiency: 0.8,
  wettedFraction: 1,
  mode: 'auto',
  madFraction: null,
  maxDepthMm: 40,
  minMinutes: 5,
  maxMinutes: 240,
  windowFromMin: 0,
  windowToMin: 360,
  controllerId: 'valves1',
  valve: 'V1',
  pumpId: null,
  adjustPercent: 0,
  pausedUntilMs: null,
  dailyMaxLitres: null,
  ...over,
})

export const deviceRow = (over: Partial<DeviceRow> = {}): DeviceRow => ({
  id: 'station1',
  org: ORG,
  farmId: 'farm1',
  fieldId: null,
  kind: 'station',
  name: 'Station',
  secretHash: '',
  previousSecretHash: null,
  commandKey: null,
  windHeightM: 3,
  everyS: 1200,
  counterModulus: null,
  calibration: null,
  batteryLowV: null,
  createdAtMs: 0,
  revokedAtMs: null,
  lastSeenMs: null,
  batteryV: null,
  ...over,
})

export const irrigationRow = (over: Partial<IrrigationRow>): IrrigationRow => ({
  id: 'irrigation1',
  org: ORG,
  farmId: 'farm1',
  fieldId: 'field1',
  zoneId: 'zone1',
  runId: 'run1',
  commandId: 'command1',
  cause: 'balance',
  decisionId: null,
  actor: 'plan:1',
  commandedAtMs: 0,
  commandedMinutes: 60,
  openedAtMs: null,
  closedAtMs: null,
  ranMs: 0,
  litres: null,
  volumeSource: 'unknown',
  grossMm: null,
  netMm: null,
  endReason: 'timer',
  failure: null,
  ...over,
})

/** Stores in a folder of their own; `close` removes them. */
export async function openStores(nowMs: number) {
  const folder = await mkdtemp(join(tmpdir(), 'tilth-estimate-'))
  const series = await openSqliteSeries(join(folder, 'series.db'))
  const { state, close } = await openTestState()
  const clock = virtualClock(nowMs)
  return {
    series,
    state,
    clock,
    log: quiet,
    forecast: climatologyForecast({ state, clock }),
    async close() {
      await series.close()
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type Stores = Awaited<ReturnType<typeof openStores>>

/** A plain farm: one field of cotton planted 1 June 2012, a station at 3 m, a probe, a controller with one zone. */
export async function plantFarm({ state }: Stores, field: Partial<FieldRow> = {}): Promise<void> {
  await state.insertInto('farm').values(farmRow()).execute()
  await state.insertInto('field').values(fieldRow(field)).execute()
  await state.insertInto('season').values(seasonRow()).execute()
  await state.insertInto('zone').values(zoneRow()).execute()
  await state
    .insertInto('device')
    .values([
      deviceRow(),
      deviceRow({ id: 'probe1', kind: 'probe', fieldId: 'field1', windHeightM: null }),
      deviceRow({ id: 'valves1', kind: 'controller', windHeightM: null, everyS: 3600 }),
    ])
    .execute()
}

/** One reading of a device, flag 1. */
export const reading = (
  device: string,
  quantity: string,
  atMs: number,
  value: number,
  over: Partial<Reading> = {},
): Reading => ({
  org: ORG,
  farm: 'farm1',
  field: '-',
  device,
  quantity,
  depthCm: null,
  atMs,
  value,
  flag: 1,
  origin: 'measured',
  ...over,
})

export interface Daily {
  tempMinC: number
  tempMaxC: number
  dewC: number
  radiationMJm2: number
  windMps: number // at the station's height
  rainMm: number
}

const round = (value: number, decimals: number) => Math.round(value * 10 ** decimals) / 10 ** decimals
const e0 = (tempC: number) => Math.exp((17.27 * tempC) / (tempC + 237.3))

/**
 * Readings of a station over one civil day, rounded as on the wire: temperature between the day's extremes (lowest at
 * 5:00, highest at 15:00), humidity of a constant dew point, light as a half sine from 6:00 to 18:00 with the day's
 * total, wind with a daily cycle and the day's mean, rain from 13:00 to 14:00. `totalMm`: the rain counter at
 * midnight.
 */
export function stationReadings(
  weather: Daily,
  day: Day,
  {
    timeZone = 'America/Phoenix',
    everyMinutes = 20,
    totalMm = 0,
    device = 'station1',
    farm = 'farm1',
    hours = [0, 24] as [number, number],
  } = {},
): Reading[] {
  const startMs = startOfDay(day, timeZone)
  const lengthMs = startOfDay(addDays(day, 1), timeZone) - startMs
  const readings: Reading[] = []
  for (
    let ms = hours[0] * HOUR_MS;
    ms < Math.min(lengthMs, hours[1] * HOUR_MS);
    ms += everyMinutes * MINUTE_MS
  ) {
    const hour = ms / HOUR_MS
    const mean = (weather.tempMinC + weather.tempMaxC) / 2
    const swing = (weather.tempMaxC - weather.tempMinC) / 2
    const rising = hour >= 5 && hour < 15
    const phase = rising ? (hour - 5) / 10 : ((hour < 5 ? hour + 24 : hour) - 15) / 14
    const temp = mean + swing * Math.cos(Math.PI * (rising ? 1 - phase : phase))
    const sun = hour > 6 && hour < 18 ? Math.sin((Math.PI * (hour - 6)) / 12) : 0
    const solar = ((weather.radiationMJm2 * 1e6) / (12 * 3600)) * (Math.PI / 2) * sun
    const humidity = Math.min(100, (100 * e0(weather.dewC)) / e0(temp))
    const wind = weather.windMps * (1 - 0.5 * Math.cos((2 * Math.PI * (hour - 2)) / 24))
    const rain = totalMm + weather.rainMm * Math.min(1, Math.max(0, hour - 13))
    const one = (quantity: string, value: number) =>
      readings.push(reading(device, quantity, startMs + ms, value, { farm }))
    one('air.temperature', round(temp, 1))
    one('air.relativeHumidity', round(humidity, 0))
    one('wind.speed', round(wind, 1))
    one('solar.radiation', round(solar, 0))
    one('rain.cumulative', round(rain, 1))
  }
  return readings
}

/** Readings of a probe at three depths, every 20 minutes over a day. % vol. */
export function probeReadings(percent: number, day: Day, timeZone = 'America/Phoenix'): Reading[] {
  const startMs = startOfDay(day, timeZone)
  const readings: Reading[] = []
  for (let minute = 0; minute < 1440; minute += 20)
    for (const depthCm of [10, 30, 60])
      readings.push(
        reading('probe1', 'soil.moisture', startMs + minute * MINUTE_MS, percent, {
          field: 'field1',
          depthCm,
        }),
      )
  return readings
}

/** 00:05 of the day after: when a day is due to be closed. */
export const dueAfter = (day: Day, timeZone = 'America/Phoenix'): number =>
  startOfDay(addDays(day, 1), timeZone) + 5 * MINUTE_MS

export const dayRow = (stores: Stores, day: Day, fieldId = 'field1') =>
  stores.state
    .selectFrom('fieldDay')
    .selectAll()
    .where('fieldId', '=', fieldId)
    .where('day', '=', day)
    .executeTakeFirst()

export const notesOf = (row: { notes: string } | undefined): string[] =>
  (JSON.parse(row?.notes ?? '[]') as { key: string }[]).map(({ key }) => key)

/** A June day in the desert, similar to the record of Maricopa: ETo about 8 mm. */
export const hot: Daily = {
  tempMinC: 18,
  tempMaxC: 38,
  dewC: 2,
  radiationMJm2: 30,
  windMps: 2,
  rainMm: 0,
}

/** Appends a run of days of one weather, with a rain counter that continues. */
export const appendDays =
  (stores: () => Stores) =>
  async (from: Day, count: number, weather: Daily = hot, options = {}): Promise<void> => {
    for (let i = 0; i < count; i++)
      await stores().series.append(
        stationReadings(weather, addDays(from, i), { totalMm: 100 + i * weather.rainMm, ...options }),
      )
  }
