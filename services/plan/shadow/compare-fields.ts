/** Brings the comparison of every field in season up to its last closed day, once a day; a field at a time. */
import { addDays, dayOf, type AtMs } from '../../../broker/contract/time.ts'
import type { Logger, State } from '../../ports.ts'
import { toJson, type SeasonRow } from '../../tables.ts'
import { comparisonOf } from './comparison.ts'

/** Gives the fields that changed. */
export async function compareFields(
  { state, log }: { state: State; log: Logger },
  nowMs: AtMs,
): Promise<{ org: string; fieldId: string }[]> {
  const seasons = await state
    .selectFrom('season')
    .innerJoin('field', 'field.id', 'season.fieldId')
    .innerJoin('farm', 'farm.id', 'field.farmId')
    .selectAll('season')
    .select('farm.timeZone')
    .where('season.harvestedDay', 'is', null)
    .where('field.kind', '=', 'upland')
    .execute()
  const known = await state.selectFrom('comparison').select(['fieldId', 'throughDay']).execute()
  const through = new Map(known.map((row) => [row.fieldId, row.throughDay]))
  const changed: { org: string; fieldId: string }[] = []
  for (const season of seasons) {
    const yesterday = addDays(dayOf(nowMs, season.timeZone), -1)
    if ((through.get(season.fieldId) ?? '') >= yesterday) continue
    try {
      if (await compareField(state, season, nowMs)) changed.push(season)
    } catch (error) {
      log.error({ error, field: season.fieldId }, 'the water of a field could not be compared')
    }
  }
  return changed.map(({ org, fieldId }) => ({ org, fieldId }))
}

async function compareField(
  state: State,
  season: SeasonRow & { timeZone: string },
  nowMs: AtMs,
): Promise<boolean> {
  const { fieldId, org, timeZone } = season
  const [days, zones, habit] = await Promise.all([
    state
      .selectFrom('fieldDay')
      .select(['day', 'kc', 'etcMm', 'rainMm', 'runoffMm', 'capillaryMm', 'irrigationMm'])
      .select(['irrigationSource', 'depletionMm', 'tawMm', 'rawMm'])
      .where('fieldId', '=', fieldId)
      .where('day', '>=', season.plantedDay)
      .orderBy('day')
      .execute(),
    state.selectFrom('zone').selectAll().where('fieldId', '=', fieldId).orderBy('id').execute(),
    state.selectFrom('habit').selectAll().where('fieldId', '=', fieldId).executeTakeFirst(),
  ])
  const comparison = comparisonOf({ days, zones, habit: habit ?? null, timeZone })
  if (!comparison) return false
  const row = {
    ...{ fieldId, org, throughDay: comparison.spans[0]!.throughDay, atMs: nowMs, body: toJson(comparison) },
  }
  await state
    .insertInto('comparison')
    .values(row)
    .onConflict((conflict) => conflict.column('fieldId').doUpdateSet(row))
    .execute()
  return true
}
