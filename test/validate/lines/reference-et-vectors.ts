/**
 * Vectors of daily and hourly reference ET, in files of any name: recognised by their inputs, each expected column by
 * the standard in its name (ETo: FAO-56; ETos, ETrs: ASCE 2005 short and tall).
 */
import { addDays, dayOfYear } from '../../../broker/contract/time.ts'
import { hourlyEtMm, type HourlyWeather } from '../../../services/agronomy/evapotranspiration/hourly-et.ts'
import {
  saturationKPa,
  vapourFromMeanKPa,
  vapourFromRangeKPa,
} from '../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import { sunHeightSine, type Place } from '../../../services/agronomy/evapotranspiration/radiation.ts'
import { et0Mm, type Standard } from '../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { wind2mMps } from '../../../services/agronomy/evapotranspiration/wind.ts'
import { numberIn, type DataFolder } from '../data-folder.ts'
import { numberAt, textAt, vectorsWith, type Vector } from '../read-vectors.ts'
import type { Trial } from '../score.ts'
import { siteOf as stationSiteOf } from '../stations.ts'

/** A trial with the standard it was computed by. */
export interface EtTrial extends Trial {
  got: number
  expected: number
  standard: Standard
}

export const dailyTrials = (data: DataFolder): EtTrial[] =>
  vectorsWith(data, ['J', 'Tmax_C', 'Tmin_C', 'Rs_MJ_m2', 'uz_m_s', 'zw_m', 'elev_m', 'lat_deg']).flatMap(
    (vector) => trialsOf(vector, (standard) => et0Mm(dayOf(vector), siteOf(vector), standard)),
  )

export interface HourlyTrial extends EtTrial {
  /** whether the station has seen the sky before: in this hour, or earlier in its record */
  isSkySeen: boolean
}

/**
 * Hours of one place and date are computed together, after those of the day before in the record of the station: the
 * cloud ratio of an evening is kept through the night. Nothing is derived from the expected values.
 */
export function hourlyTrials(data: DataFolder): HourlyTrial[] {
  const vectors = vectorsWith(data, ['J', 'T_C', 'Rs_MJ_m2_h', 'mid_hour_clock', 'uz_m_s', 'lz_deg_west'])
  const days = new Map<string, Vector[]>()
  for (const vector of vectors) {
    const key = JSON.stringify([
      placeOf(vector),
      textAt(vector, 'inputs', 'date'),
      numberAt(vector, 'inputs', 'J'),
    ])
    days.set(key, [...(days.get(key) ?? []), vector])
  }
  const records = hourlyRecords(data)
  return [...days.values()].flatMap((unordered) => {
    const day = unordered.toSorted((a, b) => midOf(a) - midOf(b))
    const before = hoursBefore(day[0]!, records)
    const hours = [...before, ...day.map(hourOf)]
    return day.flatMap((vector, i) => {
      const at = before.length + i
      const isSkySeen = hours.slice(0, at + 1).some((hour) => isSunHigh(hour, placeOf(vector)))
      return trialsOf(vector, (standard) => hourlyEtMm(hours, placeOf(vector), standard)[at]!).map(
        (trial) => ({ ...trial, isSkySeen }),
      )
    })
  })
}

/** Above 0.3 rad Rs/Rso shows the sky (ASCE 2005, note to Eq. 45). */
const isSunHigh = ({ dayOfYear: J, midUtcHour }: HourlyWeather, place: Place): boolean =>
  sunHeightSine(place, J, midUtcHour) >= Math.sin(0.3)

interface HourlyRecord {
  latDeg: number
  lonDeg: number
  windHeightM: number
  hoursOf: ReadonlyMap<string, RecordedHour[]> // by the date
}
interface RecordedHour {
  label: number // of its end
  tempC: number
  dewC: number
  windMps: number
  radiationMJm2: number
}

/** Columns of an hourly record; the height of the wind is in its column's name. */
export const HOURLY_RECORD = ['local_time', 't_C', 'tdew_C', 'srad_MJ_m2_h'] as const

/** The records of hourly weather with a known location; an hour that lacks a value is left out. */
function hourlyRecords(data: DataFolder): HourlyRecord[] {
  return data.tables(HOURLY_RECORD).flatMap((table) => {
    const site = stationSiteOf(data.source(table.folder))
    const wind = table.columns.map((name) => /^wind(\d+(?:\.\d+)?)m_m_s$/.exec(name)).find((found) => found)
    if (!site || site.lonDeg === null || !wind) return []
    const hoursOf = new Map<string, RecordedHour[]>()
    table.rows.forEach((row, i) => {
      const [date, label] = [row.local_time!.slice(0, 10), Number(row.local_time!.slice(11, 13))]
      const [tempC, dewC, windMps, radiationMJm2] = ['t_C', 'tdew_C', wind[0], 'srad_MJ_m2_h'].map((name) =>
        numberIn(table, i, name),
      )
      if (tempC == null || dewC == null || windMps == null || radiationMJm2 == null) return
      const hour = { label, tempC, dewC, windMps, radiationMJm2: Math.max(0, radiationMJm2) }
      hoursOf.set(date, [...(hoursOf.get(date) ?? []), hour])
    })
    return [{ latDeg: site.latDeg, lonDeg: site.lonDeg, windHeightM: Number(wind[1]), hoursOf }]
  })
}

