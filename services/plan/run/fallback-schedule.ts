/**
 * The farmer's own fixed schedule, for an upland field without data of soil and weather for a day: the usual
 * irrigation is better than none, and better than a balance without input. Only where a person has entered the
 * schedule; else the field stays unknown and needs a person. Pure.
 */
import { addDays, DAY_MS, dayOf, startOfDay, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import {
  type FieldRow,
  type FieldStateRow,
  type FixedScheduleRow,
  type RunRow,
  type ZoneRow,
} from '../../tables.ts'
import type { Checkbook } from './checkbook.ts'
import { rowBy } from '../group-rows.ts'
import type { Window } from '../windows.ts'
import { newestMeasurementMs } from '../../domain/newest-measurement.ts'
import { tenth } from '../../runtime/math.ts'

/** The fixed schedule takes over when the last measurement is older. */
const FALLBACK_AFTER_MS = DAY_MS

export interface FallbackSchedule {
  mm: number // gross
  days: number
  sinceMs: AtMs // the last measurement
  nextMs: AtMs // not before then
}

/** The part of a farm's snapshot that is used. */
interface FallbackInput {
  fixedSchedules: readonly FixedScheduleRow[]
  /** last irrigation of each zone, as far back as its records go */
  lastWateredMs: ReadonlyMap<string, AtMs>
}

/** Null while there is data, and without an entered schedule. */
export function findFallbackSchedule(
  farm: FallbackInput & { farm: { timeZone: string } },
  field: FieldRow,
  zone: ZoneRow | null,
  state: FieldStateRow,
  nowMs: AtMs,
): FallbackSchedule | null {
  const schedule = rowBy(farm.fixedSchedules, 'fieldId', field.id)
  if (field.kind !== 'upland' || !zone || !schedule) return null
  const sinceMs = lastMeasuredMs(state)
  if (nowMs - sinceMs <= FALLBACK_AFTER_MS) return null
  const { timeZone } = farm.farm
  const wateredMs = farm.lastWateredMs.get(zone.id)
  const nextMs =
    wateredMs === undefined
      ? nowMs
      : startOfDay(addDays(dayOf(wateredMs, timeZone), schedule.everyDays), timeZone)
  return { mm: schedule.depthMm, days: schedule.everyDays, sinceMs, nextMs }
}

/** The last measurement of a probe or a station of the field. */
function lastMeasuredMs(state: FieldStateRow): AtMs {
  const measuredAtMs = newestMeasurementMs(state)
  // a state without a measured input has only its own time, if it rests on any data
  if (measuredAtMs !== null) return measuredAtMs
  return state.freshness === 'lost' || state.freshness === 'none' ? -Infinity : state.atMs
}

/** The need of a zone by its fixed schedule, as a checkbook without a balance. */
export function fallbackCheckbook(
  { mm, nextMs }: FallbackSchedule,
  zone: ZoneRow,
  window: Window | null,
  existingRun: RunRow | null,
): Checkbook {
  // a planned run is not moved to another day because its own window passes midnight
  const isDue =
    window !== null && (window.toMs > nextMs + zone.minMinutes * MINUTE_MS || existingRun !== null)
  const netMm = isDue ? tenth(mm * zone.efficiency) : 0
  return {
    verdict: isDue ? 'irrigate' : 'enough',
    fullMm: 0,
    leftNow: { mm: 0, loMm: 0, hiMm: 0 },
    comingMm: 0,
    useMm: 0,
    leftThenMm: 0,
    untilMs: window?.fromMs ?? nextMs,
    rain: null,
    withheld: null,
    roomMm: 0,
    belowMm: 0,
    leachMm: 0,
    leaching: null,
    safeMs: null,
    isStillOpen: false,
    demand: null,
    netMm,
    dueMs: isDue ? (window?.toMs ?? null) : null,
    rainToSkipMm: null,
  }
}
