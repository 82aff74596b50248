/** Reads the rows of an organisation's fields, with a few queries for all of them. */
import type { AtMs } from '../../../broker/contract/time.ts'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { AdviceRow, FarmRow, FieldRow, FieldStateRow, RunRow, SeasonRow } from '../../tables.ts'

/** The rows of a field card; null when there is none. */
export interface FieldRows {
  field: FieldRow
  farm: FarmRow
  season: SeasonRow | null
  state: FieldStateRow | null
  advice: AdviceRow | null
  nextRun: RunRow | null
  decidedRun: RunRow | null // that the advice is about, also while its valve is open
  hasSensor: boolean // in the field, or the station it follows
}

// dispatch skips a run that missed its window by more (contract, section 3), so it is no longer the next one
const MISSED_AFTER_MS = 15 * MINUTE_MS

/** All current fields of an organisation, or the one with this id; empty when there is none. */
export async function readFields(
  state: State,
  org: string,
  nowMs: AtMs,
  fieldId?: string,
): Promise<FieldRows[]> {
  let fieldsOf = state.selectFrom('field').selectAll().where('org', '=', org)
  let seasonsOf = state.selectFrom('season').selectAll().where('org', '=', org)
  let statesOf = state.selectFrom('fieldState').selectAll().where('org', '=', org)
  let adviceOf = state.selectFrom('advice').selectAll().where('org', '=', org)
  let runsOf = state
    .selectFrom('run')
    .selectAll()
    .where('org', '=', org)
    .where(({ eb, or, and }) =>
      or([
        and([eb('state', 'in', ['proposed', 'approved']), eb('startMs', '>=', nowMs - MISSED_AFTER_MS)]),
        eb('state', 'in', ['sent', 'running']),
      ]),
    )
    .orderBy('startMs')
  if (fieldId === undefined) fieldsOf = fieldsOf.where('endedDay', 'is', null)
  else {
    fieldsOf = fieldsOf.where('id', '=', fieldId)
    seasonsOf = seasonsOf.where('fieldId', '=', fieldId)
    statesOf = statesOf.where('fieldId', '=', fieldId)
    adviceOf = adviceOf.where('fieldId', '=', fieldId)
    runsOf = runsOf.where('fieldId', '=', fieldId)
  }
  const [fields, farms, seasons, states, advice, runs, sensors] = await Promise.all([
    fieldsOf.execute(),
    state.selectFrom('farm').selectAll().where('org', '=', org).execute(),
    seasonsOf.orderBy('plantedDay').execute(),
    statesOf.execute(),
    adviceOf.execute(),
    runsOf.execute(),
    state
      .selectFrom('device')
      .select(['id', 'fieldId', 'farmId', 'kind'])
      .where('org', '=', org)
      .where('kind', 'in', ['probe', 'gauge', 'station'])
      .where('revokedAtMs', 'is', null)
      .execute(),
  ])
  const farmById = new Map(farms.map((farm) => [farm.id, farm]))
  const seasonOf = new Map<string, SeasonRow>(seasons.map((season) => [season.fieldId, season])) // the last one wins
  const stateOf = new Map(states.map((row) => [row.fieldId, row]))
  const adviceFor = new Map(advice.map((row) => [row.fieldId, row]))
  const runById = new Map(runs.map((run) => [run.id, run]))
  const nextRuns = new Map<string, RunRow>()
  for (const run of runs)
    if (!nextRuns.has(run.fieldId) && (run.state === 'proposed' || run.state === 'approved'))
      nextRuns.set(run.fieldId, run)
  return fields.flatMap((field) => {
    const farm = farmById.get(field.farmId)
    if (!farm) return []
    return [
      {
        field,
        farm,
        season: seasonOf.get(field.id) ?? null,
        state: stateOf.get(field.id) ?? null,
        advice: adviceFor.get(field.id) ?? null,
        nextRun: nextRuns.get(field.id) ?? null,
        decidedRun: runById.get(adviceFor.get(field.id)?.nextRunId ?? '') ?? null,
        hasSensor: sensors.some(
          ({ id, fieldId, farmId, kind }) =>
            fieldId === field.id || id === field.stationId || (kind === 'station' && farmId === field.farmId),
        ),
      },
    ]
  })
}

/** The most frequent time zone; UTC for none. */
export function mostCommonTimeZone(zones: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const zone of zones) counts.set(zone, (counts.get(zone) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0] ?? 'UTC'
}