const SAME_PLACE_DEG = 0.01

/** The hours of the day before in the record of the vector's place; empty where there is none. */
function hoursBefore(vector: Vector, records: readonly HourlyRecord[]): HourlyWeather[] {
  const { latDeg, lonDeg } = placeOf(vector)
  const date = textAt(vector, 'inputs', 'date')
  const record = records.find(
    (other) =>
      Math.abs(other.latDeg - latDeg) < SAME_PLACE_DEG && Math.abs(other.lonDeg - lonDeg) < SAME_PLACE_DEG,
  )
  if (!record || date === '') return []
  const hours = record.hoursOf.get(addDays(date, -1)) ?? []
  return hours
    .toSorted((a, b) => a.label - b.label)
    .map((hour) => ({
      dayOfYear: dayOfYear(addDays(date, -1)),
      midUtcHour: hour.label - 0.5 + numberAt(vector, 'inputs', 'lz_deg_west') / 15,
      tempC: hour.tempC,
      vapourKPa: saturationKPa(hour.dewC),
      windMps: wind2mMps(hour.windMps, record.windHeightM),
      radiationMJm2: hour.radiationMJm2,
    }))
}

function trialsOf(vector: Vector, compute: (standard: Standard) => number): EtTrial[] {
  return Object.keys(vector.expected as object).flatMap((column) => {
    const standard = standardOf(column, vector)
    if (standard === null) return []
    return [
      {
        name: vector.id,
        model: column,
        got: compute(standard),
        expected: numberAt(vector, 'expected', column),
        tolerance: numberAt(vector, 'tolerance', column),
        standard,
      },
    ]
  })
}

/** By the column's name and, for the clear sky of ASCE, by the vector's own statement; Appendix D without one. */
function standardOf(column: string, vector: Vector): Standard | null {
  const clearSky = /simple/i.test(column + textAt(vector, 'rso_method')) ? 'simple' : 'full'
  if (/^ETos/.test(column)) return { surface: 'asce-short', clearSky }
  if (/^ETrs/.test(column)) return { surface: 'asce-tall', clearSky }
  if (/^ETo/.test(column)) return { surface: 'fao56', clearSky: /full/i.test(column) ? 'full' : 'simple' }
  return null
}

function dayOf(vector: Vector) {
  const of = (key: string) => numberAt(vector, 'inputs', key)
  return {
    dayOfYear: of('J'),
    tempMinC: of('Tmin_C'),
    tempMaxC: of('Tmax_C'),
    vapourKPa: vapourOf(vector),
    windMps: wind2mMps(of('uz_m_s'), of('zw_m')),
    radiationMJm2: of('Rs_MJ_m2'),
  }
}

/** The dew point where there is one, otherwise the humidities. FAO-56 Eq. 14, 17, 19. */
function vapourOf(vector: Vector): number {
  const of = (key: string) => numberAt(vector, 'inputs', key)
  if ('Tdew_C' in vector.inputs) return saturationKPa(of('Tdew_C'))
  if ('ea_kPa' in vector.inputs) return of('ea_kPa')
  const range = { tempMinC: of('Tmin_C'), tempMaxC: of('Tmax_C') }
  return 'RHmean' in vector.inputs
    ? vapourFromMeanKPa(range.tempMaxC, range.tempMinC, of('RHmean'))
    : vapourFromRangeKPa({ ...range, humidityMaxPct: of('RHmax'), humidityMinPct: of('RHmin') })
}

const midOf = (vector: Vector): number => numberAt(vector, 'inputs', 'mid_hour_clock')

function hourOf(vector: Vector): HourlyWeather {
  const of = (key: string) => numberAt(vector, 'inputs', key)
  return {
    dayOfYear: of('J'),
    midUtcHour: of('mid_hour_clock') + of('lz_deg_west') / 15,
    tempC: of('T_C'),
    vapourKPa: saturationKPa(of('Tdew_C')),
    windMps: wind2mMps(of('uz_m_s'), of('zw_m')),
    radiationMJm2: of('Rs_MJ_m2_h'),
  }
}

const siteOf = (vector: Vector) => ({
  latDeg: numberAt(vector, 'inputs', 'lat_deg'),
  elevationM: numberAt(vector, 'inputs', 'elev_m'),
})

const placeOf = (vector: Vector): Place => ({
  ...siteOf(vector),
  lonDeg: -numberAt(vector, 'inputs', 'lon_deg_west'),
})
