/**
 * Irrigation that the balance does not contain yet: active runs, and runs that ended after the state was
 * estimated. Unclear cases count in full, because excess irrigation cannot be undone.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import { IMMINENT_MS } from '../domain/approved-verdict.ts'
import { accountedLitres } from '../domain/volume-accounting.ts'
import type { AlertRow, IrrigationRow, RequestRow, RunRow, ValveStateRow, ZoneRow } from '../tables.ts'
import { isSilent, blockOf } from './blocked-valves.ts'
import { rowBy, rowsBy } from './group-rows.ts'
import { flowLpm, grossMmOf } from './run-size.ts'

/** As planned; the valve may close later, for example after a late start. */
export const runEndMs = (run: Pick<RunRow, 'startMs' | 'minutes'>): AtMs =>
  run.startMs + run.minutes * MINUTE_MS

/** The end of a run whose valve is open: it opened later than planned when its report shows it, and still runs its minutes. */
export function flowEndMs(run: RunRow, valve: ValveStateRow | undefined): AtMs {
  if (valve?.pos !== 'open' || !isFlowing(run)) return runEndMs(run)
  const openedMs = valve.reportedAtMs - valve.ranMs
  const endMs = openedMs + run.minutes * MINUTE_MS
  return Math.max(runEndMs(run), Math.round(endMs / MINUTE_MS) * MINUTE_MS)
}

// dispatch opens an approved run up to 15 minutes late, then skips it
const DISPATCH_GRACE_MS = 20 * MINUTE_MS

/**
 * The rows that decide whether an approved run can still be opened: the valve of its zone and the alerts that
 * block it.
 */
interface ZoneAlerts {
  zones: readonly ZoneRow[]
  alerts: readonly AlertRow[]
}

const isFlowing = (run: RunRow): boolean => run.state === 'sent' || run.state === 'running'

/**
 * Sent, running, or so close to its start that only dispatch may change it. A run of a blocked valve is never
 * active.
 */
export const isUnderWay = (run: RunRow, nowMs: AtMs, farm: ZoneAlerts): boolean =>
  isFlowing(run) ||
  (run.state === 'approved' &&
    run.startMs <= nowMs + IMMINENT_MS &&
    nowMs < run.startMs + DISPATCH_GRACE_MS &&
    !isBlocked(run, farm))

/**
 * An active run of the zone that delivers no water: an approved run past its start while dispatch waits for the
 * valve or the controller is offline, or a run interrupted by a fault. It is not shown as flowing.
 */
export function findStalledRun(
  farm: Runs & { valves: readonly ValveStateRow[] },
  zone: ZoneRow,
  { nowMs, silentBeforeMs }: { nowMs: AtMs; silentBeforeMs: AtMs },
): RunRow | null {
  const run = rowsBy(farm.runs, 'zoneId', zone.id).find((candidate) => isUnderWay(candidate, nowMs, farm))
  if (!run) return null
  const valve = valveStateOf(farm, zone)
  const isHeld = isFlowing(run)
    ? blockOf(farm.alerts, zone) !== null && valve?.pos !== 'open'
    : isSilent(farm.valves, zone, silentBeforeMs) || nowMs > run.startMs + IMMINENT_MS
  return isHeld ? run : null
}

/** The last reported state of the valve of a zone. */
export const valveStateOf = (
  { valves }: { valves: readonly ValveStateRow[] },
  { controllerId, valve }: Pick<ZoneRow, 'controllerId' | 'valve'>,
): ValveStateRow | undefined =>
  controllerId === null
    ? undefined
    : rowsBy(valves, 'deviceId', controllerId).find((row) => row.valve === valve)

const isBlocked = (run: RunRow, { zones, alerts }: ZoneAlerts): boolean => {
  const zone = rowBy(zones, 'id', run.zoneId)
  return zone !== undefined && blockOf(alerts, zone) !== null
}

/** A run that a newer plan may replace. The rest of a dose that has begun is not changeable. */
export const isChangeable = (run: RunRow, nowMs: AtMs, farm: Runs): boolean =>
  run.cause !== 'manual' &&
  (run.state === 'proposed' || run.state === 'approved') &&
  !isUnderWay(run, nowMs, farm) &&
  !isRestOfDose(run, farm.runs)

type Runs = ZoneAlerts & { runs: readonly RunRow[] }

/** A later part of a dose whose valve has been open before: it waits for the soil to take up the first part. */
export const isRestOfDose = (run: RunRow, runs: readonly RunRow[]): boolean =>
  run.doseId != null &&
  (run.state === 'proposed' || run.state === 'approved') &&
  rowsBy(runs, 'doseId', run.doseId).some((other) => isFlowing(other) || other.state === 'done')

/** The changeable runs of one dose of a zone, earliest first; of the earliest dose if there are several. */
export function existingDose(farm: Runs, zoneId: string, nowMs: AtMs): RunRow[] {
  const changeable = rowsBy(farm.runs, 'zoneId', zoneId).filter((run) => isChangeable(run, nowMs, farm))
  return groupByDose(changeable)[0] ?? []
}

/** Runs grouped by their dose, the earliest dose and the earliest run first. */
export function groupByDose(runs: readonly RunRow[]): RunRow[][] {
  const doses = new Map<string, RunRow[]>()
  for (const run of [...runs].sort((a, b) => a.startMs - b.startMs)) {
    const key = run.doseId ?? run.id
    doses.set(key, [...(doses.get(key) ?? []), run])
  }
  return [...doses.values()]
}

