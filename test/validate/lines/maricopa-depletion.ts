/**
 * Root-zone depletion of plots with measured profiles, as a farm of the product keeps it: its rows are closed day by day
 * by the product's own code, with the plot's probe on the first eight visits, and without it to the end of the season.
 * A plot model that is fitted to the same eight visits is scored on the same later visits. These evaluate and are not
 * used otherwise.
 */
import { medianOf } from '../../../services/agronomy/math.ts'
import { mean } from '../../../services/learn/fitting/statistics.ts'
import { NORMAL_90 } from '../../../services/runtime/math.ts'
import type { DataFolder, Need } from '../data-folder.ts'
import {
  calibrateFields,
  depletions,
  measuredDepletionMm,
  type FieldFit,
  type Visit,
} from '../models/calibrate-plot.ts'
import { farmSeason, type JudgedVisit } from '../models/farm-plot.ts'
import type { Line } from '../line.ts'
import { atMost, errorsOf, missingData, forComparison, type Score } from '../score.ts'
import { measuredPlots, type MeasuredPlot } from './measured-profiles.ts'

const FITTED_VISITS = 8
const MAX_RMSE_MM = 20

const PROFILES: Need = {
  columns: ['plot', 'date', 'vwc_10cm'],
  like: 'data/soil-maricopa-cotton-2018/swc_profiles.csv',
}
const IRRIGATION: Need = {
  columns: ['date', 'plot', 'irrigation_mm'],
  like: 'data/soil-maricopa-cotton-2018/irrigation.csv',
}
const WEATHER: Need = {
  columns: ['date', 'eto_mm', 'rain_mm'],
  like: 'data/soil-maricopa-cotton-2018/weather.csv',
}
const LIMITS: Need = {
  columns: ['plot', 'fc_040', 'wp_040'],
  like: 'data/soil-maricopa-cotton-2018/soil_limits.csv',
}

export const maricopaDepletion: Line = {
  name: 'maricopa-depletion',
  about: "root-zone depletion of plots with measured profiles: the farm's own, after 8 visits of its probe",
  parts: [
    { needs: [PROFILES, IRRIGATION, WEATHER], score: (data) => farmScores(plotsOf(data).flat()) },
    {
      needs: [PROFILES, IRRIGATION, WEATHER],
      library: ['test/validate/models/calibrate-plot.ts', 'test/validate/models/root-zone.ts'],
      score: (data) => fittedScores(plotsOf(data)),
    },
    { needs: [PROFILES], score: (data) => profileScores(plotsOf(data).flat()) },
    // without limits the plots have those of a loam
    {
      needs: [PROFILES, LIMITS],
      score: (data) => [forComparison('plots with limits of their own', withLimits(data), '', 0)],
    },
  ],
}

const plotsOf = (data: DataFolder): MeasuredPlot[][] =>
  measuredPlots(data).map((plots) => plots.filter(({ visits }) => visits.length > FITTED_VISITS))

const withLimits = (data: DataFolder): number =>
  plotsOf(data)
    .flat()
    .filter(({ hasLimits }) => hasLimits).length

const noPlot = [missingData([`a plot with more than ${FITTED_VISITS} whole profiles`])]

function farmScores(plots: readonly MeasuredPlot[]): Score[] {
  if (plots.length === 0) return noPlot
  const seasons = (probed: (plot: MeasuredPlot) => readonly Visit[]): JudgedVisit[][] =>
    plots.flatMap((plot) => {
      const visits = plot.visits.filter((visit) => probed(plot).includes(visit))
      const season = farmSeason(plot, { probed: visits, toLearn: FITTED_VISITS })
      return season === null ? [] : [season]
    })
  const free = seasons(fittedTo)
  if (free.length === 0) return [missingData(['the place of the weather station in SOURCE.md'])]
  const rmses = free.map(farmRmse)
  const next = seasons(({ visits }) => visits)
  return [
    forComparison('plots', free.length, '', 0),
    // no target before the farm learns its crop's use and its soil's limits from the probe: docs/agronomy.md
    forComparison("the farm's own, after 8 visits of its probe, median of plots", medianOf(rmses), 'mm', 1),
    forComparison("the farm's own, after 8 visits of its probe, mean of plots", mean(rmses), 'mm', 1),
    forComparison("the farm's own: the worst plot", Math.max(...rmses), 'mm', 1),
    forComparison("the farm's own: bias", mean(free.flat().map(errorOf)), 'mm', 1),
    forComparison("the farm's own: inside its 80 % interval", percentInside(free.flat()), '%', 0),
    forComparison("the farm's own, one visit ahead of its probe", medianOf(next.map(farmRmse)), 'mm', 1),
    forComparison("the farm's own without a probe", medianOf(seasons(() => []).map(farmRmse)), 'mm', 1),
  ]
}

