/**
 * The plan of one farm: the need of every field, the capacity of the pumps, and the advice. Pure: the same rows
 * at the same instant give the same plan.
 */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { runSync, type CooperativeTask } from '../../runtime/cooperative.ts'
import type { StateInput, ZoneRow } from '../../tables.ts'
import { adviseField, type FieldAdvice, type ZoneOutcome } from '../advice/advice.ts'
import { blockOf, silentControllerBlock } from '../blocked-valves.ts'
import { isPaused, zoneNeed, type PlanTimes, type ZoneNeed } from './field-need.ts'
import type { UnknownKey } from '../message-keys.ts'
import { sizeOf } from '../run-size.ts'
import { rowBy, rowsBy } from '../group-rows.ts'
import { frostOf } from '../killed-by-frost.ts'
import { violationsTask, type Violation } from '../schedule/check.ts'
import { problemsOf } from '../schedule/farm-problem.ts'
import { greedyTask, type Hints } from '../schedule/greedy.ts'
import { moveReason, zoneSchedule, noWindowReason, maxWindMps } from '../schedule/hours.ts'
import type { Placement, Problem } from '../schedule/types.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import { flowEndMs, isUnderWay, isWindowUsed, valveStateOf } from '../active-runs.ts'
import { sumBy, tenth } from '../../runtime/math.ts'

export interface FarmPlan {
  advice: FieldAdvice[]
  outcomes: ZoneOutcome[]
  /** shared water with a schedule that may be improved */
  unproven: Problem[]
  /** rules that the schedule broke: those zones got no run */
  broken: Violation[]
}

/** `hints`: placements of a better schedule from the improver. */
export const planFarm = (farm: FarmSnapshot, times: PlanTimes, hints?: Hints): FarmPlan =>
  runSync(planFarmTask(farm, times, hints))

/** As `planFarm`, cooperatively. */
export function* planFarmTask(
  farm: FarmSnapshot,
  times: PlanTimes,
  hints?: Hints,
): CooperativeTask<FarmPlan> {
  const unknown = new Map<string, UnknownKey>()
  const needs: ZoneNeed[] = []
  for (const field of farm.fields) {
    const season = rowBy(farm.seasons, 'fieldId', field.id)
    // a dead crop needs no water
    if (!season || frostOf(farm, field.id)) continue
    const zones = rowsBy(farm.zones, 'fieldId', field.id)
    for (const zone of zones.length > 0 ? zones : [null]) {
      const need = zoneNeed(farm, field, season, zone, times)
      if (need.ok) needs.push(need.value)
      else unknown.set(field.id, need.error)
      yield
    }
  }
  const { placed: placements, unproven, broken } = yield* schedule(farm, needs, times, hints)
  const outcomes: ZoneOutcome[] = []
  const byField = new Map<string, ZoneOutcome[]>(farm.fields.map(({ id }) => [id, []]))
  for (const need of needs) {
    const outcome = outcomeOf(farm, need, placements, times)
    outcomes.push(outcome)
    byField.get(need.field.id)!.push(outcome)
    yield
  }
  const advice: FieldAdvice[] = []
  for (const field of farm.fields) {
    const fieldOutcomes = byField.get(field.id)!
    const fieldAdvice = adviseField(farm, field, {
      isInSeason: rowBy(farm.seasons, 'fieldId', field.id) !== undefined,
      unknown: unknown.get(field.id) ?? null,
      outcomes: fieldOutcomes,
      nowMs: times.nowMs,
    })
    fieldAdvice.decision.inputs.push(...windInput(farm, fieldOutcomes, fieldAdvice.zoneId))
    advice.push(fieldAdvice)
    yield
  }
  return { advice, outcomes, unproven, broken }
}

/** A zone that is off, paused, busy or blocked gets no run, whatever its field needs. */
const mayRun = (farm: FarmSnapshot, zone: ZoneRow, nowMs: AtMs): boolean =>
  zone.mode !== 'off' &&
  !isPaused(zone, nowMs) &&
  blockOf(farm.alerts, zone) === null &&
  !rowsBy(farm.runs, 'zoneId', zone.id).some((run) => isUnderWay(run, nowMs, farm))

