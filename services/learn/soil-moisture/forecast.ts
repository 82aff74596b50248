/**
 * Soil moisture of one probe at one depth, 1 to 7 days ahead: the bucket of `bucket.ts`, its six parameters fitted to
 * the probe's own days. Physics is the same bucket before fitting, persistence is the current value.
 */
import { NORMAL_90 } from '../../runtime/math.ts'
import { addDays, daysBetween, startOfDay } from '../../../broker/contract/time.ts'
import type { ModelSkill } from '../../tables.ts'
import { bucketOf, fitBucket, runBucket, startBucket } from './fit-bucket.ts'
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
import { DAYS_AHEAD, demandAt, isWaterUnknown, pathsOf, type MoistureDays, type Path } from './paths.ts'
import { contiguousBlocks, computeSkill, type HeldOutCase } from '../fitting/rolling-origin.ts'

/** Minimum number of paths to fit and evaluate. */
const MIN_PATHS = 45
const BLOCKS = 4

/** A bucket fitted to the days of one probe and evaluated on held-out time, for each day ahead. */
export function fitMoisture(days: MoistureDays): Fit {
  const n = days.content.length
  const throughDay = addDays(days.fromDay, n - 1)
  const paths = pathsOf(days, 0, n, n)
  const rows = paths.length
  if (rows < MIN_PATHS)
    return insufficientData(
      { key: 'too-few-days', params: { rows, need: MIN_PATHS } },
      days.fromDay,
      throughDay,
    )
  const start = startBucket(days.content)
  const skill = start === null ? [] : evaluate(days)
  if (start === null || skill.length < DAYS_AHEAD)
    return insufficientData({ key: 'does-not-move', params: {} }, days.fromDay, throughDay)
  const { terms } = fitBucket(start, paths, days.unit)
  return { ...decideState(skill), rows, fromDay: days.fromDay, throughDay, terms, skill }
}

/** Content at the end of each day of a path, by the method in use; the days before the path's origin are known. */
export function predictPath(
  fit: Fit,
  history: MoistureDays,
  path: Pick<Path, 'start' | 'waterMm' | 'demandMm'>,
) {
  const start = startBucket(history.content)
  const persistence = path.waterMm.map(() => path.start)
  const model = fit.terms.length === 0 ? persistence : runBucket(bucketOf(fit.terms), path)
  const physics = start === null ? persistence : runBucket({ bucket: start, meanDemandMm: null }, path)
  return persistence.map((content, lead) => {
    const skill = fit.skill[lead]
    if (!skill)
      return { value: content, method: 'persistence' as const, rmse: null, model: content, plain: content }
    const method = methodUsed(fit, skill)
    const predictions = { model, physics, persistence }
    return {
      value: predictions[method][lead]!,
      method,
      rmse: errorOfMethod(skill, method),
      model: model[lead]!,
      plain: predictions[baselineMethod(skill)][lead]!,
    }
  })
}

/** For the seven days after the last. Empty when its content is unknown, or nothing could be evaluated. */
export function predictMoisture(fit: Fit, days: MoistureDays): Prediction[] {
  const n = days.content.length
  const now = days.content[n - 1] ?? null
  if (now === null || fit.skill.length === 0) return []
  const predicted = (of: 'lo' | 'mid' | 'hi', lead: number) =>
    predictPath(fit, days, {
      start: now,
      waterMm: waterUntil(days, lead, of),
      demandMm: demandAt(days, n - 1),
    })
  const mid = predicted('mid', DAYS_AHEAD)
  return mid.map(({ value, method, rmse }, i) => {
    const half = NORMAL_90 * (rmse ?? 0)
    return {
      atMs: startOfDay(addDays(days.fromDay, n + 1 + i), days.timeZone), // the end of the day
      value,
      // error of the method, and uncertainty of the rain
      lo: Math.max(0, value - Math.hypot(half, value - predicted('lo', i + 1)[i]!.value)),
      hi: value + Math.hypot(half, predicted('hi', i + 1)[i]!.value - value),
      method,
    }
  })
}

/**
 * Water of the days up to a lead time, at the low or the high end of the expectation: days are taken as independent,
 * so the uncertainty of their sum grows with the square root of their number.
 */
const waterUntil = (days: MoistureDays, lead: number, of: 'lo' | 'mid' | 'hi'): number[] =>
  Array.from({ length: DAYS_AHEAD }, (_, i) => {
    const day = days.waterAhead[i]
    return day ? Math.max(0, day.mid + (day[of] - day.mid) / Math.sqrt(lead)) : 0
  })

/** Errors of a stored fit on the days since, with the actual water: an irrigation run is not an error of the model. */
export function monitorMoisture(fit: Fit, days: MoistureDays): MonitoredError[] {
  const n = days.content.length
  const since = Math.max(0, daysBetween(days.fromDay, fit.throughDay))
  return pathsOf(days, since, n, n).flatMap((path) =>
    predictPath(fit, days, path).flatMap(({ value, rmse, model, plain }, lead) => {
      const actual = path.actual[lead] ?? null
      if (actual === null || rmse === null) return []
      const errors = { error: value - actual, modelError: model - actual, baselineError: plain - actual }
      return [{ origin: path.origin, ...errors, expected: rmse }]
    }),
  )
}

/**
 * Errors on held-out time with the actual water, 1 to 7 days ahead: each quarter of the record by a fit to the
 * others. The last quarter alone would evaluate a model of the dry season on the wet one.
 */
function evaluate(days: MoistureDays): ModelSkill[] {
  const n = days.content.length
  const cases: HeldOutCase[][] = Array.from({ length: DAYS_AHEAD }, () => [])
  for (const { from, to } of contiguousBlocks(n, BLOCKS)) {
    const training = days.content.map((content, day) => (day >= from && day < to ? null : content))
    const start = startBucket(training)
    const trainingPaths = [...pathsOf(days, 0, from, from), ...pathsOf(days, to, n, n)]
    if (start === null || trainingPaths.length === 0) continue
    const bucket = fitBucket(start, trainingPaths, days.unit)
    for (const path of pathsOf(days, from, to, to)) {
      const model = runBucket(bucket, path)
      const physics = runBucket({ bucket: start, meanDemandMm: null }, path)
      path.actual.forEach((actual, lead) => {
        if (actual !== null)
          cases[lead]!.push({
            actual,
            model: model[lead]!,
            physics: isWaterUnknown(days) ? null : physics[lead]!,
            persistence: path.start,
          })
      })
    }
  }
  return cases
    .map((of, lead) => computeSkill(`days-${lead + 1}`, days.unit, of))
    .filter((skill) => skill !== null)
}