const errorOf = ({ row, measuredMm }: JudgedVisit): number => (row.depletionMm ?? NaN) - measuredMm
const farmRmse = (season: readonly JudgedVisit[]): number => errorsOf(season.map(errorOf)).rmse
const percentInside = (visits: readonly JudgedVisit[]): number =>
  100 *
  mean(
    visits.map((visit) => (Math.abs(errorOf(visit)) <= NORMAL_90 * (visit.row.depletionSdMm ?? 0) ? 1 : 0)),
  )

function fittedScores(fields: readonly MeasuredPlot[][]): Score[] {
  const fitted = fields.flatMap((plots) => {
    const fits = calibrateFields(plots.map((plot) => ({ ...plot, visits: fittedTo(plot) })))
    return plots.map((plot, i) => ({ plot, fit: fits[i]! }))
  })
  if (fitted.length === 0) return noPlot
  const rmses = fitted.map(({ plot, fit }) => openRmse(plot, fit))
  const ofAll = (rmseOf: (plot: MeasuredPlot, fit: FieldFit) => number) =>
    medianOf(fitted.map(({ plot, fit }) => rmseOf(plot, fit)))
  return [
    atMost('fitted to 8 visits, median of plots', medianOf(rmses), MAX_RMSE_MM, 'mm', 1),
    atMost('fitted to 8 visits, mean of plots', mean(rmses), MAX_RMSE_MM, 'mm', 1),
    forComparison('fitted to 8 visits: the worst plot', Math.max(...rmses), 'mm', 1),
    forComparison('fitted to 8 visits, one visit ahead', ofAll(nextRmse), 'mm', 1),
    forComparison(
      "the tables' crop and texture",
      ofAll((plot) => openRmse(plot, byTables(plot))),
      'mm',
      1,
    ),
    forComparison(
      'Kcb of the plots by that of the table',
      medianOf(fitted.map(({ fit }) => fit.kcbScale)),
      '',
      2,
    ),
  ]
}

function profileScores(plots: readonly MeasuredPlot[]): Score[] {
  if (plots.length === 0) return noPlot
  return [
    forComparison('as at the visit before', medianOf(plots.map(persistenceRmse)), 'mm', 1),
    forComparison('as at the 8th visit', medianOf(plots.map(standstillRmse)), 'mm', 1),
  ]
}

const fittedTo = (plot: MeasuredPlot): Visit[] => plot.visits.slice(0, FITTED_VISITS)
const lastFitted = (plot: MeasuredPlot): Visit => plot.visits[FITTED_VISITS - 1]!
const judges = (plot: MeasuredPlot): Visit[] => plot.visits.slice(FITTED_VISITS)
const byTables = (plot: MeasuredPlot): FieldFit => ({ soil: plot.soil, kcbScale: 1 })

/** One run from the eighth visit to the last. */
function openRmse(plot: MeasuredPlot, fit: FieldFit): number {
  const later = judges(plot)
  const ages = later.map(({ age }) => age)
  return errorsOf(
    depletions(lastFitted(plot), plot, fit, ages).map(
      (mm, i) => mm - measuredDepletionMm(later[i]!, plot.crop, fit.soil),
    ),
  ).rmse
}

/** From each visit to the next. */
const nextRmse = (plot: MeasuredPlot, fit: FieldFit): number =>
  errorsOf(
    judges(plot).map((visit, i) => {
      const from = plot.visits[FITTED_VISITS - 1 + i]!
      return depletions(from, plot, fit, [visit.age])[0]! - measuredDepletionMm(visit, plot.crop, fit.soil)
    }),
  ).rmse

const persistenceRmse = (plot: MeasuredPlot): number =>
  errorsOf(judges(plot).map((visit, i) => changeMm(plot.visits[FITTED_VISITS - 1 + i]!, visit, plot))).rmse

const standstillRmse = (plot: MeasuredPlot): number =>
  errorsOf(judges(plot).map((visit) => changeMm(lastFitted(plot), visit, plot))).rmse

const changeMm = (from: Visit, to: Visit, plot: MeasuredPlot): number =>
  to.waterMm(plot.crop.rootMaxM) - from.waterMm(plot.crop.rootMaxM)
