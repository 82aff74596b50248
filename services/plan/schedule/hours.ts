/**
 * The hours in which a zone may be open, from its settings and the hourly forecast. Each rule is separate, so
 * that a plan can name the one that left no room.
 */
import {
  addDays,
  dayOf,
  DAY_MS,
  daysBetween,
  HOUR_MS,
  MINUTE_MS,
  type AtMs,
} from '../../../broker/contract/time.ts'
import type { ForecastResponse, ForecastHour } from '../../ports/forecast.ts'
import { pumpScheduleOf, supplyChain } from '../../domain/water-supply.ts'
import {
  readZoneSchedule,
  toJson,
  type DayHours,
  type PumpRow,
  type ZoneRow,
  type ZoneSchedule,
} from '../../tables.ts'
import type { LimitKey } from '../message-keys.ts'
import { windowOf, windowsFrom, type Window } from '../windows.ts'
import { union, intersect, subtract } from './spans.ts'
import type { HourRule, Span } from './types.ts'

const AHEAD_DAYS = 10
const noSchedule: ZoneSchedule = {}

/** Empty where none is stored. INVALID_ROW for a stored text that cannot be parsed. */
export const zoneSchedule = (zone: Pick<ZoneRow, 'schedule'>): ZoneSchedule =>
  zone.schedule ? readZoneSchedule(zone.schedule) : noSchedule

interface HourContext {
  forecast: ForecastResponse | null
  timeZone: string
  /** of the farm: the hours of those that feed the zone limit it */
  pumps: readonly PumpRow[]
}

/** The rules of a zone besides its windows, from an instant on. */
export function hourRules(
  zone: Pick<ZoneRow, 'method' | 'schedule' | 'pumpId'>,
  { forecast, timeZone, pumps }: HourContext,
  fromMs: AtMs,
): HourRule[] {
  const { waterTurns, attendedHours, maxWindMps, frostBelowC } = zoneSchedule(zone)
  const rules: HourRule[] = []
  if (waterTurns)
    rules.push({
      limit: 'turn',
      spans: union(waterTurns.flatMap((turn) => dailySpans(turn, turn, fromMs, timeZone))),
    })
  if (attendedHours)
    rules.push({
      limit: 'labour',
      spans: union(attendedHours.flatMap((hours) => dailySpans(hours, null, fromMs, timeZone))),
    })
  for (const id of supplyChain({ pumps }, zone)) {
    const pump = pumps.find((item) => item.id === id)
    const { windows } = pump ? pumpScheduleOf(pump) : {}
    if (windows)
      rules.push({
        limit: 'pump-hours',
        spans: union(windows.flatMap((hours) => dailySpans(hours, null, fromMs, timeZone))),
      })
  }
  const isSprinkler = zone.method === 'sprinkler'
  const hours = forecast?.hours ?? []
  if (isSprinkler && maxWindMps !== undefined)
    rules.push({
      limit: 'wind',
      spans: hoursExcept(hours, (hour) => hour.windMps !== null && hour.windMps > maxWindMps, fromMs),
    })
  if (isSprinkler && frostBelowC !== undefined)
    rules.push({
      limit: 'frost',
      spans: hoursExcept(hours, (hour) => hour.tempC !== null && hour.tempC < frostBelowC, fromMs),
    })
  return rules
}

/** The highest forecast wind over some hours, m/s at 2 m; null: some of them are unknown. */
export function maxWindMps(forecast: ForecastResponse | null, spans: readonly Span[]): number | null {
  let max = 0
  for (const { fromMs, toMs } of spans)
    for (let atMs = Math.floor(fromMs / HOUR_MS) * HOUR_MS; atMs < toMs; atMs += HOUR_MS) {
      const hour = forecast?.hours?.find(
        (candidate) => candidate.atMs <= atMs && atMs < candidate.atMs + HOUR_MS,
      )
      if (!hour || hour.windMps === null) return null
      max = Math.max(max, hour.windMps)
    }
  return max
}

/**
 * The next `count` windows of a zone, over all its hours of a day, in which its other rules allow the shortest
 * run. `isSpent`: of a whole window, whether it is used up.
 */
