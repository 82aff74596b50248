/**
 * ET0 through the whole product: a year of Maricopa, interpolated in time, published by a station in messages rounded
 * as on the wire, read and flagged by ingest, stored in the SQLite series, closed day by day by estimate, against
 * AZMET.
 */
import { MINUTE_MS, addDays, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { toWireValue } from '../../../firmware-sim/devices/sensor.ts'
import { weatherAt, type Weather } from '../../../firmware-sim/weather/weather.ts'
import { parseWeatherCsv } from '../../../firmware-sim/weather/weather-csv.ts'
import { fail } from '../../../services/errors.ts'
import { closeDays } from '../../../services/estimate/days/close-days.ts'
import { newMemory } from '../../../services/ingest/device-memory.ts'
import { interpret } from '../../../services/ingest/interpret.ts'
import type { Reading } from '../../../services/ports.ts'
import type { DeviceRow } from '../../../services/tables.ts'
import {
  ORG,
  deviceRow,
  dueAfter,
  farmRow,
  fieldRow,
  openStores,
  seasonRow,
} from '../../services/estimate/farm.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atMost, errorsOf, forComparison, type Score } from '../score.ts'
import { MARICOPA, WIND_HEIGHT_M, maricopaDays, maricopaSite, type MaricopaDay } from './maricopa.ts'

export const et0Product: Line = {
  name: 'et0-product',
  about: 'ET0 through wire, ingest, series and day closing, against AZMET Maricopa',
  parts: [
    {
      needs: [`data/${MARICOPA}`],
      async score(data) {
        const year = yearToPlay(maricopaDays(data))
        const weather = playedWeather(data)
        return [
          ...(await scoreAt(60, 'hourly', year, weather)),
          ...(await scoreAt(20, 'every 20 min', year, weather)),
        ]
      },
    },
  ],
}

async function scoreAt(
  everyMinutes: number,
  often: string,
  year: readonly MaricopaDay[],
  weather: Weather,
): Promise<Score[]> {
  const rows = await playYear(everyMinutes, year, weather)
  const errors = errorsOf(year.map(({ day, eto_azmet_mm }) => (rows.get(day)?.et0Mm ?? NaN) - eto_azmet_mm))
  const label = `${year[0]!.day.slice(0, 4)}, ${often}`
  return [
    atMost(`${label}: RMSE`, errors.rmse, 0.05, 'mm/d', 3),
    forComparison(`${label}: bias`, errors.bias, 'mm/d', 3),
    forComparison(`${label}: largest error`, errors.max, 'mm/d', 3),
    // means of members, whose roots reach soil of another depletion: `balance` judges that each member's account closes
    forComparison(
      `${label}: water its rows leave open, mean of a day`,
      openSumMm(year, rows) / rows.size,
      'mm/d',
      2,
    ),
  ]
}

/**
 * 2012, a year of few gaps and some rain; if it is not in the record, the last whole year. INVALID_CONFIG without
 * one.
 */
function yearToPlay(days: readonly MaricopaDay[]): MaricopaDay[] {
  const years = [...new Set(days.map(({ day }) => day.slice(0, 4)))]
  const complete = years
    .map((year) => days.filter(({ day }) => day.startsWith(year)))
    .filter((of) => of.length >= 365)
  return (
    complete.find((of) => of[0]!.day.startsWith('2012')) ??
    complete.at(-1) ??
    fail('INVALID_CONFIG', `data/${MARICOPA}: expected at least one year without a gap`)
  )
}

function playedWeather(data: DataFolder): Weather {
  const source = parseWeatherCsv(data.text(MARICOPA), `data/${MARICOPA}`, maricopaSite)
  return source.ok ? weatherAt(source.value, maricopaSite, '1') : fail('INVALID_CONFIG', source.error)
}

interface Row {
  et0Mm: number | null
  rainMm: number | null
  etaMm: number | null
  deepPercolationMm: number | null
  runoffMm: number | null
  capillaryMm: number | null
  depletionMm: number | null
}

/** Simulates the year day by day on its own stores; returns the written rows. */
async function playYear(
  everyMinutes: number,
  year: readonly MaricopaDay[],
  weather: Weather,
): Promise<Map<Day, Row>> {
  const firstDay = year[0]!.day
  const stores = await openStores(startOfDay(firstDay, maricopaSite.timeZone))
  try {
    const device = deviceRow({ everyS: everyMinutes * 60, windHeightM: WIND_HEIGHT_M })
    await stores.state.insertInto('farm').values(farmRow()).execute()
    await stores.state.insertInto('field').values(fieldRow()).execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ plantedDay: firstDay }))
      .execute()
    await stores.state.insertInto('device').values(device).execute()
    const station = stationOf(device, weather, everyMinutes)
    for (const { day } of year) {
      await stores.series.append(station.readingsOf(day))
      const dueMs = dueAfter(day, maricopaSite.timeZone)
      await stores.series.maintain(dueMs)
      await closeDays(stores, dueMs)
    }
    const rows = await stores.state.selectFrom('fieldDay').selectAll().execute()
    return new Map(rows.map((row) => [row.day, row]))
  } finally {
    await stores.close()
  }
}

