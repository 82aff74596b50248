/** Weighed harvest loads. */
import type { State } from '../../ports.ts'
import type { HarvestLoadRow } from '../../tables.ts'
import type { SeasonLoad } from '../../domain/yield/season-yield.ts'
import { groupBy } from '../../runtime/group-by.ts'

/** Every load by season, including voided ones, in order of day. */
export async function readLoadsBySeason(
  state: State,
  seasonIds: string[],
): Promise<Map<string, HarvestLoadRow[]>> {
  if (seasonIds.length === 0) return new Map()
  const rows = await state
    .selectFrom('harvestLoad')
    .selectAll()
    .where('seasonId', 'in', seasonIds)
    .orderBy('day')
    .orderBy('id')
    .execute()
  return groupBy(rows, ({ seasonId }) => seasonId)
}

/** As readLoadsBySeason, only what the yield depends on: a third of a row. */
export async function readYieldLoadsBySeason(
  state: State,
  seasonIds: string[],
): Promise<Map<string, SeasonLoad[]>> {
  if (seasonIds.length === 0) return new Map()
  const rows = await state
    .selectFrom('harvestLoad')
    .select(['seasonId', 'form', 'grossKg', 'moisturePct', 'foreignPct', 'grade', 'sieveMm', 'voidedAtMs'])
    .where('seasonId', 'in', seasonIds)
    .orderBy('day')
    .orderBy('id')
    .execute()
  return groupBy(rows, ({ seasonId }) => seasonId)
}
