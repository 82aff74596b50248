/** Yields of the same fields and crop in the previous years, on the same basis. */
import type { State } from '../../ports.ts'
import { chunks, groupBy } from '../../runtime/group-by.ts'
import type { ProgressCallback } from '../../runtime/progress.ts'
import { seasonYield } from '../../domain/yield/season-yield.ts'
import { sourcesSharing, type Source } from '../season/sharing.ts'
import { readYieldLoadsBySeason } from './read-loads.ts'
import type { FieldLineageRow } from '../../tables.ts'
import { sum } from '../../runtime/math.ts'

/** One season. Null is unknown. */
export interface PastYield {
  fieldId: string
  year: number
  kg: number | null
  areaM2: number // harvested
}

const BATCH_SIZE = 100
const SOURCE_BATCH_SIZE = 25
const YEARS_BACK = 5

/**
 * The five years before `year`, of the sources that share their yield, including inherited yields of split and merged
 * fields. `onProgress` receives the share done.
 */
export async function readPastYields(
  state: State,
  {
    sources,
    year,
    crop,
    onProgress,
  }: { sources: readonly Source[]; year: number; crop: string; onProgress?: ProgressCallback },
): Promise<PastYield[]> {
  const pastYields: PastYield[] = []
  const sharing = sourcesSharing(sources, 'yield')
  let read = 0
  for (const batch of chunks(sharing, SOURCE_BATCH_SIZE)) {
    const orgs = batch.map(({ org }) => org)
    const descents = await state.selectFrom('fieldLineage').selectAll().where('org', 'in', orgs).execute()
    const ownYields = await readOwnYields(state, { orgs, crop, beforeYear: year })
    pastYields.push(...withInheritedYields(ownYields, descents))
    onProgress?.((read += batch.length) / sharing.length)
  }
  return pastYields
}

type YieldQuery = { orgs: readonly string[]; beforeYear: number; crop: string }

/** Newest years first. */
async function readOwnYields(state: State, query: YieldQuery): Promise<PastYield[]> {
  const pastYields: PastYield[] = []
  for (let after = ''; ;) {
    const page = await readSeasonPage(state, query, after)
    const loads = await readYieldLoadsBySeason(
      state,
      page.map(({ id }) => id),
    )
    for (const { id, fieldId, year, ownM2, timeZone, ...season } of page) {
      const areaM2 = season.fieldM2 ?? ownM2
      const { kg, areaM2: harvestedM2 } = seasonYield(season, { areaM2, timeZone }, loads.get(id) ?? [])
      pastYields.push({ fieldId, year, kg, areaM2: harvestedM2 })
    }
    if (page.length < BATCH_SIZE) return pastYields.sort((a, b) => b.year - a.year)
    after = page.at(-1)!.id
  }
}

/** A page of seasons, in id order. */
const readSeasonPage = (state: State, { orgs, beforeYear, crop }: YieldQuery, afterId: string) =>
  state
    .selectFrom('season')
    .innerJoin('field', 'field.id', 'season.fieldId')
    .innerJoin('farm', 'farm.id', 'field.farmId')
    .select(['season.id', 'season.fieldId', 'season.year', 'season.crop', 'season.yieldKg'])
    .select(['season.yieldBasis', 'season.harvestedM2', 'season.hullShare', 'season.fieldM2'])
    .select(['field.areaM2 as ownM2', 'farm.timeZone'])
    .where('season.org', 'in', orgs)
    .where('season.year', '>=', beforeYear - YEARS_BACK)
    .where('season.year', '<', beforeYear)
    .where('season.crop', '=', crop)
    .where('season.id', '>', afterId)
    .orderBy('season.id')
    .limit(BATCH_SIZE)
    .execute()

type Lineage = Pick<FieldLineageRow, 'fieldId' | 'fromFieldId' | 'share'>

/** The yields, and those that fields inherit from their predecessors over any number of steps. */
export function withInheritedYields(
  pastYields: readonly PastYield[],
  descents: readonly Lineage[],
): PastYield[] {
  const ownYields = groupBy(pastYields, ({ fieldId }) => fieldId)
  const from = groupBy(descents, ({ fieldId }) => fieldId)
  const resolved = new Map<string, PastYield[]>()

  function yieldsOf(fieldId: string): PastYield[] {
    const cached = resolved.get(fieldId)
    if (cached) return cached
    const inherited = (from.get(fieldId) ?? []).flatMap(({ fromFieldId, share }) =>
      yieldsOf(fromFieldId).map(({ year, kg, areaM2 }) => ({
        fieldId,
        year,
        kg: kg === null ? null : kg * share,
        areaM2: areaM2 * share,
      })),
    )
    const fieldYields = [...(ownYields.get(fieldId) ?? []), ...sumByYear(inherited)]
    resolved.set(fieldId, fieldYields)
    return fieldYields
  }
  return [...new Set([...ownYields.keys(), ...from.keys()])].flatMap(yieldsOf)
}

/** One per year. */
const sumByYear = (parts: readonly PastYield[]): PastYield[] =>
  [...groupBy(parts, ({ year }) => year).values()].map((yearYields) => ({
    ...yearYields[0]!,
    kg: yearYields.some(({ kg }) => kg === null) ? null : sum(yearYields.map(({ kg }) => kg!)),
    areaM2: sum(yearYields.map(({ areaM2 }) => areaM2)),
  }))
