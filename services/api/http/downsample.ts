/**
 * Downsamples a series for a phone's screen: at most `MAX_POINTS` points, means where several coincide, and
 * one null per gap, so that no line is drawn over missing data.
 */
import { flags, quantityOf } from '../../../broker/contract/quantities.ts'

export const MAX_POINTS = 300

export interface Columns {
  atMs: number[]
  value: (number | null)[]
}

/**
 * `stepMs`: the interval of the series. Points more than two and a half steps apart have a gap between them.
 */
export function downsample(series: Columns, stepMs: number): Columns {
  const total = markGaps(series, stepMs)
  if (total.atMs.length <= MAX_POINTS) return total
  // a multiple of the step, or some buckets would stay empty and look like gaps
  const spanMs = series.atMs.at(-1)! - series.atMs[0]!
  const widthMs = Math.max(2, Math.ceil(spanMs / (MAX_POINTS - 2) / stepMs)) * stepMs
  return markGaps(bucketMeans(series, widthMs), widthMs)
}

/** Values with flag 1 or 2; a reading that is suspect, failed or missing is a gap. */
export const usableValues = ({
  value,
  flag,
}: {
  value: (number | null)[]
  flag: number[]
}): (number | null)[] => value.map((v, i) => ((flag[i] ?? flags.missing) <= flags.notEvaluated ? v : null))

/** Means have spurious digits: keep one more than the quantity displays. */
export function roundColumn(value: (number | null)[], quantity: string): (number | null)[] {
  const scale = 10 ** ((quantityOf(quantity)?.decimals ?? 2) + 1)
  return value.map((v) => (v === null ? null : Math.round(v * scale) / scale))
}

function markGaps({ atMs, value }: Columns, stepMs: number): Columns {
  const selected: Columns = { atMs: [], value: [] }
  for (const [i, instantMs] of atMs.entries()) {
    const before = atMs[i - 1]
    if (before !== undefined && instantMs - before > 2.5 * stepMs) {
      selected.atMs.push(before + stepMs)
      selected.value.push(null)
    }
    selected.atMs.push(instantMs)
    selected.value.push(value[i] ?? null)
  }
  return selected
}

/** The mean of each bucket, at the bucket's start; null where every value in it is null. */
function bucketMeans({ atMs, value }: Columns, widthMs: number): Columns {
  const out: Columns = { atMs: [], value: [] }
  let bucket = NaN
  let sum = 0
  let count = 0
  const close = () => {
    if (Number.isNaN(bucket)) return
    out.atMs.push(bucket * widthMs)
    out.value.push(count === 0 ? null : sum / count)
    sum = count = 0
  }
  for (const [i, instantMs] of atMs.entries()) {
    const next = Math.floor(instantMs / widthMs)
    if (next !== bucket) close()
    bucket = next
    const v = value[i] ?? null
    if (v !== null) {
      sum += v
      count++
    }
  }
  close()
  return out
}