/** A station without errors of its own: any loss arises between its sensors and the day's row. */
function stationOf(device: DeviceRow, weather: Weather, everyMinutes: number) {
  const memory = newMemory()
  const everyMs = everyMinutes * MINUTE_MS
  let n = 0
  let bootMs: AtMs | null = null
  let rainMm = 0

  function messageAt(atMs: AtMs): string {
    bootMs ??= atMs
    const air = weather.at(atMs)
    // means since the last sample, as a logger stores them; the first one has no interval yet
    const fromMs = n === 0 ? atMs : atMs - everyMs
    const { windMps, radiationWm2 } = weather.mean(fromMs, atMs)
    rainMm += weather.rainMm(fromMs, atMs)
    return JSON.stringify({
      v: 1,
      n: n++,
      boot: 1,
      monoMs: atMs - bootMs,
      time: new Date(atMs).toISOString(),
      measurements: [
        {
          air: {
            temperature: toWireValue('air.temperature', air.tempC),
            relativeHumidity: toWireValue('air.relativeHumidity', air.humidityPct),
          },
          wind: { speed: toWireValue('wind.speed', windMps) },
          rain: { cumulative: toWireValue('rain.cumulative', rainMm) },
          tilth: { solarRadiation: toWireValue('solar.radiation', radiationWm2) },
        },
      ],
    })
  }

  function readingsAt(atMs: AtMs): Reading[] {
    const payload = new TextEncoder().encode(messageAt(atMs))
    const arrived = {
      seq: n,
      receivedMs: atMs,
      replayedMs: null,
      foreign: null,
      org: ORG,
      device: device.id,
      payload,
    }
    const read = interpret(arrived, device, memory)
    if (read.kind !== 'readings')
      throw new Error(`a message of ${new Date(atMs).toISOString()}: ${read.kind}`)
    return read.readings
  }

  return {
    readingsOf(day: Day): Reading[] {
      const { timeZone } = maricopaSite
      const endMs = startOfDay(addDays(day, 1), timeZone)
      const readings: Reading[] = []
      for (let atMs = startOfDay(day, timeZone); atMs < endMs; atMs += everyMs)
        readings.push(...readingsAt(atMs))
      return readings
    },
  }
}

/** Sum of the absolute balance errors of the rows after the first, mm. NaN when a value is unknown. */
function openSumMm(year: readonly MaricopaDay[], rows: ReadonlyMap<Day, Row>): number {
  let openMm = 0
  for (const [i, { day }] of year.entries()) {
    const before = rows.get(year[i - 1]?.day ?? '')
    if (i === 0) continue
    const row = rows.get(day)
    const storedMm = (before?.depletionMm ?? NaN) - (row?.depletionMm ?? NaN)
    const inMm = (row?.rainMm ?? NaN) + (row?.capillaryMm ?? 0) // null: no water table
    const outMm = (row?.etaMm ?? NaN) + (row?.deepPercolationMm ?? NaN) + (row?.runoffMm ?? NaN)
    openMm += Math.abs(inMm - outMm - storedMm)
  }
  return openMm
}
