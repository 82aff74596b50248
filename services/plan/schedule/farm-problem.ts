/** The scheduling problems of one farm: the zones that share water, each with its dose. */
import { addDays, dayOf, HOUR_MS, MINUTE_MS, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { CooperativeTask } from '../../runtime/cooperative.ts'
import type { PumpRow, ZoneRow } from '../../tables.ts'
import { supplyChain, pumpScheduleOf } from '../../domain/water-supply.ts'
import { isSilent } from '../blocked-valves.ts'
import type { PlanTimes, ZoneNeed } from '../run/field-need.ts'
import { flowLpm } from '../run-size.ts'
import { rowBy, rowsBy } from '../group-rows.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import { isFixed, litresOn, runEndMs, existingDose, valveStateOf } from '../active-runs.ts'
import { dailySpans, hourRules, zoneSchedule } from './hours.ts'
import type { Job, Problem, Quota, Resource, Span, FixedFlow } from './types.ts'

/** Between two runs that cannot flow together: valves respond late, pressure has to settle. */
const CHANGEOVER_MINUTES = 2
// quotas of the days that windows may reach into
const DAYS = 11
// relative to the highest tariff of the pump: a saving on it never justifies a dry crop
const VALUE_OVER_PRICE = 10
const LEAD_MS = MINUTE_MS

/** One problem for each set of zones that share a pump, a main or a dosing unit. */
export function* problemsOf(
  farm: FarmSnapshot,
  needs: readonly ZoneNeed[],
  times: Pick<PlanTimes, 'nowMs' | 'silentBeforeMs'>,
): CooperativeTask<Problem[]> {
  const { nowMs } = times
  const jobs: Job[] = []
  for (const need of needs) {
    const job = zoneJob(farm, need, nowMs)
    if (job) jobs.push(job)
    yield
  }
  const flows = [...fixedRunFlows(farm, nowMs), ...unplannedFlows(farm, times)]
  return groupByShared(jobs).map((together) => {
    const used = new Set(together.flatMap(({ path }) => path))
    const resources = [...used].flatMap((id) => pumpResource(farm, id, nowMs) ?? [])
    const maxPrice = Math.max(0, ...resources.flatMap(({ prices }) => prices.map(({ perM3 }) => perM3)))
    const valuePerM3 = maxPrice > 0 ? maxPrice * VALUE_OVER_PRICE * resources.length : 1
    const units = new Set(together.map(({ dosing }) => dosing?.unitId))
    return {
      fromMs: Math.ceil((nowMs + LEAD_MS) / MINUTE_MS) * MINUTE_MS,
      jobs: together.map((job) => ({ ...job, valuePerM3: job.valuePerM3 * valuePerM3 })),
      resources,
      fixedFlows: flows.filter(
        ({ path, unitId }) => path.some((id) => used.has(id)) || (unitId !== null && units.has(unitId)),
      ),
    }
  })
}

function zoneJob(farm: FarmSnapshot, need: ZoneNeed, nowMs: AtMs): Job | null {
  const { zone, window, size } = need
  if (!zone || !window || !size) return null
  const { cycle, dosing } = zoneSchedule(zone)
  return {
    id: zone.id,
    flowLpm: flowLpm(zone),
    minutes: size.minutes,
    minMinutes: zone.minMinutes,
    cycle: cycle ?? null,
    rules: [
      { limit: 'window', spans: [{ fromMs: window.fromMs, toMs: window.toMs }] },
      ...hourRules(zone, { ...farm, timeZone: farm.farm.timeZone }, nowMs),
    ],
    dueMs: need.need.dueMs ?? window.toMs,
    valuePerM3: 1,
    path: supplyChain(farm, zone),
    dosing: dosing ? { unitId: dosing.unit, ...dosing } : null,
    currentOpenings: existingDose(farm, zone.id, nowMs).map((run) => ({
      fromMs: run.startMs,
      toMs: runEndMs(run),
    })),
  }
}

/** Null: an unknown pump, which delivers nothing. */
function pumpResource(farm: FarmSnapshot, id: string, nowMs: AtMs): Resource | null {
  const pump = farm.pumps.find((row) => row.id === id)
  if (!pump) return null
  const { changeoverMinutes = CHANGEOVER_MINUTES, tariff = [] } = pumpScheduleOf(pump)
  const { timeZone } = farm.farm
  return {
    id,
    capacityLpm: pump.capacityLpm,
    maxOpen: pump.maxOpenValves,
    changeoverMs: changeoverMinutes * MINUTE_MS,
    quotas: pumpQuotas(farm, pump, nowMs),
    prices: tariff.flatMap((hours) =>
      dailySpans(hours, null, nowMs, timeZone).map((span) => ({ ...span, perM3: hours.perM3 })),
    ),
  }
}

function pumpQuotas(farm: FarmSnapshot, pump: PumpRow, nowMs: AtMs): Quota[] {
  const zones = farm.zones.filter((zone) => supplyChain(farm, zone).includes(pump.id))
  const { timeZone } = farm.farm
  const quotas: Quota[] = []
  const today = dayOf(nowMs, timeZone)
  if (pump.dailyM3 !== null)
    for (let i = 0; i < DAYS; i++) {
      const fromMs = startOfDay(addDays(today, i), timeZone)
      const toMs = startOfDay(addDays(today, i + 1), timeZone)
      const usedLitres = litresOn((atMs) => atMs >= fromMs && atMs < toMs, zones, { ...farm, nowMs })
      quotas.push({ limit: 'pump-budget', fromMs, toMs, litres: pump.dailyM3 * 1000 - usedLitres })
    }
  const { season } = pumpScheduleOf(pump)
  const seasonLitres = farm.seasonLitres.get(pump.id)
  if (season && season.fromDay <= today) {
    // with an unknown use nothing is known to be left
    const usedLitres = seasonLitres ?? Infinity
    const comingLitres = litresOn((atMs) => atMs > nowMs, zones, { ...farm, irrigations: [], nowMs })
    const litres = season.m3 * 1000 - usedLitres - comingLitres
    quotas.push({
      limit: 'season-quota',
      fromMs: startOfDay(season.fromDay, timeZone),
      toMs: startOfDay(addDays(today, DAYS), timeZone),
      litres,
    })
  }
  return quotas
}

/** The fixed runs, as loads of pumps and dosing units. */
function fixedRunFlows(farm: FarmSnapshot, nowMs: AtMs): FixedFlow[] {
  return farm.runs.flatMap((run) => {
    const zone = rowBy(farm.zones, 'id', run.zoneId)
    if (!zone || !isFixed(run, nowMs, farm)) return []
    return [fixedFlow(farm, zone, { fromMs: run.startMs, toMs: Math.max(runEndMs(run), nowMs) })]
  })
}

// the duration of an unplanned opening is unknown: the valve counts as open until the next plan
const UNPLANNED_OPEN_MS = HOUR_MS

/** Open valves without a run, by hand or by another system: their water passes the pump as well. */
function unplannedFlows(
  farm: FarmSnapshot,
  { nowMs, silentBeforeMs }: Pick<PlanTimes, 'nowMs' | 'silentBeforeMs'>,
): FixedFlow[] {
  return farm.zones.flatMap((zone) => {
    // a valve of an offline controller has closed when its lease expired
    if (valveStateOf(farm, zone)?.pos !== 'open' || isSilent(farm.valves, zone, silentBeforeMs)) return []
    const isOrdered = rowsBy(farm.runs, 'zoneId', zone.id).some(
      (run) => isFixed(run, nowMs, farm) && run.startMs <= nowMs,
    )
    return isOrdered ? [] : [fixedFlow(farm, zone, { fromMs: nowMs, toMs: nowMs + UNPLANNED_OPEN_MS })]
  })
}

const fixedFlow = (farm: FarmSnapshot, zone: ZoneRow, span: Span): FixedFlow => ({
  ...span,
  flowLpm: flowLpm(zone),
  path: supplyChain(farm, zone),
  unitId: zoneSchedule(zone).dosing?.unit ?? null,
})

/** Jobs grouped by shared resources; a job that shares nothing is alone. */
function groupByShared(jobs: readonly Job[]): Job[][] {
  const groups = new Set<Group>()
  const groupOf = new Map<string, Group>()
  for (const job of jobs) {
    const shared = [...job.path, ...(job.dosing ? [`dosing ${job.dosing.unitId}`] : [])]
    const [group = { shared: [], jobs: [] }, ...others] = new Set(
      shared.flatMap((id) => groupOf.get(id) ?? []),
    )
    groups.add(group)
    for (const other of others) {
      groups.delete(other)
      group.jobs.push(...other.jobs)
      shared.push(...other.shared)
    }
    group.jobs.push(job)
    for (const id of shared) {
      if (groupOf.get(id) !== group) group.shared.push(id)
      groupOf.set(id, group)
    }
  }
  return [...groups].map((group) => group.jobs)
}

interface Group {
  shared: string[]
  jobs: Job[]
}
