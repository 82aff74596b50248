/**
 * Soil moisture 1 to 7 days ahead, against persistence: fitted on the data up to an origin, evaluated on the 90 days
 * after it, origin after origin. Each day ahead is predicted by the method in use, so a model without an advantage
 * has already fallen back.
 */
import { addDays } from '../../../broker/contract/time.ts'
import { mean } from '../../../services/learn/fitting/statistics.ts'
import {
  DAYS_AHEAD,
  pathsOf,
  type MoistureDays,
  type Path,
} from '../../../services/learn/soil-moisture/paths.ts'
import { rollingOrigin } from '../../../services/learn/fitting/rolling-origin.ts'
import { fitMoisture, predictPath } from '../../../services/learn/soil-moisture/forecast.ts'
import { NORMAL_90 } from '../../../services/runtime/math.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { HOURLY, moistureSites, type MoistureSite } from '../moisture-sites.ts'
import { COVERAGE_OF_80, atLeast, between, errorsOf, forComparison, type Score } from '../score.ts'

const YEAR_DAYS = 365
const STEP_DAYS = 90
const MIN_DAYS = 90 // a shorter record cannot be split

export const soilMoisture: Line = {
  name: 'soil-moisture',
  about: 'soil moisture 1-7 days ahead, against persistence, on held-out time',
  parts: [
    {
      needs: [{ columns: HOURLY, like: 'data/soil-sm2rain-hourly' }],
      score: (data) => hourlyScores(scoredSites(data).filter(({ isHourlySite }) => isHourlySite)),
    },
    {
      needs: [
        {
          anyOf: [
            { columns: ['local_time', 'rain_mm'], like: 'data/soil-scan-forddrylake-hourly' },
            { columns: ['date', 'plot'], like: 'data/soil-drummondville' },
          ],
        },
      ],
      score: (data) =>
        scoredSites(data)
          .filter(({ isHourlySite }) => !isHourlySite)
          .flatMap(({ name, days }) => [
            forComparison(`${name}: rain known`, skillOf(days).skill, '', 2),
            forComparison(`${name}: without rain`, skillOf(withoutWater(days)).skill, '', 2),
          ]),
    },
  ],
}

const scoredSites = (data: DataFolder): MoistureSite[] =>
  moistureSites(data).filter(({ days }) => days.content.length >= MIN_DAYS)

/** The same days without any known water. */
const withoutWater = (days: MoistureDays): MoistureDays => ({
  ...days,
  waterMm: days.waterMm.map(() => null),
})

function hourlyScores(sites: readonly MoistureSite[]): Score[] {
  const results = sites.map((site) => ({
    ...site,
    hasYear: site.days.content.length > YEAR_DAYS,
    withRain: skillOf(site.days),
    without: skillOf(withoutWater(site.days)),
    otherSeason: otherSeasonSkillOf(site.days),
  }))
  const meanOf = (of: (result: (typeof results)[number]) => number) => mean(results.map(of))
  return [
    atLeast(
      'mean skill of the hourly sites, rain known',
      meanOf(({ withRain }) => withRain.skill),
      0.35,
      '',
      2,
    ),
    ...[1, 3, 7].map((lead) =>
      forComparison(
        `of that, ${lead} d ahead`,
        meanOf(({ withRain }) => withRain.leads[lead - 1]!),
        '',
        2,
      ),
    ),
    between(
      'cases inside the 80 % interval',
      meanOf(({ withRain }) => 100 * withRain.inside),
      COVERAGE_OF_80,
      '%',
      0,
    ),
    forComparison(
      'mean skill in a half of the year that the fit has not seen',
      meanOf(({ otherSeason }) => otherSeason.skill),
      '',
      2,
    ),
    forComparison(
      'the same: cases inside the 80 % interval',
      meanOf(({ otherSeason }) => 100 * otherSeason.inside),
      '%',
      0,
    ),
    ...results.flatMap(({ name, hasYear, withRain, without, otherSeason }) => [
      hasYear
        ? atLeast(`${name}: rain known`, withRain.skill, 0.2, '', 2)
        : forComparison(`${name}: rain known`, withRain.skill, '', 2),
      atLeast(`${name}: without rain`, without.skill, 0, '', 3),
      forComparison(`${name}: half of the year not seen`, otherSeason.skill, '', 2),
    ]),
  ]
}

interface Skill {
  skill: number // over persistence: 1 - RMSE / RMSE of persistence, the mean of the days ahead
  leads: number[] // by days ahead
  inside: number // share of cases inside the 80 % interval
}

/** Origin after origin: fitted on the days before it, judged on those after it. */
function skillOf(days: MoistureDays): Skill {
  const n = days.content.length
  const minTrain = Math.min(YEAR_DAYS, Math.floor(n / 2))
  return judge(
    rollingOrigin(n, { minTrain, step: STEP_DAYS }).map(({ trainTo, from, to }) => ({
      history: {
        ...days,
        content: days.content.slice(0, trainTo),
        waterMm: days.waterMm.slice(0, trainTo),
        demandMm: days.demandMm.slice(0, trainTo),
      },
      paths: pathsOf(days, from - 1, to - 1, n),
    })),
  )
}

/** Fitted on April to September and judged on October to March, and the reverse: a season that the fit has not seen. */
function otherSeasonSkillOf(days: MoistureDays): Skill {
  const n = days.content.length
  const isSummer = days.content.map((_, i) => {
    const month = Number(addDays(days.fromDay, i).slice(5, 7))
    return month >= 4 && month <= 9
  })
  return judge(
    [true, false].map((isSummerJudged) => {
      const contentOf = (isJudged: boolean) =>
        days.content.map((content, i) => ((isSummer[i] === isSummerJudged) === isJudged ? content : null))
      return {
        history: { ...days, content: contentOf(false) },
        paths: pathsOf({ ...days, content: contentOf(true) }, 0, n, n),
      }
    }),
  )
}

function judge(splits: readonly { history: MoistureDays; paths: readonly Path[] }[]): Skill {
  const errors: number[][] = Array.from({ length: DAYS_AHEAD }, () => [])
  const persistence: number[][] = Array.from({ length: DAYS_AHEAD }, () => [])
  let inside = 0
  let cases = 0
  for (const { history, paths } of splits) {
    const fit = fitMoisture(history)
    for (const path of paths)
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
