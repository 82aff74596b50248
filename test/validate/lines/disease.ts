/** Models of diseases against their vectors, and estimated against measured leaf wetness where a folder has both. */
import { leafWetness } from '../../../services/agronomy/disease/leaf-wetness.ts'
import { saturationKPa } from '../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import { diseaseTrial, isOfDisease } from '../disease-trials.ts'
import { numberIn, type DataFolder, type DataTable } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { vectorsWith, type Vector } from '../read-vectors.ts'
import { allOf, forComparison, type Score } from '../score.ts'

const WEATHER = ['local_time', 't_C', 'wet_hour_flag']

export const disease: Line = {
  name: 'disease',
  about: 'disease models against their vectors, leaf wetness against its sensor',
  parts: [
    {
      needs: ['vectors/disease_models.json'],
      score: (data) => [allOf('vectors', diseaseVectors(data).map(diseaseTrial))],
    },
    {
      needs: [{ columns: WEATHER, like: 'weather-newmarracarra-hourly' }],
      score: (data) => wetnessScores(data),
    },
  ],
}

/** All disease vectors of the file, and those of the same models in any other. */
function diseaseVectors(data: DataFolder): Vector[] {
  const ownVectors = data.vectors('disease_models')
  const ids = new Set(ownVectors.map(({ id }) => id))
  return [
    ...ownVectors,
    ...vectorsWith(data, []).filter((vector) => isOfDisease(vector) && !ids.has(vector.id)),
  ]
}

const wetnessScores = (data: DataFolder): Score[] =>
  data.tables(WEATHER).flatMap((table) => {
    const hours = table.rows.map((row, i) => ({
      day: row.local_time!.slice(0, 10),
      reported: numberIn(table, i, 'wet_hour_flag'),
      isWet: estimate(table, i),
    }))
    const scored = hours.filter((hour) => hour.isWet !== null).length
    const share = forComparison(
      `${table.folder}, hours whose wetness can be estimated`,
      (100 * scored) / hours.length,
      '%',
      1,
    )
    // a column with values above 1 is the number of wet hours of the day, not a flag of the hour
    const isDaily = hours.some(({ reported }) => (reported ?? 0) > 1)
    const pairs = isDaily ? daysOf(hours) : hours
    return [share, ...agreement(`${table.folder}, wet ${isDaily ? 'days' : 'hours'}`, pairs)]
  })

interface Pair {
  reported: number | null
  isWet: boolean | null
}

function daysOf(hours: readonly (Pair & { day: string })[]): Pair[] {
  const days = new Map<string, Pair[]>()
  for (const hour of hours) days.set(hour.day, [...(days.get(hour.day) ?? []), hour])
  return [...days.values()].map((ofDay) => ({
    reported: ofDay[0]!.reported,
    isWet: ofDay.some(({ isWet }) => isWet) || (ofDay.every(({ isWet }) => isWet === false) ? false : null),
  }))
}

/** Share of agreement, and Cohen's kappa (1960): the agreement beyond chance. */
function agreement(name: string, pairs: readonly Pair[]): Score[] {
  const both = pairs.filter((pair) => pair.reported !== null && pair.isWet !== null)
  const n = both.length
  const count = (isReported: boolean, isWet: boolean) =>
    both.filter((pair) => pair.reported! > 0 === isReported && pair.isWet === isWet).length
  const agreed = (count(true, true) + count(false, false)) / n
  const wetReported = (count(true, true) + count(true, false)) / n
  const wetEstimated = (count(true, true) + count(false, true)) / n
  const byChance = wetReported * wetEstimated + (1 - wetReported) * (1 - wetEstimated)
  return [
    forComparison(`${name} with both`, n, '', 0),
    forComparison(`${name}, agreement`, 100 * agreed, '%', 1),
    forComparison(`${name}, kappa`, (agreed - byChance) / (1 - byChance), '', 2),
  ]
}

function estimate(table: DataTable, row: number): boolean | null {
  const of = (column: string) => (table.columns.includes(column) ? numberIn(table, row, column) : null)
  const tempC = of('t_C')
  const dewC = of('tdew_C')
  const humidityPct =
    of('rh_pct') ??
    (tempC === null || dewC === null ? null : (100 * saturationKPa(dewC)) / saturationKPa(tempC))
  return leafWetness({
    tempC,
    humidityPct,
    rainMm: of('rain_mm'),
    windMps: of('wind_m_s'),
    wetShare: null,
  }).isWet
}
