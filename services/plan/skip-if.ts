/**
 * The stated condition of a run: "skips if rain >= 5 mm by 17:30". Judged from measured rain alone; rain that nobody
 * measured skips nothing.
 */
import { addDays, dayOf, type AtMs } from '../../broker/contract/time.ts'
import { fromJson, toJson, type FieldStateRow, type RunRow, type SkipIf } from '../tables.ts'
import type { FarmSnapshot } from './snapshot.ts'

/** Null where the rain of today is not known, since then nothing can be counted from. */
export function skipIfOf(
  state: Pick<FieldStateRow, 'atMs' | 'rainTodayMm'>,
  rainToSkipMm: number | null,
  x: { startMs: AtMs; timeZone: string },
): RunRow['skipIf'] {
  if (rainToSkipMm === null || state.rainTodayMm === null) return null
  return toJson<SkipIf>({
    key: 'rain-by',
    mm: rainToSkipMm,
    byMs: x.startMs,
    sinceDay: dayOf(state.atMs, x.timeZone),
    baseMm: state.rainTodayMm,
  })
}

export function isSkipMet(farm: FarmSnapshot, run: RunRow): boolean {
  if (run.skipIf === null) return false
  const skipIf = fromJson(run.skipIf)
  const fellMm = rainSinceMm(farm, run.fieldId, skipIf)
  return fellMm !== null && fellMm >= skipIf.mm - 1e-9
}

function rainSinceMm(farm: FarmSnapshot, fieldId: string, { sinceDay, baseMm }: SkipIf): number | null {
  const state = farm.states.find((row) => row.fieldId === fieldId)
  if (sinceDay === undefined || baseMm === undefined || !state || state.rainTodayMm === null) return null
  const today = dayOf(state.atMs, farm.farm.timeZone)
  let mm = state.rainTodayMm - baseMm
  for (let day = sinceDay; day < today; day = addDays(day, 1)) {
    const fellMm = farm.rainMm.get(fieldId)?.get(day) ?? null
    if (fellMm === null) return null
    mm += fellMm
  }
  return mm
}
