/**
 * Reference ET against what AZMET reports day by day, and against the printed output of REF-ET (R. G. Allen): FAO-56, and
 * ASCE 2005 short and tall by the day and by the hour with the full clear-sky radiation of its Appendix D.
 */
import { et0Mm } from '../../../services/agronomy/reference-et.ts'
import type { Line } from '../line.ts'
import { yearsOf } from '../read-days.ts'
import { allOf, atLeast, atMost, errorsOf, told } from '../score.ts'
import { MARICOPA, maricopaDays, maricopaSite, weatherOf } from './maricopa.ts'
import { dailyTrials, hourlyTrials, type EtTrial } from './reference-et-vectors.ts'

export const et0Daily: Line = {
  name: 'et0',
  about: 'daily and hourly Penman-Monteith against AZMET Maricopa and REF-ET',
  needs: [`data/${MARICOPA}`, 'vectors/asce_daily_maricopa.json'],
  score(data) {
    const days = maricopaDays(data)
    const errors = errorsOf(days.map((day) => et0Mm(weatherOf(day), maricopaSite) - day.eto_azmet_mm))
    const daily = dailyTrials(data)
    const hourly = hourlyTrials(data)
    return [
      told(`Maricopa ${yearsOf(days)}, days`, days.length, '', 0),
      atMost('largest error against AZMET', errors.max, 0.01, 'mm/d', 3),
      told('RMSE against AZMET', errors.rmse, 'mm/d', 3),
      atMost('ASCE short by the day: largest error', ofShort(daily).max, 0.02, 'mm/d', 3),
      told('ASCE short by the day: RMSE', ofShort(daily).rmse, 'mm/d', 4),
      atLeast('by the hour: within 0.01 mm', 100 * within(hourly, 0.01), 94, '%', 1),
      told('by the hour: largest error', errorsOf(hourly.map(errorOf)).max, 'mm/h', 3),
      allOf('daily vectors of AZMET and REF-ET', daily),
      allOf('hourly vectors of REF-ET', hourly),
    ]
  },
}

const errorOf = (trial: EtTrial): number => trial.got - trial.expected
const ofShort = (trials: readonly EtTrial[]) =>
  errorsOf(trials.filter(({ standard }) => standard.surface === 'asce-short').map(errorOf))

// REF-ET prints two decimals: what lies on the edge of a hundredth is within it
const EDGE = 1e-9
const within = (trials: readonly EtTrial[], limit: number): number =>
  trials.filter((trial) => Math.abs(errorOf(trial)) <= limit + EDGE).length / trials.length
