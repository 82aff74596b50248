/** All inputs of the plan of some farms, read from the state store in a handful of queries. */
import { addDays, dayOf, HOUR_MS, type AtMs, type Day } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import type { ForecastResponse } from '../ports/forecast.ts'
import {
  readDecision,
  unlessInvalid,
  type AdviceRow,
  type AlertRow,
  type FarmRow,
  type FieldRow,
  type FieldStateRow,
  type FixedScheduleRow,
  type IrrigationRow,
  type PaddyRow,
  type TaskRow,
  type PumpRow,
  type RequestRow,
  type RunRow,
  type SeasonRow,
  type StrategyRow,
  type ValveStateRow,
  type Decision,
  type ZoneRow,
} from '../tables.ts'
import { MANUAL_ENTRY } from '../domain/manual-water.ts'
import { fetchAllPages } from '../runtime/paging.ts'
import { blockingCauses } from './blocked-valves.ts'
import type { NoEntryWindow } from './pest/no-entry-windows.ts'
import { readNoEntryWindows } from './pest/read-field.ts'
import type { Rule } from '../irrigation-model/rollout.ts'
import type { SeasonWater } from './demand/strategy.ts'
import { readStrategies } from './run/read-strategies.ts'
import { rowsBy } from './group-rows.ts'
import { readSeasonLitres } from './schedule/season-litres.ts'
import { withMeasuredRates } from './paddy/measured-rates.ts'
import type { ForecastSkill } from './forecast/skill.ts'

export type LastAdvice = AdviceRow & { decision: Decision | null; decisionAtMs: AtMs | null }

export interface FarmSnapshot {
  farm: FarmRow
  fields: FieldRow[]
  seasons: SeasonRow[] // current
  zones: ZoneRow[]
  /** the settings of its paddies, and the open tasks */
  paddies: PaddyRow[]
  tasks: TaskRow[]
  pumps: PumpRow[]
  states: FieldStateRow[]
  valves: ValveStateRow[]
  /** active alerts that block a valve */
  alerts: AlertRow[]
  /** not ended, or of the last two days */
  runs: RunRow[]
  irrigations: IrrigationRow[]
  /** a person's stops and skips of the last two days, except rejected ones */
  stops: RequestRow[]
  advice: LastAdvice[]
  /** measured rain of the days before today, by field: null where unknown */
  rainMm: Map<string, Map<Day, number | null>>
  /** corrected by its skill */
  forecast: ForecastResponse | null
  /** restrictions of sprayed fields */
  noEntryWindows: readonly NoEntryWindow[]
  /** litres of pumps with a seasonal quota since its start */
  seasonLitres: ReadonlyMap<string, number>
  /** the farmers' fixed schedules, and the last irrigation of their zones */
  fixedSchedules: readonly FixedScheduleRow[]
  lastWateredMs: ReadonlyMap<string, AtMs>
  /** the skill of its source here; null: not known yet */
  skill: ForecastSkill | null
  /** the growers' strategies, the seasonal water of zones with a limit, and the learned rules */
  strategies: readonly StrategyRow[]
  seasonWater: ReadonlyMap<string, SeasonWater>
  learnedRules: ReadonlyMap<string, readonly Rule[]>
}

// longer than any window and the run in it
const LOOK_BACK_MS = 48 * HOUR_MS
const liveStates = ['proposed', 'approved', 'sent', 'running'] as const

