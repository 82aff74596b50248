/**
 * Yield of one field's crop, from the harvests of that crop on the farm: the learned model of `regression.ts`,
 * otherwise the trend of the field ('physics'), otherwise its mean ('persistence'). During a season, its remainder is
 * assumed to be average.
 */
import { addDays, daysBetween, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { NORMAL_90, sumBy } from '../../runtime/math.ts'
import type { ModelTerm } from '../../tables.ts'
import {
  errorOfMethod,
  methodUsed,
  insufficientData,
  decideState,
  type Prediction,
  type Fit,
} from '../fitting/learner.ts'
import { valueOfTerms } from '../fitting/regression.ts'
import { fitYield, crossValidatedSkill, baselinesOf, type Harvest } from './regression.ts'

/** The harvests of one crop on a farm, for one of its fields. */
export interface YieldSeasons {
  place: string // the field
  harvests: Harvest[] // t/ha, of all fields
  running: RunningSeason | null
  usualLengthD: number // of the harvested seasons
  fromDay: Day
  throughDay: Day
  timeZone: string
}

export interface RunningSeason {
  year: number
  plantedDay: Day
  features: Harvest['features'] // so far
}

const UNIT = 't/ha'
const MIN_HARVESTS = 8
// a season that runs for twice the usual time was not closed
const ABANDONED_AFTER = 2

/** Yield by season, fitted and evaluated with years left out; with too few harvests it reports how many it needs. */
export function fitSeasons({ place, harvests, fromDay, throughDay }: YieldSeasons): Fit {
  const rows = harvests.length
  const skill = rows < MIN_HARVESTS ? null : crossValidatedSkill(harvests, UNIT)
  if (skill === null)
    return insufficientData(
      { key: 'too-few-seasons', params: { rows, need: MIN_HARVESTS } },
      fromDay,
      throughDay,
    )
  const terms = fitYield(harvests).termsOf(place).map(withUnit)
  return { ...decideState([skill]), rows, fromDay, throughDay, terms, skill: [skill] }
}

const UNITS: Record<string, string> = { water: 'mm/d', deficit: '', heat: '°C', year: 'a' }

const withUnit = (term: ModelTerm): ModelTerm => {
  const key = term.key.replace(/-squared$/, '')
  const unit = UNITS[key] ?? ''
  return { ...term, unit: term.key === key || unit === '' ? unit : `(${unit})²` }
}

/** Prediction for the harvest of the active season. Empty without one, or where nothing could be evaluated. */
export function predictYield(fit: Fit, data: YieldSeasons): Prediction[] {
  const { running, place, harvests, usualLengthD, throughDay } = data
  const [skill] = fit.skill
  if (!running || !skill) return []
  const aged = (daysBetween(running.plantedDay, throughDay) + 1) / usualLengthD
  if (aged > ABANDONED_AFTER) return []
  const elapsedShare = Math.min(1, Math.max(0, aged))
  const row = rowOf(running, harvests, place, elapsedShare)
  const method = methodUsed(fit, skill)
  // a harvest since the fit may have made a feature unavailable: the next fit omits it
  if (method === 'model' && fit.terms.some(({ key }) => key !== 'intercept' && row[key] === undefined))
    return []
  const value =
    method === 'model'
      ? valueOfTerms(fit.terms, row)
      : baselinesOf(harvests)({ place, year: running.year })[method]
  // the remaining season may be as uncertain as without any features
  const baseline = Math.min(skill.physics ?? Infinity, skill.persistence ?? Infinity)
  const half =
    NORMAL_90 *
    (elapsedShare * errorOfMethod(skill, method) +
      (1 - elapsedShare) * Math.max(baseline, errorOfMethod(skill, method)))
  const harvestDay = addDays(running.plantedDay, Math.round(usualLengthD))
  const day = harvestDay > throughDay ? harvestDay : addDays(throughDay, 1)
  return [
    {
      atMs: startOfDay(day, data.timeZone),
      value: Math.max(0, value),
      lo: Math.max(0, value - half),
      hi: Math.max(0, value + half),
      method,
    },
  ]
}

/** The season so far and, for its remainder, the average of this field; with squares, for the terms. */
function rowOf(
  running: RunningSeason,
  harvests: readonly Harvest[],
  place: string,
  elapsedShare: number,
): Record<string, number> {
  const fieldHarvests = harvests.filter((harvest) => harvest.place === place)
  const pastHarvests = fieldHarvests.length > 0 ? fieldHarvests : harvests
  const row: Record<string, number> = { year: running.year }
  for (const key of Object.keys(harvests[0]?.features ?? {})) {
    const meanFeature = sumBy(pastHarvests, ({ features }) => features[key]!) / pastHarvests.length
    const soFar = running.features[key]
    row[key] = soFar === undefined ? meanFeature : elapsedShare * soFar + (1 - elapsedShare) * meanFeature
    row[`${key}-squared`] = row[key] ** 2
  }
  return row
}
