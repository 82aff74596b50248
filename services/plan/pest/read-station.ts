/** The measurements of a field's station: now, for the current hour, and around an instant, for a record. */
import { flags } from '../../../broker/contract/quantities.ts'
import { HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { MIN_WIND_HEIGHT_M, wind2mMps } from '../../agronomy/evapotranspiration/wind.ts'
import type { SeriesStore, State } from '../../ports.ts'
import type { FieldRow } from '../../tables.ts'
import type { StationReadings } from './spray-record.ts'
import { NOWCAST_VALID_MS, type NowCast } from './spray-forecast.ts'

interface Stores {
  state: State
  series: SeriesStore
}
interface Station {
  id: string
  name: string
  windHeightM: number | null
}

/** A reading so far from the start of spraying is still representative. */
const NEAREST_MS = 45 * MINUTE_MS
const DEFAULT_HEIGHT_M = 2

/** The station assigned to the field, else one of its farm. */
async function stationOf(state: State, field: FieldRow): Promise<Station | null> {
  const stations = await state
    .selectFrom('device')
    .select(['id', 'name', 'windHeightM'])
    .where('org', '=', field.org)
    .where('kind', '=', 'station')
    .where('revokedAtMs', 'is', null)
    .where((eb) => eb.or([eb('id', '=', field.stationId ?? ''), eb('farmId', '=', field.farmId)]))
    .orderBy('id')
    .execute()
  return stations.find(({ id }) => id === field.stationId) ?? stations[0] ?? null
}

/** Null without a station, or without readings for an hour. */
export async function readNowCast(
  { state, series }: Stores,
  field: FieldRow,
  nowMs: AtMs,
): Promise<NowCast | null> {
  const station = await stationOf(state, field)
  if (!station) return null
  const { org } = field
  const latest = (await series.latest({ org, device: station.id, sinceMs: nowMs - NOWCAST_VALID_MS })).filter(
    ({ flag, value, atMs }) => flag <= flags.notEvaluated && value !== null && atMs <= nowMs,
  )
  if (latest.length === 0) return null
  const value = (quantity: string): number | null =>
    latest.find((reading) => reading.quantity === quantity)?.value ?? null
  const rain = await series.range({
    org,
    device: station.id,
    quantity: 'rain.cumulative',
    fromMs: nowMs - 2 * HOUR_MS,
    toMs: nowMs + 1,
  })
  const totals = rain.flatMap((series) =>
    series.value.filter((mm, i) => mm !== null && series.flag[i]! <= 2),
  ) as number[]
  return {
    station: station.name,
    atMs: Math.max(...latest.map(({ atMs }) => atMs)),
    tempC: value('air.temperature'),
    humidityPct: value('air.relativeHumidity'),
    windMps: at2m(value('wind.speed'), station),
    wetShare: value('leaf.wetness'),
    rainMm: totals.length < 2 ? null : Math.max(0, totals.at(-1)! - totals[0]!),
  }
}

/** Older air data controls no output. */
const AIR_VALID_MS = 15 * MINUTE_MS

/** Temperature and wind at 2 m of the last 15 minutes, each null where unknown. */
export async function readAirNow(
  { state, series }: Stores,
  field: FieldRow,
  nowMs: AtMs,
): Promise<{ tempC: number | null; windMps: number | null }> {
  const station = await stationOf(state, field)
  if (!station) return { tempC: null, windMps: null }
  const latest = await series.latest({ org: field.org, device: station.id, sinceMs: nowMs - AIR_VALID_MS })
  const value = (quantity: string): number | null =>
    latest.find(
      (reading) =>
        reading.quantity === quantity && reading.flag <= flags.notEvaluated && reading.atMs <= nowMs,
    )?.value ?? null
  return { tempC: value('air.temperature'), windMps: at2m(value('wind.speed'), station) }
}

/** The readings nearest to an instant; null without readings around it. */
export async function readNearest(
  { state, series }: Stores,
  field: FieldRow,
  atMs: AtMs,
): Promise<StationReadings | null> {
  const station = await stationOf(state, field)
  if (!station) return null
  const nearest = async (quantity: string) => {
    const chunks = await series.range({
      org: field.org,
      device: station.id,
      quantity,
      fromMs: atMs - NEAREST_MS,
      toMs: atMs + NEAREST_MS + 1,
    })
    const usable = chunks.flatMap((chunk) =>
      chunk.atMs.flatMap((at, i) => {
        const value = chunk.value[i]
        return value == null || chunk.flag[i]! > flags.suspect ? [] : [{ at, value, flag: chunk.flag[i]! }]
      }),
    )
    return usable.toSorted((a, b) => Math.abs(a.at - atMs) - Math.abs(b.at - atMs))[0] ?? null
  }
  const [temp, humidity, wind, direction] = await Promise.all(
    ['air.temperature', 'air.relativeHumidity', 'wind.speed', 'wind.direction'].map(nearest),
  )
  const readings = [temp, humidity, wind, direction].flatMap((reading) => (reading ? [reading] : []))
  if (readings.length === 0) return null
  return {
    device: station.id,
    atMs: readings[0]!.at,
    tempC: temp?.value ?? null,
    humidityPct: humidity?.value ?? null,
    windMps: at2m(wind?.value ?? null, station),
    windDirDeg: direction?.value ?? null,
    flag: Math.max(...readings.map(({ flag }) => flag)),
  }
}

/** Wind at 2 m; null where the station is too low. */
function at2m(windMps: number | null, { windHeightM }: Station): number | null {
  const heightM = windHeightM ?? DEFAULT_HEIGHT_M
  return windMps === null || heightM < MIN_WIND_HEIGHT_M ? null : wind2mMps(windMps, heightM)
}
