/**
 * The need of one zone of one field, before the capacity of the pump is considered. Pure; the farm's plan
 * combines the needs of all zones.
 */
import { dayOf, HOUR_MS, MINUTE_MS, startOfDay, addDays, type AtMs } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { FieldRow, FieldStateRow, RunRow, SeasonRow, ZoneRow } from '../../tables.ts'
import { uplandNeed, type UplandNeed } from './upland-need.ts'
import type { UnknownKey } from '../message-keys.ts'
import { paddyPlan, type PaddyPlan } from '../paddy/paddy-plan.ts'
import { zoneRestrictions, outsideRestrictions } from '../pest/no-entry-windows.ts'
import { afterPairedRuns, paddyInput, paddySettings } from '../paddy/paddy-need.ts'
import { fallbackCheckbook, findFallbackSchedule, type FallbackSchedule } from './fallback-schedule.ts'
import { isSameMinutes, sizeOf, sizeRun, type RunSize } from '../run-size.ts'
import { rowBy } from '../group-rows.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import {
  comingMm,
  findStalledRun,
  isWindowUsed,
  litresOn,
  existingRun,
  valveStateOf,
} from '../active-runs.ts'
import { zoneWindows } from '../schedule/hours.ts'
import { wholeDay, windowsFrom, type Window } from '../windows.ts'

type Need =
  | UplandNeed
  | { kind: 'paddy'; plan: PaddyPlan; netMm: number; rainToSkipMm: number | null; dueMs: AtMs | null }

export interface ZoneNeed {
  field: FieldRow
  zone: ZoneRow | null
  state: FieldStateRow
  need: Need
  window: Window | null
  size: RunSize | null // null when no water is needed
  existingRun: RunRow | null // the plan's own run of this zone, not active
  isUncertain: boolean // an input of the state is lost: a person decides
  stalledRun: RunRow | null // active, but without flow: not counted as incoming water
  fallback?: FallbackSchedule | null // the farmer's fixed schedule, as the field has no data
}

export interface PlanTimes {
  nowMs: AtMs
  /** maximum age of a state; a level uses a third of it */
  stateValidMs: number
  /** a controller without a report since then is offline; -Infinity while no report could have arrived */
  silentBeforeMs: AtMs
}

// a command has to reach the controller before the valve opens
const LEAD_MS = MINUTE_MS
const LEVEL_VALID_MS = 6 * HOUR_MS
// clocks differ by minutes
const CLOCK_TOLERANCE_MS = 10 * MINUTE_MS

/** The water that a field needs through a zone, or the reason why it is unknown. */
export function zoneNeed(
  farm: FarmSnapshot,
  field: FieldRow,
  season: SeasonRow,
  zone: ZoneRow | null,
  times: PlanTimes,
): Result<ZoneNeed, UnknownKey> {
  const state = rowBy(farm.states, 'fieldId', field.id)
  if (!state) return err('no-state')
  const { nowMs } = times
  const { timeZone } = farm.farm
  // estimated in the future: the clock has gone back, and windows and ages are meaningless
  if (state.atMs - nowMs > CLOCK_TOLERANCE_MS) return err('clock-unsure')
  const fallback = findFallbackSchedule(farm, field, zone, state, nowMs)
  if (zone && fallback) return ok(fallbackNeed(farm, field, zone, state, fallback, times))
  if (nowMs - state.atMs > times.stateValidMs) return err('inputs-lost')
  const [opens, nextWindow] = zone ? usableWindows(farm, zone, nowMs) : dayAhead(nowMs, timeZone)
  const window =
    zone && field.kind === 'paddy'
      ? afterPairedRuns(opens, zone, farm, {
          nowMs,
          leastMs: zone.minMinutes * MINUTE_MS,
          flushUntilMs: paddySettings(farm, field).flushUntilMs,
        })
      : opens
  const existing = zone ? existingRun(farm, zone.id, nowMs) : null
  const stalled = zone ? findStalledRun(farm, zone, times) : null
  const shared = {
    state,
    window,
    nextWindow,
    forecast: farm.forecast,
    timeZone,
    comingMm: zone
      ? comingMm(zone, {
          ...farm,
          heldUp: stalled,
          stateAtMs: state.atMs,
          nowMs,
          byMs: window?.toMs ?? nowMs,
        })
      : 0,
  }
  const need = needOf()
  if (!need.ok) return need
  const { netMm } = need.value
  return {
    ok: true,
    value: {
      field,
      zone,
      state,
      need: need.value,
      window,
      size:
        zone && netMm > 0
          ? paddySize(
              need.value,
              zone,
              stableSize(wantedDepthMm(need.value, zone), farm, zone, window, existing, nowMs),
            )
          : null,
      existingRun: existing,
      stalledRun: stalled,
      isUncertain: isUncertain(need.value, state, zone),
    },
  }

  function needOf(): Result<Need, UnknownKey> {
    if (field.kind === 'upland') {
      const hasRun =
        stalled !== null || (existing !== null && window !== null && existing.startMs < window.toMs)
      return uplandNeed(farm, field, season, zone, { ...shared, state: state!, hasRun })
    }
    const plan = paddyPlan(
      paddyInput(farm, field, season, state!, stalled?.id ?? null, {
        ...shared,
        nowMs,
        levelValidMs: Math.max(LEVEL_VALID_MS, times.stateValidMs / 3),
      }),
    )
    if (!plan.ok) return plan
    const { rainToSkipMm, daysToLow, drain } = plan.value
    if (zone?.method === 'outlet') {
      const netMm = drain?.mm ?? 0
      const dueMs = drain?.reason === 'storm-room' ? (plan.value.storm?.fromMs ?? null) : null
      return { ok: true, value: { kind: 'paddy', plan: plan.value, netMm, rainToSkipMm: null, dueMs } }
    }
    const dueMs = daysToLow === null ? null : state!.atMs + daysToLow * 24 * HOUR_MS
    const { netMm } = plan.value
    return { ok: true, value: { kind: 'paddy', plan: plan.value, netMm, rainToSkipMm, dueMs } }
  }
}

