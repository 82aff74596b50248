/**
 * Shared parts of the tests of a soil-moisture sensor: its record, its own noise, and the water that explains a rise.
 */
import { finite } from '../finite.ts'

export interface SoilRecord {
  depthCm: number | null
  /** of the even grid of the columns */
  stepH: number
  /** null: no reading, or it failed its range */
  moisturePct: readonly (number | null)[]
  /** rain and irrigation of each step, mm; null where unknown */
  waterMm: readonly (number | null)[]
  soilTempC: readonly (number | null)[]
}

export type SoilTest =
  | 'frozen' // a dielectric sensor does not detect ice (ISMN D01)
  | 'spike' // a deviation of at most three hours (D06)
  | 'jump' // an abrupt rise without water, or with an abrupt return (D08)
  | 'drop' // an abrupt fall, which no soil shows (D07)
  | 'plateau' // a jump to a constant level (D10)
  | 'stuck' // one value for a day, or for half a day after a step, from a sensor that otherwise varies
  | 'no-response' // 10 mm of water without a response of the topsoil

/** Steps from `from` until before `to` that failed a test. */
export interface SoilFinding {
  test: SoilTest
  from: number
  to: number
}

export interface Point {
  at: number // step
  h: number
  pct: number
}

/** The known values of a record, each with its index and its hour from the start. RangeError for an invalid step. */
export function pointsOf({ moisturePct, stepH }: SoilRecord): Point[] {
  if (!(stepH > 0 && stepH < Infinity)) throw new RangeError(`stepH must be a number above 0, got ${stepH}`)
  return moisturePct.flatMap((pct, index) =>
    pct === null || !Number.isFinite(pct) ? [] : [{ at: index, h: index * stepH, pct }],
  )
}

const NOISE_H = 7 * 24

/** The 95 % quantile in the week on either side of a point. */
export function usualSize(
  points: readonly Point[],
  i: number,
  sizeAt: (points: readonly Point[], k: number) => number,
): number {
  const sizes: number[] = []
  for (let k = i; k > 0 && points[i]!.h - points[k]!.h <= NOISE_H; k--) sizes.push(sizeAt(points, k))
  for (let k = i + 1; k < points.length && points[k]!.h - points[i]!.h <= NOISE_H; k++)
    sizes.push(sizeAt(points, k))
  return quantile(sizes, 0.95)
}

/** Fall of the water content from the point before, %; 0 for a rise. */
export const fallAt = (points: readonly Point[], k: number): number =>
  Math.max(0, points[k - 1]!.pct - points[k]!.pct)

/** How far a point deviates from both its neighbours on one side. */
export function wiggleAt(points: readonly Point[], k: number): number {
  const next = points[k + 1]
  if (!next) return 0
  const fromBefore = points[k]!.pct - points[k - 1]!.pct
  const fromNext = points[k]!.pct - next.pct
  return fromBefore * fromNext > 0 ? Math.min(Math.abs(fromBefore), Math.abs(fromNext)) : 0
}

const WATER_H = 24
const MIN_WATER_MM = 0.2 // minimum that the ISMN counts as rain (D04)

/**
 * Whether water of the day before may explain a rise, or is unknown: a gauge misses part of it, so any amount counts.
 */
export function isWatered({ waterMm, stepH }: SoilRecord, { at }: Point): boolean {
  let mm = 0
  const to = Math.min(waterMm.length - 1, at + Math.round(1 / stepH))
  for (let i = Math.max(0, at - Math.round(WATER_H / stepH)); i <= to; i++) {
    const waterHere = waterMm[i]
    if (waterHere == null || !Number.isFinite(waterHere)) return true
    mm += waterHere
  }
  return mm >= MIN_WATER_MM
}

/** By the nearest rank; 0 for an empty list. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
  return finite(value, { value })
}
