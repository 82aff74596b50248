/**
 * Reference ET against the daily values of AZMET, and against the printed output of REF-ET (R. G. Allen): FAO-56, and
 * ASCE 2005 short and tall by the day and by the hour with the full clear-sky radiation of its Appendix D.
 */
import { et0Mm } from '../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { groupBy } from '../../../services/runtime/group-by.ts'
import type { Line } from '../line.ts'
import { yearsOf } from '../read-days.ts'
import { allOf, atLeast, atMost, errorsOf, missingData, forComparison, type Score } from '../score.ts'
import { stationsOf, type Station } from '../stations.ts'
import { dailyTrials, hourlyTrials, type EtTrial, type HourlyTrial } from './reference-et-vectors.ts'

export const et0Daily: Line = {
  name: 'et0',
  about: 'daily and hourly Penman-Monteith against AZMET Maricopa and REF-ET',
  parts: [
    {
      needs: [{ columns: ['date', 'tmin_C', 'tmax_C', 'srad_MJ_m2'], like: 'data/weather-maricopa-daily' }],
      score(data) {
        const stations = stationsOf(data)
          .map(reportedOnly)
          .filter(({ days }) => days.length > 0)
        return stations.length > 0
          ? stations.flatMap(stationScores)
          : [missingData(['a weather station with a column like eto_azmet_mm (data/weather-maricopa-daily)'])]
      },
    },
    {
      needs: [{ keys: ['vectors'], like: 'vectors/asce_daily_maricopa.json' }],
      score: (data) => dailyScores(dailyTrials(data)),
    },
    {
      needs: [{ keys: ['vectors'], like: 'vectors/asce_hourly_fallon.json' }],
      library: ['services/agronomy/evapotranspiration/hourly-et.ts'],
      score: (data) => hourlyScores(hourlyTrials(data)),
    },
  ],
}

const reportedOnly = (station: Station): Station => ({
  ...station,
  days: station.days.filter(({ reportedEt0Mm }) => reportedEt0Mm !== null),
})

function stationScores({ name, site, days }: Station): Score[] {
  const errors = errorsOf(days.map(({ weather, reportedEt0Mm }) => et0Mm(weather, site) - reportedEt0Mm!))
  return [
    forComparison(`${name} ${yearsOf(days)}, days`, days.length, '', 0),
    atMost(`${name}: largest error against AZMET`, errors.max, 0.01, 'mm/d', 3),
    forComparison(`${name}: RMSE against AZMET`, errors.rmse, 'mm/d', 3),
  ]
}

function dailyScores(trials: readonly EtTrial[]): Score[] {
  if (trials.length === 0) return [missingData(['daily vectors (vectors/asce_daily_maricopa.json)'])]
  return [
    atMost('ASCE short by the day: largest error', ofShort(trials).max, 0.02, 'mm/d', 3),
    forComparison('ASCE short by the day: RMSE', ofShort(trials).rmse, 'mm/d', 4),
    allOf('daily vectors of AZMET and REF-ET', trials),
  ]
}

const WITHIN_MM = 0.01
const MIN_WITHIN_PCT = 94

/** Targets for the hours whose sky the station has seen; the night before its first day is for comparison. */
function hourlyScores(trials: readonly HourlyTrial[]): Score[] {
  if (trials.length === 0) return [missingData(['hourly vectors (vectors/asce_hourly_fallon.json)'])]
  const seen = trials.filter(({ isSkySeen }) => isSkySeen)
  const unseen = trials.filter(({ isSkySeen }) => !isSkySeen)
  return [
    ...surfaces(seen).map(([surface, of]) =>
      atLeast(`${surface} by the hour: within 0.01 mm`, percentWithin(of), MIN_WITHIN_PCT, '%', 1),
    ),
    forComparison('by the hour: largest error', errorsOf(seen.map(errorOf)).max, 'mm/h', 3),
    allOf('hourly vectors of REF-ET', seen),
    ...(unseen.length === 0
      ? []
      : [
          missingData([
            `the hours of the day before ${unseen.length} hourly values (like data/weather-fallon-hourly)`,
          ]),
          forComparison('of these, under the mean sky: within 0.01 mm', percentWithin(unseen), '%', 1),
        ]),
  ]
}

const surfaces = (trials: readonly HourlyTrial[]): [string, HourlyTrial[]][] => [
  ...groupBy(trials, ({ standard }) => surfaceNames[standard.surface]),
]
const surfaceNames = { fao56: 'FAO-56', 'asce-short': 'ASCE short', 'asce-tall': 'ASCE tall' } as const

const errorOf = (trial: EtTrial): number => trial.got - trial.expected
const ofShort = (trials: readonly EtTrial[]) =>
  errorsOf(trials.filter(({ standard }) => standard.surface === 'asce-short').map(errorOf))

// REF-ET prints two decimals: a value on the edge of a hundredth is within it
const EDGE = 1e-9
const percentWithin = (trials: readonly EtTrial[]): number =>
  (100 * trials.filter((trial) => Math.abs(errorOf(trial)) <= WITHIN_MM + EDGE).length) / trials.length