/** Every zone that needs water and may have it, placed together with the others and checked. */
function* schedule(
  farm: FarmSnapshot,
  needs: readonly ZoneNeed[],
  times: PlanTimes,
  hints?: Hints,
): CooperativeTask<Pick<FarmPlan, 'unproven' | 'broken'> & { placed: Map<string, Placement> }> {
  const wanting = needs.filter(
    ({ zone, window, size }) => zone && window && size && size.minutes > 0 && mayRun(farm, zone, times.nowMs),
  )
  const placementOf = new Map<string, Placement>()
  const unproven: Problem[] = []
  const broken: Violation[] = []
  for (const problem of yield* problemsOf(farm, wanting, times)) {
    const { placements, isBest } = yield* greedyTask(problem, hints)
    if (!isBest) unproven.push(problem)
    const violations = yield* violationsTask(problem, placements)
    broken.push(...violations)
    for (const placement of placements) {
      const isBroken = violations.some(({ jobId }) => jobId === placement.jobId)
      placementOf.set(
        placement.jobId,
        isBroken ? { ...placement, openings: [], limit: 'pump-full' } : placement,
      )
    }
  }
  return { placed: placementOf, unproven, broken }
}

function outcomeOf(
  farm: FarmSnapshot,
  need: ZoneNeed,
  placements: ReadonlyMap<string, Placement>,
  times: PlanTimes,
): ZoneOutcome {
  const { zone, size } = need
  if (!zone) return { need, run: null, noRoom: null, block: null, flowing: null }
  const underWay = rowsBy(farm.runs, 'zoneId', zone.id).find((run) => isUnderWay(run, times.nowMs, farm))
  const flowing =
    underWay && underWay !== need.stalledRun
      ? { run: underWay, endsMs: flowEndMs(underWay, valveStateOf(farm, zone)) }
      : null
  // where no run is long enough, the valve is not the obstacle
  const block =
    size && size.minutes > 0 ? (blockOf(farm.alerts, zone) ?? silentControllerBlock(farm, zone, times)) : null
  const placement = placements.get(zone.id)
  const context = { ...farm, timeZone: farm.farm.timeZone }
  if (!size || !placement) {
    const noWindow = size && need.window === null ? noWindowReason(zone, context, times.nowMs) : null
    const noRoom = noWindow ?? (size?.minutes === 0 ? size.limit : null)
    return { need, run: null, noRoom, block, flowing }
  }
  const { openings } = placement
  if (openings.length === 0) return { need, run: null, noRoom: placement.limit, block, flowing }
  const parts = openings.map(({ fromMs, toMs }) => ({
    startMs: fromMs,
    minutes: (toMs - fromMs) / MINUTE_MS,
  }))
  const minutes = sumBy(parts, (part) => part.minutes)
  const limit = placement.limit ?? size.limit
  const run = {
    zoneId: zone.id,
    startMs: parts[0]!.startMs,
    limit,
    ...sizeOf(zone, minutes),
    ...(parts.length > 1 ? { openings: parts } : {}),
    moved: moveReason(zone, context, {
      earliestMs: times.nowMs + MINUTE_MS,
      isSpent: (window) => isWindowUsed(zone, window, farm),
      run: openings[0]!,
    }),
  }
  return { need, run, noRoom: null, block, flowing }
}

/** A sprinkler with a wind limit shows the wind of its run; an unknown wind is shown as such. */
function windInput(
  farm: FarmSnapshot,
  outcomes: readonly ZoneOutcome[],
  zoneId: string | null,
): StateInput[] {
  const outcome = outcomes.find(({ need }) => need.zone?.id === zoneId)
  const zone = outcome?.need.zone
  if (!zone || !outcome.run || zone.method !== 'sprinkler') return []
  if (zoneSchedule(zone).maxWindMps === undefined) return []
  const parts = outcome.run.openings ?? [outcome.run]
  const mps = maxWindMps(
    farm.forecast,
    parts.map(({ startMs, minutes }) => ({ fromMs: startMs, toMs: startMs + minutes * MINUTE_MS })),
  )
  const atMs = farm.forecast?.issuedMs ?? null
  const value = mps === null ? null : tenth(mps)
  return [{ key: 'wind', value, unit: 'm/s', atMs, kind: 'predicted', fresh: mps === null ? 'lost' : 'ok' }]
}