/** The farms of an organisation, or the given ones of them. The caller adds the forecasts. */
export async function readFarms(
  state: State,
  query: { org: string; farmIds?: readonly string[] },
  nowMs: AtMs,
): Promise<FarmSnapshot[]> {
  const { org } = query
  let farmRows = state.selectFrom('farm').selectAll().where('org', '=', org)
  if (query.farmIds) farmRows = farmRows.where('id', 'in', [...query.farmIds])
  const farms = await farmRows.orderBy('id').execute()
  if (farms.length === 0) return []
  const farmIds = farms.map((farm) => farm.id)
  const ofFarms = (table: 'field' | 'zone' | 'pump') =>
    fetchAllPages((afterId, limit) =>
      state
        .selectFrom(table as 'field')
        .selectAll()
        .where('org', '=', org)
        .where('farmId', 'in', farmIds)
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(limit)
        .execute(),
    )

  const fields = await ofFarms('field')
  const zones = (await ofFarms('zone')) as unknown as ZoneRow[]
  const pumps = (await ofFarms('pump')) as unknown as PumpRow[]
  const fieldIds = fields.map((field) => field.id)
  const sinceMs = nowMs - LOOK_BACK_MS
  const byFarm = <T extends { farmId: string }>(rows: T[], farmId: string) =>
    [...rowsBy<{ farmId: string }, 'farmId'>(rows, 'farmId', farmId)] as T[]
  if (fieldIds.length === 0)
    return farms.map((farm) => ({ ...emptySnapshot(farm), zones: byFarm(zones, farm.id) }))

  const seasons = await state
    .selectFrom('season')
    .selectAll()
    .where('fieldId', 'in', fieldIds)
    .where('harvestedDay', 'is', null)
    .execute()
  const states = await state.selectFrom('fieldState').selectAll().where('fieldId', 'in', fieldIds).execute()
  const paddies = await state.selectFrom('paddy').selectAll().where('fieldId', 'in', fieldIds).execute()
  const tasks = await state
    .selectFrom('task')
    .selectAll()
    .where('org', '=', org)
    .where('fieldId', 'in', fieldIds)
    .where('state', '=', 'open')
    .execute()
  const fixedSchedules = await state
    .selectFrom('fixedSchedule')
    .selectAll()
    .where('fieldId', 'in', fieldIds)
    .execute()
  const lastWateredMs = await readLastWatered(state, fixedSchedules)
  const valves = await state.selectFrom('valveState').selectAll().where('org', '=', org).execute()
  const alerts = await state
    .selectFrom('alert')
    .selectAll()
    .where('org', '=', org)
    .where('clearedMs', 'is', null)
    .where('cause', 'in', [...blockingCauses])
    .orderBy('sinceMs')
    .execute()
  const liveRuns = state
    .selectFrom('run')
    .selectAll()
    .where('org', '=', org)
    .where('state', 'in', [...liveStates])
  const recentRuns = state
    .selectFrom('run')
    .selectAll()
    .where('org', '=', org)
    .where('startMs', '>=', sinceMs)
  const runs = await liveRuns.union(recentRuns).execute()
  const irrigations = await state
    .selectFrom('irrigation')
    .selectAll()
    .where('org', '=', org)
    .where('voidedAtMs', 'is', null)
    .where('commandedAtMs', '>=', sinceMs)
    .execute()
  const stops = await state
    .selectFrom('request')
    .selectAll()
    .where('org', '=', org)
    .where('atMs', '>=', sinceMs)
    .where('kind', 'in', ['stop', 'stop-all', 'skip-run'])
    .where('state', '!=', 'refused')
    .execute()
  const advice = await state
    .selectFrom('advice')
    .leftJoin('decision', 'decision.id', 'advice.decisionId')
    .selectAll('advice')
    .select(['decision.body as body', 'decision.atMs as decisionAtMs'])
    .where('advice.fieldId', 'in', fieldIds)
    .execute()
  const rainDays = await state
    .selectFrom('fieldDay')
    .select(['fieldId', 'day', 'rainMm'])
    .where('fieldId', 'in', fieldIds)
    .where('day', '>=', addDays(dayOf(sinceMs, 'UTC'), -1))
    .execute()

  const noEntryWindows = await readNoEntryWindows(state, org, fieldIds, nowMs)
  const seasonLitres = await readSeasonLitres(state, farms, pumps, zones)
  const strategies = await readStrategies(state, { org, farms, fields, seasons, zones })

  return farms.map((farm): FarmSnapshot => {
    const ownFields = byFarm(fields, farm.id)
    const ofOwn = <T extends { fieldId: string }>(rows: readonly T[]) =>
      ownFields.flatMap(({ id }) => rowsBy<{ fieldId: string }, 'fieldId'>(rows, 'fieldId', id) as T[])
    const today = dayOf(nowMs, farm.timeZone)
    const rainMm: FarmSnapshot['rainMm'] = new Map()
    for (const row of ofOwn(rainDays)) {
      if (!rainMm.has(row.fieldId)) rainMm.set(row.fieldId, new Map())
      rainMm.get(row.fieldId)!.set(row.day, row.rainMm)
    }
    return {
      farm,
      fields: ownFields,
      seasons: ofOwn(seasons).filter((season) => season.plantedDay <= today),
      zones: withMeasuredRates(byFarm(zones, farm.id), ofOwn(states)),
      paddies: ofOwn(paddies),
      tasks: ofOwn(tasks),
      pumps: byFarm(pumps, farm.id),
      states: ofOwn(states),
      valves,
      alerts,
      runs: byFarm(runs, farm.id),
      irrigations: byFarm(irrigations, farm.id),
      stops,
      advice: ofOwn(advice).map(({ body, ...row }) => ({
        ...row,
        // an invalid one counts as none: the plan replaces it
        decision: body === null ? null : unlessInvalid(() => readDecision(body)),
      })),
      rainMm,
      forecast: null,
      skill: null,
      fixedSchedules,
      lastWateredMs,
      noEntryWindows,
      seasonLitres,
      ...strategies,
    }
  })
}

/** The last irrigation of each zone; only fields with a fixed schedule need it. */
async function readLastWatered(
  state: State,
  fixedSchedules: readonly FixedScheduleRow[],
): Promise<Map<string, AtMs>> {
  if (fixedSchedules.length === 0) return new Map()
  const rows = await state
    .selectFrom('irrigation')
    .select((row) => ['zoneId', row.fn.max('commandedAtMs').as('atMs')])
    .where(
      'fieldId',
      'in',
      fixedSchedules.map(({ fieldId }) => fieldId),
    )
    .where('voidedAtMs', 'is', null)
    .where((eb) => eb.or([eb('ranMs', '>', 0), eb('cause', '=', MANUAL_ENTRY)]))
    .groupBy('zoneId')
    .execute()
  return new Map(rows.map(({ zoneId, atMs }) => [zoneId, Number(atMs)]))
}

/** A farm without anything but its row. */
export const emptySnapshot = (farm: FarmRow): FarmSnapshot => ({
  farm,
  fields: [],
  seasons: [],
  zones: [],
  pumps: [],
  states: [],
  valves: [],
  alerts: [],
  runs: [],
  irrigations: [],
  stops: [],
  advice: [],
  rainMm: new Map(),
  forecast: null,
  paddies: [],
  tasks: [],
  noEntryWindows: [],
  seasonLitres: new Map(),
  fixedSchedules: [],
  lastWateredMs: new Map(),
  skill: null,
  strategies: [],
  seasonWater: new Map(),
  learnedRules: new Map(),
})