/** A dose in parts as one run: the first, with the water of all parts. */
export function mergeDose(dose: readonly RunRow[]): RunRow | null {
  const [first, ...others] = dose
  if (!first || others.length === 0) return first ?? null
  const sum = (value: (run: RunRow) => number) => dose.reduce((total, run) => total + value(run), 0)
  const minutes = sum((run) => run.minutes)
  return { ...first, minutes, netMm: sum((run) => run.netMm), grossMm: sum((run) => run.grossMm) }
}

/** The changeable run of a zone; the earliest if there are several. */
export const existingRun = (farm: Runs, zoneId: string, nowMs: AtMs): RunRow | null =>
  mergeDose(existingDose(farm, zoneId, nowMs))

/** A run that the plan does not change: active, scheduled by a person, or the rest of a dose that has begun. */
export const isFixed = (run: RunRow, nowMs: AtMs, farm: Runs): boolean =>
  isUnderWay(run, nowMs, farm) ||
  (run.state === 'approved' &&
    (run.cause === 'manual' || isRestOfDose(run, farm.runs)) &&
    run.startMs > nowMs &&
    !isBlocked(run, farm))

type Coming = Runs & { heldUp: RunRow | null; nowMs: AtMs; byMs: AtMs }

const fixedRuns = (zone: Pick<ZoneRow, 'id'>, x: Coming): RunRow[] =>
  rowsBy(x.runs, 'zoneId', zone.id).filter(
    (run) => run !== x.heldUp && isFixed(run, x.nowMs, x) && run.startMs <= x.byMs,
  )

/** When the last run whose water `comingMm` counts has ended; null without one. */
export const comingEndsMs = (zones: readonly Pick<ZoneRow, 'id'>[], x: Coming): AtMs | null =>
  zones
    .flatMap((zone) => fixedRuns(zone, x))
    .reduce<AtMs | null>((endMs, run) => Math.max(endMs ?? 0, runEndMs(run)), null)

/**
 * Net mm that reach the zone after `stateAtMs` and by `byMs`, from fixed runs and runs that have ended since.
 * `heldUp`: a run that may never open. No other run is planned while it waits, so leaving it out cannot
 * irrigate twice.
 */
export function comingMm(
  zone: ZoneRow,
  x: Coming & { irrigations: readonly IrrigationRow[]; stateAtMs: AtMs },
): number {
  const fixed = fixedRuns(zone, x)
  let mm = 0
  for (const run of fixed) mm += run.netMm * shareAfter(x.stateAtMs, run.startMs, runEndMs(run))
  const fixedIds = new Set(fixed.map((run) => run.id))
  for (const row of rowsBy(x.irrigations, 'zoneId', zone.id)) {
    // the dose of the run already contains the water of its first part
    if (fixedIds.has(row.runId)) continue
    const openedMs = row.openedAtMs ?? row.commandedAtMs
    const closedMs = row.closedAtMs ?? openedMs + row.ranMs
    const netMm = row.netMm ?? grossMmOf(zone, row.ranMs / MINUTE_MS) * zone.efficiency
    mm += netMm * shareAfter(x.stateAtMs, openedMs, closedMs)
  }
  return mm
}

/** Share (0-1) of a run after an instant. */
function shareAfter(atMs: AtMs, fromMs: AtMs, toMs: AtMs): number {
  if (toMs <= atMs) return 0
  if (fromMs >= atMs || toMs <= fromMs) return 1
  return (toMs - atMs) / (toMs - fromMs)
}

/**
 * Litres of the zones on one civil day: irrigation so far (unknown volumes at their upper bound) and fixed runs
 * to come.
 */
export function litresOn(
  isOnDay: (atMs: AtMs) => boolean,
  zones: readonly ZoneRow[],
  x: Runs & { irrigations: readonly IrrigationRow[]; nowMs: AtMs },
): number {
  let litres = 0
  for (const zone of zones) {
    const countedIds = new Set<string>()
    for (const run of rowsBy(x.runs, 'zoneId', zone.id)) {
      if (!isFixed(run, x.nowMs, x) || !isOnDay(run.startMs)) continue
      litres += run.minutes * flowLpm(zone)
      countedIds.add(run.id)
    }
    for (const row of rowsBy(x.irrigations, 'zoneId', zone.id)) {
      if (countedIds.has(row.runId) || !isOnDay(row.openedAtMs ?? row.commandedAtMs)) continue
      litres += accountedLitres(row, zone)
    }
  }
  return litres
}

// a stop just before a window applies to that window too
const STOP_LEAD_MS = 60 * MINUTE_MS

/**
 * Whether a zone's window is used up: a planned run reached the valve in it, or a person stopped or skipped
 * one. A run that was only missed may be planned again.
 */
export function isWindowUsed(
  zone: ZoneRow,
  window: { fromMs: AtMs; toMs: AtMs },
  x: { runs: readonly RunRow[]; stops: readonly RequestRow[] },
): boolean {
  const inWindow = rowsBy(x.runs, 'zoneId', zone.id).filter(
    (run) => run.cause !== 'manual' && run.startMs >= window.fromMs && run.startMs < window.toMs,
  )
  if (inWindow.some((run) => run.state === 'done' || run.state === 'failed')) return true
  return x.stops.some((stop) => {
    if (stop.kind === 'skip-run') return inWindow.some((run) => run.id === stop.runId)
    const isOfZone = stop.kind === 'stop-all' || stop.zoneId === null || stop.zoneId === zone.id
    return isOfZone && stop.atMs >= window.fromMs - STOP_LEAD_MS && stop.atMs < window.toMs
  })
}
