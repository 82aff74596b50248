/**
 * The weather of one field's day: its own station, otherwise the nearest with a measurement; ET0 by the best method
 * that the sensors allow.
 */
import type { ClearSkyCheck } from '../../agronomy/evapotranspiration/clear-sky.ts'
import { et0Best } from '../../agronomy/evapotranspiration/et0-with-fallbacks.ts'
import { sum, tenth } from '../../runtime/math.ts'
import type { FarmRow } from '../../tables.ts'
import { note, type Note } from './data-quality-notes.ts'
import type { StationDay } from './station-day.ts'

/** A station's day and its distance from the field. */
export interface NearDay {
  device: string
  km: number
  day: StationDay
  light: ClearSkyCheck | null // check of its light sensor; null: not possible
}

export interface DayWeather {
  tempMinC: number | null
  tempMaxC: number | null
  windMps: number | null
  humidityMinPct: number | null
  rainMm: number | null
  rainSdMm: number
  et0Mm: number | null
  et0SdMm: number
  et0Method: string // of evapotranspiration/et0-with-fallbacks.ts, 'climatology' or 'none'
  notes: Note[]
}

/** Rain is not transferred over larger distances. km, unconfirmed */
export const RAIN_KM = 20
// days of recent ET0 that may replace a lost one, and the error of their mean (Maricopa, 7 days: 1.08 mm/d)
const RECENT_DAYS = 5
const CLIMATOLOGY_SD_MM = 1.1
// rain that a day of unknown rain may hide, one standard deviation. Unconfirmed
export const UNKNOWN_RAIN_SD_MM = 6

/** `nearDays`: stations in order of trust; the first is the field's own. `recentEt0Mm`: of the last two weeks. */
export function dayWeather(
  nearDays: readonly NearDay[],
  farm: Pick<FarmRow, 'latDeg' | 'elevationM'>,
  dayOfYear: number,
  recentEt0Mm: readonly number[],
): DayWeather {
  const notes: Note[] = []
  const main = nearDays.find(({ day }) => day.tempMinC !== null && day.tempMaxC !== null)
  if (main && main !== nearDays[0])
    notes.push(note('weather-neighbour', { device: main.device, km: tenth(main.km) }))
  if (!main) notes.push(note('temperature-missing'))
  else if (!main.day.isWhole) notes.push(note('partly-covered'))

  const stationOf = (key: keyof StationDay): NearDay | undefined =>
    [...(main ? [main] : []), ...nearDays].find(({ day }) => day[key] !== null)
  const first = <Key extends keyof StationDay>(key: Key): StationDay[Key] | null =>
    stationOf(key)?.day[key] ?? null
  const tempMinC = main?.day.tempMinC ?? null
  const tempMaxC = main?.day.tempMaxC ?? null
  const windMps = first('windMps')
  const rain = rainOfDay(nearDays, notes)
  const et0 = et0OfDay()
  return {
    tempMinC,
    tempMaxC,
    windMps,
    humidityMinPct: first('humidityMinPct'),
    ...rain,
    ...et0,
    notes,
  }

  function et0OfDay(): Pick<DayWeather, 'et0Mm' | 'et0SdMm' | 'et0Method'> {
    if (tempMinC !== null && tempMaxC !== null) {
      const weather = {
        dayOfYear,
        tempMinC,
        tempMaxC,
        windMps,
        vapourKPa: first('vapourKPa'),
        radiationMJm2: first('radiationMJm2'),
      }
      const et0 = et0Best(weather, farm)
      if (et0.method === 'hargreaves') notes.push(note('et0-temperature'))
      else if (et0.replaced.length > 0) notes.push(note('et0-reduced', { replaced: et0.replaced.join(',') }))
      const lightSdMm = et0.et0Mm * excessLight(stationOf('radiationMJm2'), notes)
      return { et0Mm: et0.et0Mm, et0SdMm: Math.hypot(et0.sdMm, lightSdMm), et0Method: et0.method }
    }
    if (recentEt0Mm.length >= RECENT_DAYS) {
      const mean = sum(recentEt0Mm) / recentEt0Mm.length
      notes.push(note('et0-climatology', { days: recentEt0Mm.length }))
      return { et0Mm: mean, et0SdMm: CLIMATOLOGY_SD_MM, et0Method: 'climatology' }
    }
    notes.push(note('et0-unknown'))
    return { et0Mm: null, et0SdMm: 0, et0Method: 'none' }
  }
}

/**
 * The share by which a light sensor reads more than a clear sky can deliver. The reading is kept; the uncertainty
 * grows.
 */
function excessLight(station: NearDay | undefined, notes: Note[]): number {
  if (station?.light?.reads !== 'high') return 0
  const share = station.light.ratio - 1
  notes.push(note('solar-reads-high', { device: station.device, percent: Math.round(100 * share) }))
  return share
}

function rainOfDay(nearDays: readonly NearDay[], notes: Note[]): Pick<DayWeather, 'rainMm' | 'rainSdMm'> {
  const gauge = nearDays.find(({ km, day }) => km <= RAIN_KM && day.rainMm !== null)
  if (!gauge) {
    notes.push(note('rain-unknown'))
    return { rainMm: null, rainSdMm: UNKNOWN_RAIN_SD_MM }
  }
  const rainMm = gauge.day.rainMm!
  if (gauge === nearDays[0]) return { rainMm, rainSdMm: rainSdMm(rainMm, true) }
  notes.push(note('rain-neighbour', { device: gauge.device, km: tenth(gauge.km) }))
  return { rainMm, rainSdMm: rainSdMm(rainMm, false) }
}

/**
 * Error of a day's rain, one standard deviation: the catch of a gauge (WMO-8: about 10 %), or rain of another place.
 */
export const rainSdMm = (rainMm: number, isOwnGauge: boolean): number =>
  isOwnGauge ? 0.1 * rainMm : 0.4 * rainMm + 1
