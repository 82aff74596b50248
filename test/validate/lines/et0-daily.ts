/**
 * Reference ET against the daily values of AZMET, and against the printed output of REF-ET (R. G. Allen): FAO-56, and
 * ASCE 2005 short and tall by the day and by the hour with the full clear-sky radiation of its Appendix D.
 */
import { et0Mm } from '../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import type { Line } from '../line.ts'
import { yearsOf } from '../read-days.ts'
import { allOf, atLeast, atMost, errorsOf, missingData, forComparison, type Score } from '../score.ts'
import { stationsOf, type Station } from '../stations.ts'
import { dailyTrials, hourlyTrials, type EtTrial } from './reference-et-vectors.ts'

export const et0Daily: Line = {
  name: 'et0',
  about: 'daily and hourly Penman-Monteith against AZMET Maricopa and REF-ET',
  needs: [{ columns: ['date', 'tmin_C', 'tmax_C', 'srad_MJ_m2'], like: 'data/weather-maricopa-daily' }],
  score(data) {
    const stations = stationsOf(data)
      .map(reportedOnly)
      .filter(({ days }) => days.length > 0)
    return [
      ...(stations.length > 0
        ? stations.flatMap(stationScores)
        : [missingData(['a weather station with a column like eto_azmet_mm (data/weather-maricopa-daily)'])]),
      ...dailyScores(dailyTrials(data)),
      ...hourlyScores(hourlyTrials(data)),
    ]
  },
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

function hourlyScores(trials: readonly EtTrial[]): Score[] {
  if (trials.length === 0) return [missingData(['hourly vectors (vectors/asce_hourly_fallon.json)'])]
  return [
    atLeast('by the hour: within 0.01 mm', 100 * within(trials, 0.01), 94, '%', 1),
    forComparison('by the hour: largest error', errorsOf(trials.map(errorOf)).max, 'mm/h', 3),
    allOf('hourly vectors of REF-ET', trials),
  ]
}

const errorOf = (trial: EtTrial): number => trial.got - trial.expected
const ofShort = (trials: readonly EtTrial[]) =>
  errorsOf(trials.filter(({ standard }) => standard.surface === 'asce-short').map(errorOf))

// REF-ET prints two decimals: a value on the edge of a hundredth is within it
const EDGE = 1e-9
const within = (trials: readonly EtTrial[], limit: number): number =>
  trials.filter((trial) => Math.abs(errorOf(trial)) <= limit + EDGE).length / trials.length
