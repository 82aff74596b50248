/**
 * 10,000 fields of many organisations, written as rows and readings before Tilth starts: a soil probe on each field, a
 * station and a pump on each farm, the season's past days, and each day's last hours of every probe.
 */
import { join } from 'node:path'
import { flags } from '../../broker/contract/quantities.ts'
import { addDays, DAY_MS, HOUR_MS, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import { random } from '../../firmware-sim/random.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import type { Reading, State } from '../../services/ports.ts'
import { toJson, type Tables, type ZoneRow } from '../../services/tables.ts'
import type { Insertable } from 'kysely'
import { openSeriesOf } from '../support/tilth-load.ts'

export const ZONE = 'Asia/Tokyo'
const FARMS_AN_ORG = 10
const FIELDS_A_FARM = 20
const ROWS_AT_ONCE = 500
const DEPTH_CM = 30
const AIR = { meanC: 24, halfRangeC: 6, humidity: 70, windMps: 2, noonWm2: 750 }

export interface Fields {
  dataDir: string
  fields: number
  /** the days that are stored, the last one is the day before the first night */
  firstDay: Day
  lastDay: Day
}

interface Place {
  org: string
  farm: string
  field: string
  probe: string
  station: string
}

/** The places of the fields, one after another. */
const placesOf = (fields: number): Place[] =>
  Array.from({ length: fields }, (_, i) => {
    const farm = Math.floor(i / FIELDS_A_FARM)
    const org = Math.floor(farm / FARMS_AN_ORG)
    return {
      org: `org-${org}`,
      farm: `farm-${farm}`,
      field: `field-${i}`,
      probe: `probe-${i}`,
      station: `station-${farm}`,
    }
  })

const firstOf = (places: readonly Place[], part: 'farm'): Place[] => [
  ...new Map(places.toReversed().map((place) => [place[part], place])).values(),
]

/** Writes everything; the readings of the last two days are hourly. */
export async function writeFields({ dataDir, fields, firstDay, lastDay }: Fields): Promise<void> {
  const places = placesOf(fields)
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  try {
    await writePlaces(state, places, firstDay)
    for (let day = firstDay; day <= lastDay; day = addDays(day, 1)) await writeDay(state, places, day)
  } finally {
    await close()
  }
  const series = await openSeriesOf(dataDir)
  try {
    for (let day = firstDay; day <= lastDay; day = addDays(day, 1)) {
      const isRecent = day >= addDays(lastDay, -1)
      for (const readings of readingsOf(places, day, firstDay, isRecent ? 24 : 3))
        await series.append(readings)
      await series.maintain(startOfDay(addDays(day, 1), ZONE) + DAY_MS)
    }
  } finally {
    await series.close()
  }
}

/** The readings of one more day, hour by hour of all devices; its last `hours` of the probes. */
export function* readingsOf(
  places: readonly Place[],
  day: Day,
  firstDay: Day,
  hours: number,
): Generator<Reading[]> {
  const startMs = startOfDay(day, ZONE)
  const age = (startMs - startOfDay(firstDay, ZONE)) / DAY_MS
  for (let hour = 0; hour < 24; hour++) {
    const atMs = startMs + hour * HOUR_MS
    const batch: Reading[] = []
    for (const place of firstOf(places, 'farm')) batch.push(...stationReadings(place, atMs, hour))
    if (hour >= 24 - hours)
      places.forEach((place, i) => batch.push(probeReading(place, atMs, moisture(i, age + hour / 24))))
    yield batch
  }
}

export const fieldPlaces = placesOf

/** Dries and is wetted again, at its own pace. */
const moisture = (i: number, days: number): number => 20 + 8 * Math.exp(-((days + i) % (6 + (i % 5))) / 5)

const readingOf = (
  { org, farm }: Place,
  field: string,
  device: string,
  quantity: string,
  depthCm: number | null,
  atMs: AtMs,
  value: number,
): Reading =>
  ({
    org,
    farm,
    field,
    device,
    quantity,
    depthCm,
    atMs,
    value: Math.round(value * 100) / 100,
    flag: flags.pass,
    origin: 'measured',
  }) satisfies Reading

const probeReading = (place: Place, atMs: AtMs, value: number) =>
  readingOf(place, place.field, place.probe, 'soil.moisture', DEPTH_CM, atMs, value)

function stationReadings(place: Place, atMs: AtMs, hour: number): Reading[] {
  const warmth = Math.sin(((hour - 8) * Math.PI) / 12)
  const sun = Math.max(0, Math.sin(((hour - 6) * Math.PI) / 12))
  const values = {
    'air.temperature': AIR.meanC + AIR.halfRangeC * warmth,
    'air.relativeHumidity': AIR.humidity - 15 * warmth,
    'wind.speed': AIR.windMps,
    'solar.radiation': AIR.noonWm2 * sun,
    'rain.cumulative': 0,
  }
  return Object.entries(values).map(([quantity, value]) =>
    readingOf(place, '-', place.station, quantity, null, atMs, value),
  )
}

async function writePlaces(state: State, places: readonly Place[], firstDay: Day): Promise<void> {
  const createdAtMs = startOfDay(firstDay, ZONE)
  const farms = firstOf(places, 'farm')
  const chance = random('fields')
  const insert = async <T extends keyof Tables>(table: T, rows: Insertable<Tables[T]>[]) => {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
      await state
        .insertInto(table)
        .values(rows.slice(from, from + ROWS_AT_ONCE) as never)
        .execute()
  }
  await insert(
    'farm',
    farms.map(({ org, farm }) => ({
      id: farm,
      org,
      name: farm,
      memberCode: null,
      timeZone: ZONE,
      latDeg: 36.1,
      lonDeg: 140.1,
      elevationM: 25,
      createdAtMs,
    })),
  )
  await insert(
    'pump',
    farms.map(({ org, farm }) => ({
      id: `${farm}-pump`,
      org,
      farmId: farm,
      name: 'Pump',
      capacityLpm: 2_400,
      dailyM3: 2_000,
      maxOpenValves: 8,
    })),
  )
  await insert(
    'field',
    places.map(({ org, farm, field, station }) => ({
      id: field,
      org,
      farmId: farm,
      name: field,
      kind: 'upland' as const,
      areaM2: 4_000,
      soilTexture: 'loam',
      fieldCapacity: 0.3,
      wiltingPoint: 0.14,
      saturation: 0.46,
      stationId: station,
      geojson: null,
    })),
  )
  await insert(
    'season',
    places.map(({ org, field }) => ({
      id: `${field}-season`,
      org,
      fieldId: field,
      year: Number(firstDay.slice(0, 4)),
      crop: 'maize',
      variety: null,
      plantedDay: firstDay,
      harvestedDay: null,
      yieldKg: null,
      yieldBasis: null,
    })),
  )
  await insert(
    'zone',
    places.map(({ org, farm, field }): ZoneRow => ({
      id: `${field}-zone`,
      org,
      farmId: farm,
      fieldId: field,
      name: field,
      areaM2: 1_000 + 3_000 * chance.next(),
      method: 'sprinkler',
      applicationRateMmH: 8,
      efficiency: 0.8,
      wettedFraction: 1,
      mode: 'approve',
      madFraction: null,
      maxDepthMm: 30,
      minMinutes: 15,
      maxMinutes: 180,
      windowFromMin: 1_140,
      windowToMin: 540,
      controllerId: null,
      valve: null,
      pumpId: `${farm}-pump`,
      adjustPercent: 0,
      pausedUntilMs: null,
      dailyMaxLitres: null,
    })),
  )
  const device = (place: Place, id: string, kind: 'probe' | 'station') => ({
    id,
    org: place.org,
    farmId: place.farm,
    fieldId: kind === 'probe' ? place.field : null,
    kind,
    name: id,
    secretHash: '',
    previousSecretHash: null,
    commandKey: null,
    windHeightM: kind === 'station' ? 2 : null,
    everyS: 3_600,
    counterModulus: null,
    createdAtMs,
    revokedAtMs: null,
    lastSeenMs: null,
    batteryV: null,
  })
  await insert('device', [
    ...farms.map((place) => device(place, place.station, 'station')),
    ...places.map((place) => device(place, place.probe, 'probe')),
  ])
}

async function writeDay(state: State, places: readonly Place[], day: Day): Promise<void> {
  const rows = places.map(({ org, field }) => ({
    fieldId: field,
    day,
    org,
    et0Mm: 4.5,
    et0Method: 'fao56-pm' as const,
    et0SdMm: 0.3,
    tempMinC: AIR.meanC - AIR.halfRangeC,
    tempMaxC: AIR.meanC + AIR.halfRangeC,
    kc: 1,
    ks: 1,
    etcMm: 4.5,
    etaMm: 4.5,
    rainMm: 0,
    irrigationMm: 0,
    irrigationSource: 'none' as const,
    notes: toJson([]),
  }))
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    await state
      .insertInto('fieldDay')
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .execute()
}
