/** The readings of one probe on an even grid, checked with hindsight, and mapped back to the readings. Pure. */
import { HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { flags } from '../../../broker/contract/quantities.ts'
import type { SoilFinding } from '../../agronomy/quality/soil-record.ts'
import { soilFindings } from '../../agronomy/quality/soil.ts'
import type { Series } from '../../ports.ts'
import type { Span } from '../days/hours.ts'

// a probe with shorter intervals is checked every ten minutes
const FINEST_MS = 10 * MINUTE_MS

export interface SuspectReading {
  series: Series
  test: SoilFinding['test']
  at: number // in the columns of the series
}

/** Readings of `moisture` that passed on arrival and fail with hindsight. `waterMm`: of each hour of the span. */
export function checkSoilMoisture(
  moisture: Series,
  temperature: Series | undefined,
  waterMm: readonly (number | null)[],
  span: Span,
  everyS: number,
): SuspectReading[] {
  const stepMs = Math.max(FINEST_MS, everyS * 1000)
  const steps = Math.max(1, Math.ceil((span.toMs - span.fromMs) / stepMs))
  const stepOf = (atMs: AtMs) => Math.min(steps - 1, Math.floor((atMs - span.fromMs) / stepMs))
  const findings = soilFindings({
    depthCm: moisture.depthCm,
    stepH: stepMs / HOUR_MS,
    moisturePct: onGrid(moisture, steps, stepOf),
    soilTempC: temperature ? onGrid(temperature, steps, stepOf) : [],
    waterMm: waterOnGrid(waterMm, steps, (h) => stepOf(span.fromMs + h * HOUR_MS)),
  })
  const testOf = new Map<number, SoilFinding['test']>()
  for (const { test, from, to } of findings)
    for (let step = from; step < to; step++) if (!testOf.has(step)) testOf.set(step, test)
  const isStillStuck = isStuckThroughout(moisture)
  return moisture.atMs.flatMap((atMs, index) => {
    const test = isStillStuck ? 'stuck' : testOf.get(stepOf(atMs))
    return test === undefined || moisture.flag[index]! > flags.notEvaluated
      ? []
      : [{ series: moisture, test, at: index }]
  })
}

/** One value through the whole span whose start was flagged while the sensor was still known to vary. */
function isStuckThroughout({ value, flag }: Series): boolean {
  const first = value.findIndex((reading) => reading !== null)
  return (
    first >= 0 &&
    flag[first] === flags.suspect &&
    value.every((reading) => reading === null || reading === value[first])
  )
}

/** The last value of each step; null if it failed its range. Previously suspect readings are checked again. */
function onGrid(
  { atMs, value, flag }: Series,
  steps: number,
  stepOf: (atMs: AtMs) => number,
): (number | null)[] {
  const grid = new Array<number | null>(steps).fill(null)
  atMs.forEach((ms, i) => {
    if (flag[i]! <= flags.suspect && value[i] !== null) grid[stepOf(ms)] = value[i]!
  })
  return grid
}

/** Each hour's water in the step in which the hour starts: sums are preserved. */
function waterOnGrid(
  waterMm: readonly (number | null)[],
  steps: number,
  stepOf: (hour: number) => number,
): (number | null)[] {
  const grid = new Array<number | null>(steps).fill(0)
  waterMm.forEach((mm, hour) => {
    const step = stepOf(hour)
    const before = grid[step]!
    grid[step] = mm === null || before === null ? null : before + mm
  })
  return grid
}
