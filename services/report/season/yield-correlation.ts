/**
 * Rank correlation of yield with water, stress, heat, disease and sprays between the fields of a crop in one season. It
 * shows association, not causation, and is null where too few fields are known.
 */
import { hasEnoughMembers } from './sharing.ts'
import type { SeasonRecord } from './record.ts'
import type { FieldLine } from './lines.ts'

export const factors = ['water', 'stress', 'heat', 'disease', 'sprays'] as const
export type Factor = (typeof factors)[number]

export interface YieldCorrelation {
  factor: Factor
  fields: number // with both yield and factor
  unknown: number // with a yield, without the factor
  /** Spearman's, -1 to 1, with its 95 % interval; null: too few fields or members, or no variation */
  rank: { value: number; low: number; high: number } | null
}

const MIN_FIELDS = 20

/** One per factor. `records` and `lines` describe the same fields in the same order. */
export function correlateYield(
  records: readonly SeasonRecord[],
  lines: readonly FieldLine[],
): YieldCorrelation[] {
  return factors.map((factor) => {
    const samples = records.map((record, i) => ({
      record,
      kgHa: lines[i]!.kgHa,
      amount: factorValue(record, factor),
    }))
    const weighed = samples.filter(({ kgHa }) => kgHa !== null)
    const complete = weighed.filter(({ amount }) => amount !== null)
    const value =
      complete.length < MIN_FIELDS || !hasEnoughMembers(complete.map(({ record }) => record))
        ? null
        : spearman(
            complete.map(({ kgHa }) => kgHa!),
            complete.map(({ amount }) => amount!),
          )
    return {
      factor,
      fields: complete.length,
      unknown: weighed.length - complete.length,
      rank: value === null ? null : { value, ...confidenceInterval(value, complete.length) },
    }
  })
}

function factorValue(record: SeasonRecord, factor: Factor): number | null {
  const { waterM3, areaM2, rainMm, stressDays, heatSumCd, diseaseDays, sprays } = record
  switch (factor) {
    case 'water':
      return waterM3 === null || rainMm === null ? null : (1000 * waterM3) / areaM2 + rainMm
    case 'stress':
      return stressDays
    case 'heat':
      return heatSumCd
    case 'disease':
      return diseaseDays
    case 'sprays':
      return sprays
  }
}

/** Spearman's rank correlation, ties at their mean rank; null when one of the two is constant. */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  const [x, y] = [ranks(a), ranks(b)]
  const mean = (a.length + 1) / 2 // of ranks
  let [xy, xx, yy] = [0, 0, 0]
  for (const [i, rank] of x.entries()) {
    xy += (rank - mean) * (y[i]! - mean)
    xx += (rank - mean) ** 2
    yy += (y[i]! - mean) ** 2
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy)
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value)
  const result = new Array<number>(values.length)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to + 1 < order.length && order[to + 1]!.value === order[from]!.value) to++
    for (let at = from; at <= to; at++) result[order[at]!.i] = (from + to) / 2 + 1
    from = to + 1
  }
  return result
}

/** 95 %, by Fisher's z with the variance of ranks (Fieller, Hartley & Pearson 1957). */
function confidenceInterval(value: number, n: number): { low: number; high: number } {
  const z = Math.atanh(Math.max(-1 + 1e-12, Math.min(1 - 1e-12, value)))
  const reach = 1.96 * Math.sqrt(1.06 / (n - 3))
  return { low: Math.tanh(z - reach), high: Math.tanh(z + reach) }
}
