/**
 * Soil moisture 1 to 7 days ahead, against persistence: fitted on the data up to an origin, evaluated on the 90 days
 * after it, origin after origin. Each day ahead is predicted by the method in use, so a model without an advantage
 * has already fallen back.
 */
import { mean } from '../../../services/learn/fitting/statistics.ts'
import { DAYS_AHEAD, pathsOf, type MoistureDays } from '../../../services/learn/soil-moisture/paths.ts'
import { rollingOrigin } from '../../../services/learn/fitting/rolling-origin.ts'
import { fitMoisture, predictPath } from '../../../services/learn/soil-moisture/forecast.ts'
import { NORMAL_90 } from '../../../services/runtime/math.ts'
import type { Line } from '../line.ts'
import { HOURLY, moistureSites } from '../moisture-sites.ts'
import { atLeast, errorsOf, forComparison, type Score } from '../score.ts'

const YEAR_DAYS = 365
const STEP_DAYS = 90
const MIN_DAYS = 90 // a shorter record cannot be split

export const soilMoisture: Line = {
  name: 'soil-moisture',
  about: 'soil moisture 1-7 days ahead, against persistence, on held-out time',
  needs: [{ columns: HOURLY, like: 'data/soil-sm2rain-hourly' }],
  score(data) {
    const sites = moistureSites(data)
      .filter(({ days }) => days.content.length >= MIN_DAYS)
      .map((site) => ({
        ...site,
        hasYear: site.days.content.length > YEAR_DAYS,
        withRain: skillOf(site.days),
        // the same days without any known water
        without: skillOf({ ...site.days, waterMm: site.days.waterMm.map(() => null) }),
      }))
    const hourly = sites.filter(({ isHourlySite }) => isHourlySite)
    const figures = sites.flatMap(({ name, isHourlySite, hasYear, withRain, without }): Score[] => [
      isHourlySite && hasYear
        ? atLeast(`${name}: rain known`, withRain.skill, 0.2, '', 2)
        : forComparison(`${name}: rain known`, withRain.skill, '', 2),
      isHourlySite
        ? atLeast(`${name}: without rain`, without.skill, 0, '', 2)
        : forComparison(`${name}: without rain`, without.skill, '', 2),
    ])
    const results = hourly.map(({ withRain }) => withRain)
    return [
      atLeast(
        'mean skill of the hourly sites, rain known',
        mean(results.map(({ skill }) => skill)),
        0.35,
        '',
        2,
      ),
      ...[1, 3, 7].map((lead) =>
        forComparison(`of that, ${lead} d ahead`, mean(results.map(({ leads }) => leads[lead - 1]!)), '', 2),
      ),
      forComparison(
        'cases inside the 80 % interval',
        mean(results.map(({ inside }) => 100 * inside)),
        '%',
        0,
      ),
      ...figures,
    ]
  },
}

/** Skill over persistence, 1 − RMSE / RMSE of persistence, by days ahead; and the share inside the interval. */
function skillOf(days: MoistureDays): { skill: number; leads: number[]; inside: number } {
  const n = days.content.length
  const errors: number[][] = Array.from({ length: DAYS_AHEAD }, () => [])
  const persistence: number[][] = Array.from({ length: DAYS_AHEAD }, () => [])
  let inside = 0
  let cases = 0
  const minTrain = Math.min(YEAR_DAYS, Math.floor(n / 2))
  for (const { trainTo, from, to } of rollingOrigin(n, { minTrain, step: STEP_DAYS })) {
    const history: MoistureDays = {
      ...days,
      content: days.content.slice(0, trainTo),
      waterMm: days.waterMm.slice(0, trainTo),
      demandMm: days.demandMm.slice(0, trainTo),
    }
    const fit = fitMoisture(history)
    for (const path of pathsOf(days, from - 1, to - 1, n))
      predictPath(fit, history, path).forEach(({ value, rmse }, lead) => {
        const actual = path.actual[lead] ?? null
        if (actual === null) return
        errors[lead]!.push(value - actual)
        persistence[lead]!.push(path.start - actual)
        cases++
        if (rmse !== null && Math.abs(value - actual) <= NORMAL_90 * rmse) inside++
      })
  }
  const leads = errors.map((of, lead) => 1 - errorsOf(of).rmse / errorsOf(persistence[lead]!).rmse)
  return { skill: mean(leads), leads, inside: inside / cases }
}
