/**
 * Root-zone depletion of plots with measured profiles. Each plot is fitted to its first eight visits; from the eighth
 * on the balance runs freely, on weather and irrigation alone, to the end of the season. The later visits evaluate it
 * and are not used otherwise.
 */
import { medianOf } from '../../../services/agronomy/math.ts'
import { mean } from '../../../services/learn/fitting/statistics.ts'
import {
  calibrateFields,
  depletions,
  measuredDepletionMm,
  type FieldFit,
  type Visit,
} from '../models/calibrate-plot.ts'
import type { Line } from '../line.ts'
import { atMost, errorsOf, missingData, forComparison } from '../score.ts'
import { measuredPlots, type MeasuredPlot } from './measured-profiles.ts'

const FITTED_VISITS = 8
const MAX_RMSE_MM = 20

export const maricopaDepletion: Line = {
  name: 'maricopa-depletion',
  about: 'root-zone depletion of plots with measured profiles: fitted to 8 visits, scored on the later ones',
  needs: [
    { columns: ['plot', 'date', 'vwc_10cm'], like: 'soil-maricopa-cotton-2018/swc_profiles.csv' },
    { columns: ['date', 'plot', 'irrigation_mm'], like: 'soil-maricopa-cotton-2018/irrigation.csv' },
    { columns: ['date', 'eto_mm', 'rain_mm'], like: 'soil-maricopa-cotton-2018/weather.csv' },
    { columns: ['plot', 'fc_040', 'wp_040'], like: 'soil-maricopa-cotton-2018/soil_limits.csv' },
  ],
  score(data) {
    const fields = measuredPlots(data).map((plots) =>
      plots.filter(({ visits }) => visits.length > FITTED_VISITS),
    )
    const fitted = fields.flatMap((plots) => {
      const fits = calibrateFields(plots.map((plot) => ({ ...plot, visits: fittedTo(plot) })))
      return plots.map((plot, i) => ({ plot, fit: fits[i]! }))
    })
    if (fitted.length === 0)
      return [missingData([`a plot with more than ${FITTED_VISITS} whole profiles, weather and limits`])]
    const rmses = fitted.map(({ plot, fit }) => openRmse(plot, fit))
    const ofAll = (rmseOf: (plot: MeasuredPlot, fit: FieldFit) => number) =>
      medianOf(fitted.map(({ plot, fit }) => rmseOf(plot, fit)))
    return [
      forComparison('plots', fitted.length, '', 0),
      atMost('RMSE after the 8th visit, median of plots', medianOf(rmses), MAX_RMSE_MM, 'mm', 1),
      atMost('RMSE after the 8th visit, mean of plots', mean(rmses), MAX_RMSE_MM, 'mm', 1),
      forComparison('the worst plot', Math.max(...rmses), 'mm', 1),
      forComparison('one visit ahead', ofAll(nextRmse), 'mm', 1),
      forComparison(
        "the tables' crop and texture",
        ofAll((plot) => openRmse(plot, byTables(plot))),
        'mm',
        1,
      ),
      forComparison('as at the visit before', ofAll(persistenceRmse), 'mm', 1),
      forComparison('as at the 8th visit', ofAll(standstillRmse), 'mm', 1),
      forComparison(
        'Kcb of the plots by that of the table',
        medianOf(fitted.map(({ fit }) => fit.kcbScale)),
        '',
        2,
      ),
    ]
  },
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
