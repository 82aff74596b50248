/** Yields of the same fields and crop in the previous years, on the same basis. */
import type { State } from '../../ports.ts'
import { withInheritedYields } from './inherited-yields.ts'
import { chunks } from '../../runtime/group-by.ts'
import type { ProgressCallback } from '../jobs/progress.ts'
import { readLoadsBySeason } from '../season/season-records.ts'
import { seasonYield } from './season-yield.ts'
import { sourcesSharing, type Source } from '../season/sharing.ts'

/** One season. Null is unknown. */
export interface PastYield {
  fieldId: string
  year: number
  kg: number | null
  areaM2: number // harvested
}

const BATCH_SIZE = 25
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
    tell: onProgress,
  }: { sources: readonly Source[]; year: number; crop: string; tell?: ProgressCallback },
): Promise<PastYield[]> {
  const past: PastYield[] = []
  const sharing = sourcesSharing(sources, 'yield')
  let read = 0
  for (const batch of chunks(sharing, SOURCE_BATCH_SIZE)) {
    const orgs = batch.map(({ org }) => org)
    const descents = await state.selectFrom('fieldLineage').selectAll().where('org', 'in', orgs).execute()
    const ownYields: PastYield[] = []
    for (let back = 1; back <= YEARS_BACK; back++)
      ownYields.push(...(await readYieldsOfYear(state, { orgs, crop, year: year - back })))
    past.push(...withInheritedYields(ownYields, descents))
    onProgress?.((read += batch.length) / sharing.length)
  }
  return past
}

type YieldQuery = { orgs: readonly string[]; year: number; crop: string }

async function readYieldsOfYear(state: State, query: YieldQuery): Promise<PastYield[]> {
  const past: PastYield[] = []
  for (let after = ''; ;) {
    const page = await readSeasonPage(state, query, after)
    const loads = await readLoadsBySeason(
      state,
      page.map(({ id }) => id),
    )
    for (const { id, fieldId, ownM2, timeZone, ...season } of page) {
      const areaM2 = season.fieldM2 ?? ownM2
      const { kg, areaM2: harvestedM2 } = seasonYield(season, { areaM2, timeZone }, loads.get(id) ?? [])
      past.push({ fieldId, year: query.year, kg, areaM2: harvestedM2 })
    }
    if (page.length < BATCH_SIZE) return past
    after = page.at(-1)!.id
  }
}

/** A page of seasons, in id order. */
const readSeasonPage = (state: State, { orgs, year, crop }: YieldQuery, afterId: string) =>
  state
    .selectFrom('season')
    .innerJoin('field', 'field.id', 'season.fieldId')
    .innerJoin('farm', 'farm.id', 'field.farmId')
    .select(['season.id', 'season.fieldId', 'season.crop', 'season.yieldKg'])
    .select(['season.yieldBasis', 'season.harvestedM2', 'season.hullShare', 'season.fieldM2'])
    .select(['field.areaM2 as ownM2', 'farm.timeZone'])
    .where('season.org', 'in', orgs)
    .where('season.year', '=', year)
    .where('season.crop', '=', crop)
    .where('season.id', '>', afterId)
    .orderBy('season.id')
    .limit(BATCH_SIZE)
    .execute()
