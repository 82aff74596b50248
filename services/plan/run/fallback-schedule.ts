/**
 * The farmer's own programme, for an upland field of which neither soil nor weather has been heard for a day: to water as
 * always did is better than not to, and better than to go on by a balance that nobody feeds. Only where a person has said
 * what their programme is (`habit`); else the field stays unknown and asks for a person. Pure.
 */
import { addDays, DAY_MS, dayOf, startOfDay, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import {
  fromJson,
  type FieldRow,
  type FieldStateRow,
  type FixedScheduleRow,
  type RunRow,
  type ZoneRow,
} from '../../tables.ts'
import type { Checkbook } from './checkbook.ts'
import { rowBy } from '../group-rows.ts'
import { tenth } from '../round.ts'
import type { Window } from '../windows.ts'

/** What was last heard of a field may be this old before its programme takes over. */
export const FALLBACK_AFTER_MS = DAY_MS

export interface FallbackSchedule {
  mm: number // gross
  days: number
  sinceMs: AtMs // nothing has been heard since
  nextMs: AtMs // not before then
}

/** What of a farm's snapshot it rests on. */
export interface FallbackInput {
  fixedSchedules?: readonly FixedScheduleRow[]
  /** when each zone was last watered, as far back as its records go */
  lastWateredMs?: ReadonlyMap<string, AtMs>
}

/** Null while anything speaks, and where nobody has said what to do then. */
export function findFallbackSchedule(
  farm: FallbackInput & { farm: { timeZone: string } },
  field: FieldRow,
  zone: ZoneRow | null,
  state: FieldStateRow,
  nowMs: AtMs,
): FallbackSchedule | null {
  const habit = rowBy(farm.fixedSchedules ?? [], 'fieldId', field.id)
  if (field.kind !== 'upland' || !zone || !habit) return null
  const sinceMs = lastMeasuredMs(state)
  if (nowMs - sinceMs <= FALLBACK_AFTER_MS) return null
  const { timeZone } = farm.farm
  const wateredMs = farm.lastWateredMs?.get(zone.id)
  const nextMs =
    wateredMs === undefined
      ? nowMs
      : startOfDay(addDays(dayOf(wateredMs, timeZone), habit.everyDays), timeZone)
  return { mm: habit.depthMm, days: habit.everyDays, sinceMs, nextMs }
}

/** When a probe or a station of the field last said something. */
function lastMeasuredMs(state: FieldStateRow): AtMs {
  const heard = fromJson(state.inputs)
    .filter(({ kind }) => kind === 'measured')
    .flatMap(({ atMs }) => (atMs === null ? [] : [atMs]))
  // a state without such an input says only when it was made, if that was by anything at all
  if (heard.length > 0) return Math.max(...heard)
  return state.freshness === 'lost' || state.freshness === 'none' ? -Infinity : state.atMs
}

/** The need of a zone by its programme, in the shape of a checkbook of which nothing is known. */
export function fallbackCheckbook(
  { mm, nextMs }: FallbackSchedule,
  zone: ZoneRow,
  window: Window | null,
  standing: RunRow | null,
): Checkbook {
  // a run that stands is not moved to another day by the day that its own hours end on
  const isDue = window !== null && (window.toMs > nextMs + zone.minMinutes * MINUTE_MS || standing !== null)
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
    leachMm: 0,
    leaching: null,
    safeMs: null,
    netMm,
    dueMs: isDue ? (window?.toMs ?? null) : null,
    rainToSkipMm: null,
  }
}