export function zoneWindows(
  zone: ZoneRow,
  context: HourContext,
  x: { earliestMs: AtMs; count: number; isSpent: (window: Window) => boolean },
): Window[] {
  const { timeZone } = context
  const zoneWindows = zoneSchedule(zone).windows ?? []
  const leastMs = zone.minMinutes * MINUTE_MS
  const rules = hourRules(zone, context, x.earliestMs)
  const isUsable = (window: Window): boolean =>
    rules
      .reduce<Span[]>((spans, rule) => intersect(spans, rule.spans), [window])
      .some(({ fromMs, toMs }) => toMs - fromMs >= leastMs)
  // few windows are used up or unusable; a rotation may be many days away
  const count = rules.length > 0 ? AHEAD_DAYS : x.count + 2
  const hours = [
    zone,
    ...zoneWindows.map(({ fromMin, toMin }) => ({ windowFromMin: fromMin, windowToMin: toMin })),
  ]
  return hours
    .flatMap((dayHours) =>
      windowsFrom(dayHours, { earliestMs: x.earliestMs, leastMs, timeZone, count }).filter(
        (window) => !x.isSpent(windowOf(dayHours, window.day, timeZone)) && isUsable(window),
      ),
    )
    .sort((a, b) => a.fromMs - b.fromMs)
    .slice(0, x.count)
}

/** The hours on each day from the day before on; with a rotation, only on its days. */
export function dailySpans(
  { fromMin, toMin }: DayHours,
  turn: { fromDay: string; everyDays: number } | null,
  fromMs: AtMs,
  timeZone: string,
): Span[] {
  const today = dayOf(fromMs, timeZone)
  const spans: Span[] = []
  for (let i = -1; i <= AHEAD_DAYS; i++) {
    const day = addDays(today, i)
    if (turn && (daysBetween(turn.fromDay, day) < 0 || daysBetween(turn.fromDay, day) % turn.everyDays !== 0))
      continue
    const span = windowOf({ windowFromMin: fromMin, windowToMin: toMin }, day, timeZone)
    if (span.toMs > span.fromMs) spans.push({ fromMs: span.fromMs, toMs: span.toMs })
  }
  return spans
}

/** From an instant on, all but the excluded hours; an unknown hour is not excluded. */
function hoursExcept(
  hours: readonly ForecastHour[],
  isAgainst: (hour: ForecastHour) => boolean,
  fromMs: AtMs,
): Span[] {
  const against = hours.filter(isAgainst).map(({ atMs }) => ({ fromMs: atMs, toMs: atMs + HOUR_MS }))
  return subtract([{ fromMs, toMs: fromMs + (AHEAD_DAYS + 1) * DAY_MS }], union(against))
}

/** Why a zone has no window ahead: its hours are too short, or the first rule that excludes all of them. */
export function noWindowReason(zone: ZoneRow, context: HourContext, earliestMs: AtMs): LimitKey {
  const windows = zoneWindows(withoutRules(zone), context, {
    earliestMs,
    count: AHEAD_DAYS,
    isSpent: () => false,
  })
  let left: Span[] = union(windows)
  const isUsable = (spans: readonly Span[]): boolean =>
    spans.some(({ fromMs, toMs }) => toMs - fromMs >= zone.minMinutes * MINUTE_MS)
  if (!isUsable(left)) return 'window'
  for (const rule of hourRules(zone, context, earliestMs)) {
    left = intersect(left, rule.spans)
    if (!isUsable(left)) return rule.limit
  }
  return 'window'
}

/**
 * The reason that keeps a run from the first hours of its windows: the first rule that does not allow it there.
 * Null where it is placed there, and where only the shared water and its price have moved it.
 */
export function moveReason(
  zone: ZoneRow,
  context: HourContext,
  x: { earliestMs: AtMs; isSpent: (window: Window) => boolean; run: Span },
): { limit: LimitKey; fromMs: AtMs } | null {
  const [first] = zoneWindows(withoutRules(zone), context, { ...x, count: 1 })
  if (!first || x.run.fromMs <= first.fromMs) return null
  const { fromMs } = first
  const toMs = fromMs + x.run.toMs - x.run.fromMs
  const against = hourRules(zone, context, x.earliestMs).find(
    ({ spans }) => !spans.some((span) => span.fromMs <= fromMs && toMs <= span.toMs),
  )
  return against ? { limit: against.limit, fromMs } : null
}

/** The zone with its windows alone. */
const withoutRules = (zone: ZoneRow): ZoneRow => {
  const { windows } = zoneSchedule(zone)
  return { ...zone, pumpId: null, schedule: windows ? toJson({ windows }) : null }
}
