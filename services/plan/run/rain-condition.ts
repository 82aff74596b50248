/**
 * The stated condition of a run: "skips if rain >= 5 mm by 17:30". Evaluated from measured rain alone;
 * unmeasured rain skips nothing.
 */
import { addDays, dayOf, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { readRainSkip, toJson, type FieldStateRow, type RunRow, type RainSkip } from '../../tables.ts'
import { rowBy } from '../group-rows.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import { tenth } from '../../runtime/math.ts'

/** Null where today's rain is unknown, since there is no base to count from. */
export function rainSkipOf(
  state: Pick<FieldStateRow, 'atMs' | 'rainTodayMm'>,
  rainToSkipMm: number | null,
  x: { startMs: AtMs; timeZone: string },
): RunRow['rainSkip'] {
  if (rainToSkipMm === null || state.rainTodayMm === null) return null
  return toJson<RainSkip>({
    key: 'rain-by',
    mm: rainToSkipMm,
    byMs: x.startMs,
    sinceDay: dayOf(state.atMs, x.timeZone),
    baseMm: state.rainTodayMm,
  })
}

/** Rain since the condition was stated, mm; null without a condition, and without measurements. */
function measuredRainMm(farm: FarmSnapshot, run: RunRow): number | null {
  return run.rainSkip === null ? null : rainSinceMm(farm, run.fieldId, readRainSkip(run.rainSkip))
}

/** False for a run without a condition, and while the rain since it was stated is not fully measured. */
export function isRainSkipMet(farm: FarmSnapshot, run: RunRow): boolean {
  const measuredMm = measuredRainMm(farm, run)
  return measuredMm !== null && measuredMm >= readRainSkip(run.rainSkip!).mm - 1e-9
}

// the pass before a run takes place three minutes before it
const JUDGED_BEFORE_MS = 5 * MINUTE_MS

/** The condition with its outcome: at once when it is met, else just before the run; null: no change. */
export function judgedRainSkip(farm: FarmSnapshot, run: RunRow, nowMs: AtMs): RunRow['rainSkip'] {
  const measuredMm = measuredRainMm(farm, run)
  if (measuredMm === null) return null
  if (!isRainSkipMet(farm, run) && run.startMs - nowMs > JUDGED_BEFORE_MS) return null
  const condition = readRainSkip(run.rainSkip!)
  if (condition.measuredMm !== undefined && Math.abs(condition.measuredMm - measuredMm) < 0.05) return null
  return toJson<RainSkip>({ ...condition, measuredMm: tenth(measuredMm), judgedMs: nowMs })
}

function rainSinceMm(farm: FarmSnapshot, fieldId: string, { sinceDay, baseMm }: RainSkip): number | null {
  const state = rowBy(farm.states, 'fieldId', fieldId)
  if (sinceDay === undefined || baseMm === undefined || !state || state.rainTodayMm === null) return null
  const today = dayOf(state.atMs, farm.farm.timeZone)
  let mm = state.rainTodayMm - baseMm
  for (let day = sinceDay; day < today; day = addDays(day, 1)) {
    const measuredMm = farm.rainMm.get(fieldId)?.get(day) ?? null
    if (measuredMm === null) return null
    mm += measuredMm
  }
  return mm
}
