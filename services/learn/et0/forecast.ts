/**
 * ET0 of a place 1 to 7 days ahead from its own past. Persistence is the last day; physics is the last week, scaled
 * by the annual course of extraterrestrial radiation. The model starts from physics and adds learned weights of the
 * last day's anomaly and, after a whole year of data, of the climatological mean. Pure.
 */
import { NORMAL_90 } from '../../runtime/math.ts'
import { addDays, dayOfYear, daysBetween, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { extraterrestrialMJm2 } from '../../agronomy/evapotranspiration/radiation.ts'
import type { ModelSkill, ModelTerm } from '../../tables.ts'
import {
  errorOfMethod,
  methodUsed,
  baselineMethod,
  insufficientData,
  decideState,
  type Prediction,
  type Fit,
  type MonitoredError,
} from '../fitting/learner.ts'
import { fitLinear, valueOfTerms } from '../fitting/regression.ts'
import { rollingOrigin, computeSkill, type HeldOutCase } from '../fitting/rolling-origin.ts'

/** Consecutive days of a place; null where nothing was measured. */
export interface Et0Days {
  fromDay: Day
  et0Mm: readonly (number | null)[]
  latDeg: number | null // null: extraterrestrial radiation is unknown
  timeZone: string
}

export const DAYS_AHEAD = 7
const HORIZONS = Array.from({ length: DAYS_AHEAD }, (_, i) => i + 1)
const MIN_DAYS = 90 // to fit and to evaluate
const MIN_TRAIN = 60
const MAX_FOLDS = 24
const YEAR = 365

/** Climatological ET0, and the remaining anomaly after 1 to 7 days. */
export function fitEt0(days: Et0Days): Fit {
  const place = placeOf(days)
  const n = days.et0Mm.length
  const throughDay = addDays(days.fromDay, Math.max(0, n - 1))
  const rows = days.et0Mm.filter((mm) => mm !== null).length
  const terms = rows < MIN_DAYS ? null : fitTerms(place, n)
  if (terms === null)
    return insufficientData(
      { key: 'too-few-days', params: { rows, need: MIN_DAYS } },
      days.fromDay,
      throughDay,
    )
  const skill = evaluate(place)
  return { ...decideState(skill), rows, fromDay: days.fromDay, throughDay, terms, skill }
}

/** ET0 of the seven days after the last; empty when the last days are unknown. */
export function predictEt0(fit: Fit, days: Et0Days): Prediction[] {
  const index = days.et0Mm.length - 1
  const predict = predictorOf(fit, placeOf(days))
  return HORIZONS.flatMap((ahead) => {
    const prediction = predict(index, ahead)
    if (prediction === null) return []
    const half = NORMAL_90 * prediction.rmse
    return [
      {
        atMs: startOfDay(addDays(days.fromDay, index + ahead + 1), days.timeZone), // the end of the day
        value: prediction.mm,
        lo: Math.max(0, prediction.mm - half),
        hi: prediction.mm + half,
        method: prediction.method,
      },
    ]
  })
}

/** Errors of a stored fit, one day ahead, on the days of the last two weeks after it was fitted. */
export function monitorEt0(fit: Fit, days: Et0Days): MonitoredError[] {
  const n = days.et0Mm.length
  const predict = predictorOf(fit, placeOf(days))
  const watched: MonitoredError[] = []
  for (let index = Math.max(n - 15, daysBetween(days.fromDay, fit.throughDay)); index < n - 1; index++) {
    const prediction = predict(index, 1)
    const actual = days.et0Mm[index + 1] ?? null
    if (prediction === null || actual === null) continue
    const errors = {
      error: prediction.mm - actual,
      modelError: prediction.modelMm - actual,
      baselineError: prediction.baselineMm - actual,
    }
    watched.push({ origin: index, ...errors, expected: prediction.rmse })
  }
  return watched
}

interface Et0Prediction {
  mm: number
  method: Prediction['method']
  rmse: number
  modelMm: number // also where the model is not used
  baselineMm: number // the better of physics and persistence
}

/** Prediction on day `index` for the day `ahead` days later, by the method in use; null if unknown. */
function predictorOf(fit: Fit, place: Place) {
  const model = modelOf(place, fit.terms)
  return (index: number, ahead: number): Et0Prediction | null => {
    const skill = fit.skill[ahead - 1]
    const baselines = baselinesAt(place, index)
    if (!skill || baselines === null) return null
    const method = methodUsed(fit, skill)
    const predictions = { model: model(index, ahead)!, ...baselines(ahead) }
    return {
      mm: predictions[method],
      method,
      rmse: errorOfMethod(skill, method),
      modelMm: predictions.model,
      baselineMm: predictions[baselineMethod(skill)],
    }
  }
}

/** Days with the extraterrestrial radiation and the season of each, and of the seven after them. */
interface Place {
  et0Mm: readonly (number | null)[]
  seasons: Season[]
  isSunKnown: boolean
}
interface Season {
  sun: number // extraterrestrial radiation as water equivalent, mm/d (FAO-56 Eq. 20, 21); 1 where unknown
  'year-cos': number
  'year-sin': number
}

function placeOf({ fromDay, et0Mm, latDeg }: Et0Days): Place {
  const seasons = Array.from({ length: et0Mm.length + DAYS_AHEAD }, (_, at): Season => {
    const J = dayOfYear(addDays(fromDay, at))
    const angle = (2 * Math.PI * J) / 365.25
    return {
      sun: latDeg === null ? 1 : 0.408 * extraterrestrialMJm2(latDeg, J),
      'year-cos': Math.cos(angle),
      'year-sin': Math.sin(angle),
    }
  })
  return { et0Mm, seasons, isSunKnown: latDeg !== null }
}

/** From the days [0, to) only. Null when they are insufficient. */
function fitTerms(place: Place, to: number): ModelTerm[] | null {
  const season = fitSeason(place, to)
  const usualEt0 = usualMm(place, season)
  const before = Array.from({ length: to }, (_, index) => baselinesAt(place, index))
  const anomalyTerms = HORIZONS.flatMap((ahead): ModelTerm[] => {
    const cases = before.flatMap((baselines, index) => {
      const actual = index + ahead < to ? place.et0Mm[index + ahead]! : null
      if (baselines === null || actual === null) return []
      const { physics } = baselines(ahead)
      return [{ anomalies: anomaliesOf(baselines, usualEt0, index, ahead), residual: actual - physics }]
    })
    const fit = fitLinear({
      columns: anomalyKeys(usualEt0).map((key, c) => ({
        key: `${key}-${ahead}`,
        unit: '',
        values: cases.map(({ anomalies }) => anomalies[c]!),
      })),
      y: cases.map(({ residual }) => residual),
      ridge: true,
    })
    return fit.ok ? fit.value.terms.filter(({ key }) => key !== 'intercept') : []
  })
  return anomalyTerms.length === DAYS_AHEAD * anomalyKeys(usualEt0).length
    ? [...season, ...anomalyTerms]
    : null
}

const anomalyKeys = (usualEt0: readonly number[] | null): string[] =>
  usualEt0 === null ? ['last'] : ['last', 'usual']

/** Anomaly of the last day from the last week, and of the climatological mean ahead from physics, mm. */
function anomaliesOf(
  baselines: Baselines,
  usualEt0: readonly number[] | null,
  index: number,
  ahead: number,
): number[] {
  const { persistence } = baselines(0)
  const last = persistence - baselines(0).physics
  return usualEt0 === null ? [last] : [last, usualEt0[index + ahead]! - baselines(ahead).physics]
}

/** ET0 by season and extraterrestrial radiation; empty before a whole year of data. */
function fitSeason({ et0Mm, seasons, isSunKnown }: Place, to: number): ModelTerm[] {
  const measured = et0Mm.slice(0, to).flatMap((mm, index) => (mm === null ? [] : [{ at: index, mm }]))
  if (to < YEAR) return []
  const keys: (keyof Season)[] = [...(isSunKnown ? (['sun'] as const) : []), 'year-cos', 'year-sin']
  const fit = fitLinear({
    columns: keys.map((key) => ({
      key,
      unit: key === 'sun' ? 'mm' : '',
      values: measured.map(({ at }) => seasons[at]![key]),
    })),
    y: measured.map(({ mm }) => mm),
    ridge: true,
  })
  return fit.ok ? fit.value.terms : []
}

const isOfSeason = ({ key }: ModelTerm): boolean => !/-\d$/.test(key)

/** Climatological ET0 of every day of the record and the seven after it, mm; null without a fitted season. */
function usualMm({ seasons }: Place, terms: readonly ModelTerm[]): number[] | null {
  const ofSeason = terms.filter(isOfSeason)
  if (ofSeason.length === 0) return null
  return seasons.map((season) => Math.max(0, valueOfTerms(ofSeason, { ...season })))
}

/** Prediction of the model on day `index` for the day `ahead` days later, mm; null if the days before are unknown. */
function modelOf(place: Place, terms: readonly ModelTerm[]): (index: number, ahead: number) => number | null {
  const usualEt0 = usualMm(place, terms)
  const weights = HORIZONS.map((ahead) =>
    anomalyKeys(usualEt0).map(
      (key) => terms.find((term) => term.key === `${key}-${ahead}`)?.coefficient ?? 0,
    ),
  )
  return (index, ahead) => {
    const baselines = baselinesAt(place, index)
    if (baselines === null) return null
    const anomalies = anomaliesOf(baselines, usualEt0, index, ahead)
    const sum = anomalies.reduce(
      (mm, anomalyMm, c) => mm + weights[ahead - 1]![c]! * anomalyMm,
      baselines(ahead).physics,
    )
    return Math.max(0, sum)
  }
}

type Baselines = (ahead: number) => { persistence: number; physics: number }

const MIN_DAYS_OF_WEEK = 5

/**
 * The last day unchanged, and the last week's share of extraterrestrial radiation carried forward, mm. Null where
 * unknown.
 */
function baselinesAt({ et0Mm, seasons }: Place, index: number): Baselines | null {
  const persistence = et0Mm[index] ?? null
  let [sum, sun, count] = [0, 0, 0]
  for (let i = Math.max(0, index - 6); i <= index; i++) {
    const mm = et0Mm[i] ?? null
    if (mm === null) continue
    sum += mm
    sun += seasons[i]!.sun
    count++
  }
  if (persistence === null || count < MIN_DAYS_OF_WEEK) return null
  // where the sun does not rise the share is undefined
  const physics = (ahead: number) => (sun > 0 ? (sum / sun) * seasons[index + ahead]!.sun : persistence)
  return (ahead) => ({ persistence, physics: physics(ahead) })
}

/** Errors on held-out time, 1 to 7 days ahead. */
function evaluate(place: Place): ModelSkill[] {
  const n = place.et0Mm.length
  const step = Math.max(DAYS_AHEAD, Math.ceil((n - MIN_TRAIN) / MAX_FOLDS))
  const cases: HeldOutCase[][] = HORIZONS.map(() => [])
  for (const { trainTo, from, to } of rollingOrigin(n, { minTrain: MIN_TRAIN, step })) {
    const terms = fitTerms(place, trainTo)
    if (terms === null) continue
    const model = modelOf(place, terms)
    for (let index = from - 1; index < to - 1; index++) {
      const baselines = baselinesAt(place, index)
      if (baselines === null) continue
      for (const ahead of HORIZONS) {
        const actual = place.et0Mm[index + ahead] ?? null
        if (actual !== null)
          cases[ahead - 1]!.push({ actual, model: model(index, ahead)!, ...baselines(ahead) })
      }
    }
  }
  return cases.map((of, i) => computeSkill(`days-${i + 1}`, 'mm', of)).filter((skill) => skill !== null)
}
