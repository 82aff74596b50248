/** What the same fields gave of the same crop in the years before, on the same base. */
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
 * The five years before `year`, of the sources that let their yield be seen; of divided fields too, by their share. `tell`
 * hears how far it is.
 */
export async function readPastYields(
  state: State,
  {
    sources,
    year,
    crop,
    tell,
  }: { sources: readonly Source[]; year: number; crop: string; tell?: ProgressCallback },
): Promise<PastYield[]> {
  const past: PastYield[] = []
  const shown = sourcesSharing(sources, 'yield')
  let read = 0
  for (const some of chunks(shown, SOURCE_BATCH_SIZE)) {
    const orgs = some.map(({ org }) => org)
    const descents = await state.selectFrom('fieldLineage').selectAll().where('org', 'in', orgs).execute()
    const own: PastYield[] = []
    for (let back = 1; back <= YEARS_BACK; back++)
      own.push(...(await readYieldsOfYear(state, { orgs, crop, year: year - back })))
    past.push(...withInheritedYields(own, descents))
    tell?.((read += some.length) / shown.length)
  }
  return past
}

type YieldQuery = { orgs: readonly string[]; year: number; crop: string }

async function readYieldsOfYear(state: State, wanted: YieldQuery): Promise<PastYield[]> {
  const past: PastYield[] = []
  for (let after = ''; ;) {
    const some = await readSeasonPage(state, wanted, after)
    const loads = await readLoadsBySeason(
      state,
      some.map(({ id }) => id),
    )
    for (const { id, fieldId, ownM2, timeZone, ...season } of some) {
      const areaM2 = season.fieldM2 ?? ownM2
      const { kg, areaM2: harvestedM2 } = seasonYield(season, { areaM2, timeZone }, loads.get(id) ?? [])
      past.push({ fieldId, year: wanted.year, kg, areaM2: harvestedM2 })
    }
    if (some.length < BATCH_SIZE) return past
    after = some.at(-1)!.id
  }
}

/** A page of the seasons, in the order of their ids. */
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
