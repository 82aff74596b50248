/**
 * ET0 of a station with missing sensors, against its own full Penman-Monteith: the error, and the stated error. Every
 * station of the data. Over all combinations of missing sensors, the error should be within the stated standard
 * deviation on two days of three: on fewer it is stated too narrow, on many more too wide.
 */
import {
  et0Best,
  et0TemperatureMm,
  hargreavesMm,
  type PartialWeather,
} from '../../../services/agronomy/evapotranspiration/et0-with-fallbacks.ts'
import { et0Mm } from '../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import type { Line } from '../line.ts'
import { between, errorsOf, forComparison, type Score } from '../score.ts'
import { stationsOf, type Station, type StationDay } from '../stations.ts'

export const et0Gaps: Line = {
  name: 'et0-gaps',
  about: 'ET0 where sensors are missing, against all sensors, at every weather station',
  parts: [
    {
      needs: [{ columns: ['date', 'tmin_C', 'tmax_C', 'srad_MJ_m2'], like: 'data/weather-debilt-daily' }],
      score: (data) => stationsOf(data).flatMap(scoresOf),
    },
  ],
}

/** 68 % of a normal distribution is within its standard deviation; ten points above it are left to its shape. */
const WITHIN_SD_PCT: readonly [number, number] = [66, 78]

/** Days of one season have the same weather: their share is not that of other years. */
const LEAST_DAYS = 365

type Loss = (day: StationDay) => PartialWeather
const losses: Record<string, Loss> = {
  'no humidity': ({ weather }) => ({ ...weather, vapourKPa: null }),
  'no wind': ({ weather }) => ({ ...weather, windMps: null }),
  'no radiation': ({ weather }) => ({ ...weather, radiationMJm2: null }),
  'no humidity, no wind': ({ weather }) => ({ ...weather, vapourKPa: null, windMps: null }),
  'no radiation, no wind': ({ weather }) => ({ ...weather, radiationMJm2: null, windMps: null }),
  'temperatures alone': ({ weather }) => ({
    ...weather,
    vapourKPa: null,
    windMps: null,
    radiationMJm2: null,
  }),
}
const sunshine: Loss = ({ weather, sunshineH }) => ({ ...weather, radiationMJm2: null, sunshineH })

function scoresOf({ name, site, days }: Station): Score[] {
  const referenceMm = days.map(({ weather }) => et0Mm(weather, site))
  const rmseOf = (model: (day: StationDay) => number) =>
    errorsOf(days.map((day, i) => model(day) - referenceMm[i]!)).rmse
  const hasSunshine = days.every(({ sunshineH }) => sunshineH !== null)
  const ways = Object.entries(hasSunshine ? { ...losses, 'hours of sunshine': sunshine } : losses)
  const within = ways.flatMap(([, loss]) =>
    days.map((day, i) => {
      const et0 = et0Best(loss(day), site)
      return Math.abs(et0.et0Mm - referenceMm[i]!) <= et0.sdMm
    }),
  )
  const insidePct = (100 * within.filter(Boolean).length) / within.length
  return [
    forComparison(
      `${name}: Hargreaves`,
      rmseOf(({ weather }) => hargreavesMm(weather, site.latDeg)),
      'mm/d',
      2,
    ),
    forComparison(
      `${name}: Penman-Monteith of temperatures`,
      rmseOf(({ weather }) => et0TemperatureMm(weather, site)),
      'mm/d',
      2,
    ),
    ...ways.map(([way, loss]) =>
      forComparison(
        `${name}: ${way}`,
        rmseOf((day) => et0Best(loss(day), site).et0Mm),
        'mm/d',
        2,
      ),
    ),
    days.length < LEAST_DAYS
      ? forComparison(`${name}: days within the stated error, one season`, insidePct, '%', 0)
      : between(`${name}: days within the stated error`, insidePct, WITHIN_SD_PCT, '%', 0),
  ]
}
