/** The numbers of a field's chart by civil day of the farm, newest first. */
import type { FieldDetail } from '../../../services/api/schemas.ts'
import { dayOf, type Day } from '../../../broker/contract/time.ts'

export interface DayRow {
  day: Day
  level: number | null // the last of the day, in the unit of `levelOf`
  rainMm: number | null // null: unknown, not zero
  irrigationMm: number // confirmed or metered
}

export function dayRows(
  detail: Pick<FieldDetail, 'fromMs' | 'timeZone' | 'rain' | 'irrigation'>,
  times: readonly number[],
  levelOf: (index: number) => number | null,
): DayRow[] {
  const byDay = new Map<Day, DayRow>()
  const rowOf = (day: Day): DayRow => {
    let row = byDay.get(day)
    if (!row) byDay.set(day, (row = { day, level: null, rainMm: null, irrigationMm: 0 }))
    return row
  }
  times.forEach((atMs, index) => {
    if (atMs <= detail.fromMs) return
    // a midnight is the end of the day before it
    const row = rowOf(dayOf(atMs - 1, detail.timeZone))
    row.level = levelOf(index) ?? row.level
  })
  for (const { day, mm } of detail.rain) rowOf(day).rainMm = mm
  for (const run of detail.irrigation) {
    const mm = run.meteredMm ?? run.confirmedMm
    if (mm !== null) rowOf(dayOf(run.atMs, detail.timeZone)).irrigationMm += mm
  }
  return [...byDay.values()].sort((a, b) => b.day.localeCompare(a.day))
}
