/** The inputs of a paddy's plan, from the rows of its farm. Pure. */
import { addDays, dayOf, daysBetween, HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { DayTemps } from '../../agronomy/paddy/cold-damage.ts'
import { depthsOf } from '../../agronomy/paddy/depths.ts'
import { developmentOf, stageAt, stageStarts, startOfStage } from '../../agronomy/paddy/stages.ts'
import { holdDay } from '../../agronomy/paddy/defaults.ts'
import { defaultPaddyRow } from '../../domain/default-paddy.ts'
import {
  readPaddyBands,
  readPaddyNow,
  type FieldRow,
  type FieldStateRow,
  type PaddyNow,
  type PaddyRow,
  type SeasonRow,
  type ZoneRow,
} from '../../tables.ts'
import { rowBy, rowsBy } from '../group-rows.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import { comingEndsMs, comingMm, isFixed, runEndMs } from '../active-runs.ts'
import type { Window } from '../windows.ts'
import type { PaddyInput } from './paddy-plan.ts'
import { toM3, findStorm } from './storm.ts'
import { paddyTarget } from './target.ts'
import { sumBy } from '../../runtime/math.ts'

/** The entered settings of a paddy, or the defaults. */
export const paddySettings = (
  farm: Pick<FarmSnapshot, 'paddies'>,
  field: Pick<FieldRow, 'id' | 'org'>,
): PaddyRow => rowBy(farm.paddies, 'fieldId', field.id) ?? defaultPaddyRow(field.id, field.org)

type Shared = Pick<PaddyInput, 'window' | 'nextWindow' | 'forecast' | 'timeZone' | 'levelValidMs' | 'nowMs'>

/**
 * `heldUpId`: the stalled run of the field, null for none. `comingMm` is inflow minus outflow and may be negative.
 * INVALID_ROW for stored settings that cannot be parsed.
 */
export function paddyInput(
  farm: FarmSnapshot,
  field: FieldRow,
  season: SeasonRow,
  state: FieldStateRow,
  heldUpId: string | null,
  x: Shared,
): PaddyInput {
  const { nowMs, timeZone } = x
  const today = dayOf(nowMs, timeZone)
  const settings = paddySettings(farm, field)
  const { inlets, outlets } = inletsAndOutlets(farm, field)
  const [gate] = outlets
  // a gate with a controller replaces the board in the plan
  const paddy: PaddyRow = gate ? { ...settings, outlet: 'gate' } : settings
  const now = state.paddy ? readPaddyNow(state.paddy) : byCalendar(season, today, state)
  const lockDay = holdDay(
    {
      sinceHerbicideDays: paddy.herbicideDay === null ? null : daysBetween(paddy.herbicideDay, today),
      sinceTransplantingDays: daysBetween(season.plantedDay, today),
    },
    paddy.holdDays,
  )
  const coming = {
    ...farm,
    heldUp: heldUpId === null ? null : (rowBy(farm.runs, 'id', heldUpId) ?? null),
    stateAtMs: state.atMs,
    nowMs,
    byMs: x.window?.toMs ?? nowMs,
  }
  const inMm = inlets.reduce(
    (mm, zone) => mm + comingMm(zone, coming) * (inlets.length > 1 ? zone.areaM2 / field.areaM2 : 1),
    0,
  )
  return {
    ...x,
    state,
    soil: field,
    now,
    paddy,
    target: paddyTarget(now, paddy, { isHeld: lockDay !== null, ahead: tempsAhead(x, today) }),
    holdDay: lockDay,
    storm: findStorm(x.forecast, farm.rainMm.get(field.id) ?? new Map(), {
      nowMs,
      timeZone,
      rainTodayMm: state.rainTodayMm,
    }),
    farmStoredM3: farmStoredM3(farm),
    outletMmH: gate && gate.applicationRateMmH > 0 ? gate.applicationRateMmH : null,
    comingMm: inMm - outlets.reduce((mm, zone) => mm + outflowMm(zone, farm, state.atMs, nowMs), 0),
    comingEndsMs: comingEndsMs(inlets, coming),
    calculatedDays:
      state.paddy && now.levelDay !== null ? Math.max(0, daysBetween(now.levelDay, today)) : null,
  }
}

/** Water above the target of their stages, on all paddies of a farm, m³; an unknown level is not counted. */
function farmStoredM3(farm: FarmSnapshot): number {
  const cached = storedM3Cache.get(farm)
  if (cached !== undefined) return cached
  let m3 = 0
  for (const field of farm.fields) {
    const state = rowBy(farm.states, 'fieldId', field.id)
    if (field.kind !== 'paddy' || !state?.paddy || state.levelMm === null) continue
    const { bands } = paddySettings(farm, field)
    const depths = depthsOf(readPaddyNow(state.paddy).stage, bands === null ? null : readPaddyBands(bands))
    m3 += toM3(state.levelMm - Math.max(0, depths.targetBandMm?.[1] ?? 0), field.areaM2)
  }
  storedM3Cache.set(farm, m3)
  return m3
}
// every paddy of the farm needs it
const storedM3Cache = new WeakMap<FarmSnapshot, number>()

/** The zones that fill a paddy, and those that drain it. */
const inletsAndOutlets = (
  farm: Pick<FarmSnapshot, 'zones'>,
  { id }: Pick<FieldRow, 'id'>,
): { inlets: ZoneRow[]; outlets: ZoneRow[] } => {
  const zones = rowsBy(farm.zones, 'fieldId', id)
  return {
    inlets: zones.filter(({ method }) => method !== 'outlet'),
    outlets: zones.filter(({ method }) => method === 'outlet'),
  }
}

/**
 * Outflow of a gate that is still to come, mm: of active runs, and of one that ended since the level was
 * reported.
 */
function outflowMm(outlet: ZoneRow, farm: FarmSnapshot, stateAtMs: AtMs, nowMs: AtMs): number {
  const spans = [
    ...rowsBy(farm.runs, 'zoneId', outlet.id)
      .filter((run) => isFixed(run, nowMs, farm))
      .map((run) => ({ fromMs: run.startMs, toMs: runEndMs(run) })),
    ...rowsBy(farm.irrigations, 'zoneId', outlet.id).map((row) => {
      const fromMs = row.openedAtMs ?? row.commandedAtMs
      return { fromMs, toMs: row.closedAtMs ?? fromMs + row.ranMs }
    }),
  ]
  const ms = sumBy(spans, ({ fromMs, toMs }) => Math.max(0, toMs - Math.max(fromMs, stateAtMs)))
  return (outlet.applicationRateMmH * ms) / HOUR_MS
}

/**
 * Inlet and outlet are a pair: a run of one begins after the fixed runs of the other have ended. Null when no
 * time of the window is left. Not while a person has requested running water.
 */
export function afterPairedRuns(
  window: Window | null,
  zone: ZoneRow,
  farm: FarmSnapshot,
  x: { nowMs: AtMs; leastMs: number; flushUntilMs: AtMs | null },
): Window | null {
  if (!window || (x.flushUntilMs !== null && x.flushUntilMs > x.nowMs)) return window
  const endsMs = rowsBy(farm.zones, 'fieldId', zone.fieldId)
    .filter((other) => (other.method === 'outlet') !== (zone.method === 'outlet'))
    .flatMap(({ id }) => rowsBy(farm.runs, 'zoneId', id))
    .filter((run) => isFixed(run, x.nowMs, farm))
    .map((run) => Math.max(runEndMs(run), x.nowMs) + BETWEEN_MS)
  const fromMs = Math.max(window.fromMs, ...endsMs)
  return window.toMs - fromMs >= x.leastMs ? { ...window, fromMs } : null
}

// a valve needs time to close, and dispatch may start a run 15 minutes late
const BETWEEN_MS = 20 * MINUTE_MS

const COLD_AHEAD_DAYS = 3

function tempsAhead({ forecast }: Shared, today: string): DayTemps[] {
  return (forecast?.days ?? [])
    .filter(({ day }) => day >= today && daysBetween(today, day) < COLD_AHEAD_DAYS)
    .map(({ tempMinC, tempMaxC }) => ({ minC: tempMinC, meanC: (tempMinC + tempMaxC) / 2 }))
}

/** For a state without paddy data: by the days alone. */
function byCalendar(season: SeasonRow, today: string, state: FieldStateRow): PaddyNow {
  const daysSinceTransplanting = daysBetween(season.plantedDay, today)
  const { development } = developmentOf({ daysSinceTransplanting, sumCd: null, isWhole: false })
  const isDraining =
    development >= startOfStage('mid-season-drainage') && development < startOfStage('intermittent')
  const begins = stageStarts.find(({ stage }) => stage === 'mid-season-drainage')!.day
  const days = daysSinceTransplanting - begins + 1
  return {
    stage: stageAt(development, { isDraining, hasDrained: development >= startOfStage('intermittent') }),
    from: 'calendar',
    development,
    developmentShift: 0,
    lastReport: null,
    drainage: isDraining
      ? {
          fromDay: addDays(season.plantedDay, begins),
          lastDay: null,
          days,
          dryDays: 0,
          unknownDays: days,
          endReason: null,
        }
      : null,
    loss: null,
    inletMmH: null,
    outletMmH: null,
    recent: [],
    levelDay: state.levelAtMs === null ? null : dayOf(state.levelAtMs, 'UTC'),
  }
}