/** Without data: a run of the fixed schedule, which the zone's mode opens or proposes. */
function fallbackNeed(
  farm: FarmSnapshot,
  field: FieldRow,
  zone: ZoneRow,
  state: FieldStateRow,
  fallback: FallbackSchedule,
  times: PlanTimes,
): ZoneNeed {
  const { nowMs } = times
  const [window] = usableWindows(farm, zone, nowMs)
  const existing = existingRun(farm, zone.id, nowMs)
  const checkbook = fallbackCheckbook(fallback, zone, window, existing)
  const { netMm, dueMs } = checkbook
  return {
    field,
    zone,
    state,
    window,
    existingRun: existing,
    fallback,
    need: { kind: 'upland', book: checkbook, netMm, rainToSkipMm: null, dueMs, line: null, harvestDay: null },
    size: netMm > 0 ? stableSize(netMm, farm, zone, window, existing, nowMs) : null,
    isUncertain: false,
    stalledRun: findStalledRun(farm, zone, times),
  }
}

/**
 * Whether a person decides: an input is lost, a level is calculated, or water is drained without an approval.
 */
function isUncertain(need: Need, state: FieldStateRow, zone: ZoneRow | null): boolean {
  if (need.kind === 'upland') return state.freshness === 'lost' || state.freshness === 'none'
  if (need.plan.calculatedDays !== null) return true
  const isForStorm = need.plan.drain?.reason === 'storm-room' || need.plan.drain?.reason === 'storm-release'
  return zone?.method === 'outlet' && isForStorm && need.plan.stormBy !== 'auto'
}

/** The next usable window and the one after it, without used ones. */
function usableWindows(farm: FarmSnapshot, zone: ZoneRow, nowMs: AtMs): [Window | null, Window | null] {
  const { timeZone } = farm.farm
  const restrictions = zoneRestrictions(zone, farm.noEntryWindows)
  const windowsAhead = zoneWindows(
    zone,
    { ...farm, timeZone },
    {
      earliestMs: nowMs + LEAD_MS,
      count: restrictions.length === 0 ? 2 : 6,
      isSpent: (window) => isZoneWindowUsed(zone, window, farm),
    },
  )
  const windows = outsideRestrictions(windowsAhead, restrictions, zone.minMinutes * MINUTE_MS)
  return [windows[0] ?? null, windows[1] ?? null]
}

/** A gate opens as often as there is too much water; a person's STOP applies to it as to any valve. */
const isZoneWindowUsed = (zone: ZoneRow, window: Window, farm: FarmSnapshot): boolean =>
  isWindowUsed(zone, window, zone.method === 'outlet' ? { ...farm, runs: [] } : farm)

/** A field without a zone is planned as if it could be irrigated at any hour. */
function dayAhead(nowMs: AtMs, timeZone: string): [Window | null, Window | null] {
  const windows = windowsFrom(wholeDay, { earliestMs: nowMs, leastMs: 0, timeZone, count: 2 })
  return [windows[0] ?? null, windows[1] ?? null]
}

/** False from the instant on at which the pause ends. */
export const isPaused = (zone: ZoneRow, nowMs: AtMs): boolean =>
  zone.pausedUntilMs !== null && zone.pausedUntilMs > nowMs

/** A person's correction of depths must not raise the water above the bund. */
const wantedDepthMm = (need: Need, zone: ZoneRow): number =>
  need.kind === 'upland' || zone.method === 'outlet'
    ? need.netMm
    : Math.min(need.netMm, need.plan.maxFillMm / (1 + zone.adjustPercent / 100))

/** Near the bund a planned run that is a little longer is not the same run. */
function paddySize(need: Need, zone: ZoneRow, size: RunSize): RunSize {
  if (need.kind === 'upland' || zone.method === 'outlet') return size
  const mostMinutes = Math.floor((need.plan.maxFillMm / zone.efficiency / zone.applicationRateMmH) * 60)
  if (size.minutes <= mostMinutes && size.minutes * NEAR_BUND <= mostMinutes) return size
  const minutes = Math.min(size.minutes, mostMinutes)
  return { ...sizeOf(zone, minutes >= zone.minMinutes ? minutes : 0), limit: size.limit ?? 'bund' }
}
const NEAR_BUND = 1.2

/** Within the zone's limits; the size of the planned run when the difference is noise. */
function stableSize(
  netMm: number,
  farm: FarmSnapshot,
  zone: ZoneRow,
  window: Window | null,
  existing: RunRow | null,
  nowMs: AtMs,
): RunSize {
  const { timeZone } = farm.farm
  const day = dayOf(window?.fromMs ?? nowMs, timeZone)
  const fromMs = startOfDay(day, timeZone)
  const toMs = startOfDay(addDays(day, 1), timeZone)
  const usedTodayLitres =
    zone.dailyMaxLitres === null
      ? 0
      : litresOn((atMs) => atMs >= fromMs && atMs < toMs, [zone], { ...farm, nowMs })
  const size = sizeRun(netMm, zone, { usedTodayLitres, capMs: valveStateOf(farm, zone)?.capMs ?? null })
  if (!existing || size.minutes === 0) return size
  const isSame = isSameMinutes(size.minutes, existing.minutes)
  // a lowered limit applies at once
  const mayKeep = isSame && (size.limit === null || existing.minutes <= size.minutes)
  return mayKeep ? { ...size, ...sizeOf(zone, existing.minutes) } : size
}
