/**
 * Vectors of daily and hourly reference ET, in files of any name: recognised by their inputs, each expected column by
 * the standard in its name (ETo: FAO-56; ETos, ETrs: ASCE 2005 short and tall).
 */
import {
  hourEtMm,
  hourlyEtMm,
  type HourlyWeather,
} from '../../../services/agronomy/evapotranspiration/hourly-et.ts'
import {
  saturationKPa,
  vapourFromMeanKPa,
  vapourFromRangeKPa,
} from '../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import type { Place } from '../../../services/agronomy/evapotranspiration/radiation.ts'
import { et0Mm, type Standard } from '../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { wind2mMps } from '../../../services/agronomy/evapotranspiration/wind.ts'
import type { DataFolder } from '../data-folder.ts'
import { numberAt, textAt, vectorsWith, type Vector } from '../read-vectors.ts'
import type { Trial } from '../score.ts'

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

/** Hours of one place and date are computed together, since the cloud ratio of the day is kept through the night. */
export function hourlyTrials(data: DataFolder): EtTrial[] {
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
  return [...days.values()].flatMap((unordered) => {
    const day = unordered.toSorted((a, b) => midOf(a) - midOf(b))
    const hours = day.map(hourOf)
    const cloud = cloudBefore(day[0]!)
    return day.flatMap((vector, i) =>
      trialsOf(vector, (standard) => hourlyEtMm(hours, placeOf(vector), standard, cloud)[i]!),
    )
  })
}

/**
 * The cloud ratio of the evening before is not among the inputs: it is derived from the vector's own independent
 * result for the first hour of the night, and must then be valid for the others until sunrise. Undefined without such
 * a result.
 */
function cloudBefore(vector: Vector): number | undefined {
  const { computed_independently: computed } = vector as { computed_independently?: { ETos_mm_h?: unknown } }
  const target = computed?.ETos_mm_h
  if (typeof target !== 'number' || numberAt(vector, 'inputs', 'Rs_MJ_m2_h') > 0) return undefined
  let [cloudy, clear] = [0.3, 1] // a clearer night sky loses more heat: less ET
  for (let step = 0; step < 40; step++) {
    const middle = (cloudy + clear) / 2
    if (hourEtMm(hourOf(vector), placeOf(vector), 'asce-short', middle) > target) cloudy = middle
    else clear = middle
  }
  return clear
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
