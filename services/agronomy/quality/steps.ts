/**
 * Abrupt steps of a soil-moisture sensor, which no soil shows. A step beyond the sensor's own noise with an abrupt
 * return is an artefact, and so are the values between. A rise after water is accepted unless all of it reverses
 * abruptly.
 */
import {
  fallAt,
  isWatered,
  usualSize,
  wiggleAt,
  type Point,
  type SoilFinding,
  type SoilRecord,
} from './soil-record.ts'

const SPIKE_H = 3
const EXCURSION_H = 96
const BASE_H = 6
export const REST_H = 12 // D10
const OUT_OF_NOISE = 3 // times the 95 % quantile of the sensor's own wiggles or falls in the week around
const MIN_SPIKE_PCT = 1 // D06-D08 require more than 1 % vol
const MIN_STEP_PCT = 2
const SURE_PCT = 5 // D07: a drop of 5 % needs no further evidence

/** Deviations of at most three hours. */
export function spikes(record: SoilRecord, points: readonly Point[]): SoilFinding[] {
  return stepChanges(points, (before, i) => spikeEnd(record, points, before, i)).map(({ first, end }) => ({
    test: 'spike',
    ...spanOf(points, first, end),
  }))
}

/** An abrupt step with an abrupt return within four days: no soil shows this. The values between are artefacts. */
export function excursions(record: SoilRecord, points: readonly Point[]): SoilFinding[] {
  return stepChanges(points, (before, i) => stepEnd(record, points, before, i)).map(
    ({ before, first, end }) => {
      const isUp = points[first]!.pct > before.pct
      const next = points[end]
      const isShort = next !== undefined && next.h - points[first]!.h <= SPIKE_H
      const test = isShort
        ? 'spike'
        : !isUp
          ? 'drop'
          : isFlatAfterStep(points, first, end)
            ? 'plateau'
            : 'jump'
      return { test, ...spanOf(points, first, end) }
    },
  )
}

interface StepChange {
  before: Point
  first: number
  end: number
}

/** Steps from one point to the next for which `endOf` finds an end; the points between are skipped. */
function stepChanges(
  points: readonly Point[],
  endOf: (before: Point, i: number) => number | null,
): StepChange[] {
  const changes: StepChange[] = []
  let before = points[0]
  for (let i = 1; i < points.length; i++) {
    const point = points[i]!
    const isOut = before && point.h - before.h <= BASE_H && Math.abs(point.pct - before.pct) > MIN_SPIKE_PCT
    const end = isOut ? endOf(before!, i) : null
    if (end === null) before = point
    else {
      changes.push({ before: before!, first: i, end })
      i = end - 1
    }
  }
  return changes
}

const spanOf = (points: readonly Point[], first: number, end: number) => ({
  from: points[first]!.at,
  to: points[end - 1]!.at + 1,
})

/** The first point after a spike that starts at `i`; null when there is none. */
function spikeEnd(record: SoilRecord, points: readonly Point[], before: Point, i: number): number | null {
  const sign = Math.sign(points[i]!.pct - before.pct)
  if (sign > 0 && isWatered(record, points[i]!)) return null
  const minSize = Math.max(MIN_SPIKE_PCT, OUT_OF_NOISE * usualSize(points, i, wiggleAt))
  let outPct = Infinity
  for (let j = i + 1; j < points.length && points[j]!.h - points[i]!.h <= SPIKE_H; j++) {
    outPct = Math.min(outPct, sign * (points[j - 1]!.pct - before.pct))
    const returnPct = sign * (points[j - 1]!.pct - points[j]!.pct)
    const difference = Math.abs(points[j]!.pct - before.pct)
    if (Math.min(outPct, returnPct) > minSize && difference <= 0.7 * outPct) return j
  }
  return null
}

/** The first point after a longer excursion that starts with the step to `i`; null when there is none. */
function stepEnd(record: SoilRecord, points: readonly Point[], before: Point, i: number): number | null {
  const out = points[i]!.pct - before.pct
  const sign = Math.sign(out)
  if (Math.abs(out) <= minStepPct(points, i)) return null
  for (let j = i + 1; j < points.length && points[j]!.h - points[i]!.h <= EXCURSION_H; j++) {
    const returnPct = sign * (points[j - 1]!.pct - points[j]!.pct)
    if (returnPct >= 0.5 * Math.abs(out)) {
      // an abrupt fall, one value, an abrupt rise: the return level is irrelevant, it may have rained meanwhile (D09)
      if ((sign < 0 || Math.abs(out) > SURE_PCT) && isFlatAfterStep(points, i, j)) return j
      if (sign > 0 && isAnotherFall(record, points, before, j)) return null
      const isExplained = isWatered(record, sign > 0 ? points[i]! : points[j]!)
      const difference = Math.abs(points[j]!.pct - before.pct) / Math.abs(out)
      const isAlike = returnPct <= 1.5 * Math.abs(out) || isFlat(points, i, j)
      const isShort = points[j]!.h - points[i]!.h <= SPIKE_H // a pulse of free water leaves some residue
      if (!isAlike || difference > (!isExplained ? 0.7 : isShort ? 0.25 : 0.4)) return null
      return isExplained && Math.abs(out) <= SURE_PCT ? null : j
    }
    // a gradual return: natural for a soil
    if (sign * (points[j]!.pct - before.pct) < 0.5 * Math.abs(out)) return null
  }
  // not over yet: a rise may be unrecorded water, but a soil loses its water slowly
  const isOpen = points.at(-1)!.h - points[i]!.h <= EXCURSION_H
  const isSure = out < -SURE_PCT && !isWatered(record, points[i]!)
  return isOpen && isSure ? points.length : null
}

/** Whether a fall after a rise is no return, but the start of a drop of its own: to one value, and up again. */
function isAnotherFall(record: SoilRecord, points: readonly Point[], before: Point, j: number): boolean {
  const top = points[j - 1]!
  const end = stepEnd(record, points, top, j)
  const home = end === null ? undefined : points[end]
  if (end === null || !home || !isFlatAfterStep(points, j, end)) return false
  return Math.abs(home.pct - top.pct) < Math.abs(points[j]!.pct - before.pct)
}

/** A larger step to point `i` is beyond the sensor's noise. % vol. */
export const minStepPct = (points: readonly Point[], i: number): number =>
  Math.max(MIN_STEP_PCT, OUT_OF_NOISE * usualSize(points, i, fallAt))

/** One value for half a day, which no soil shows after a step. */
const isFlatAfterStep = (points: readonly Point[], first: number, end: number): boolean =>
  points[end - 1]!.h - points[first]!.h >= REST_H && isFlat(points, first, end)

const isFlat = (points: readonly Point[], first: number, end: number): boolean =>
  points.slice(first, end).every(({ pct }) => pct === points[first]!.pct)
