/** Harvests of a field: its last seasons with their loads, each on the yield basis. */
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { HarvestLoadRow } from '../../tables.ts'
import { seasonYield, type SeasonYield } from '../../domain/yield/season-yield.ts'
import { loadFormsOf } from '../../domain/yield/yield-bases.ts'
import { standardLoad } from '../../domain/yield/standard-mass.ts'
import { readLoadsBySeason } from './read-loads.ts'

const LAST_SEASONS = 6

/** NOT_FOUND when the organisation has no such field. */
export async function readHarvests(state: State, org: string, fieldId: string) {
  const field = await state
    .selectFrom('field')
    .innerJoin('farm', 'farm.id', 'field.farmId')
    .select(['field.areaM2 as ownM2', 'farm.timeZone'])
    .where('field.org', '=', org)
    .where('field.id', '=', fieldId)
    .executeTakeFirst()
  if (!field) fail('NOT_FOUND', `field ${fieldId} not found`)
  const seasons = await state
    .selectFrom('season')
    .selectAll()
    .where('fieldId', '=', fieldId)
    .orderBy('plantedDay', 'desc')
    .orderBy('id')
    .limit(LAST_SEASONS)
    .execute()
  const loads = await readLoadsBySeason(
    state,
    seasons.map(({ id }) => id),
  )
  return {
    seasons: seasons.map((season) => {
      const seasonLoads = loads.get(season.id) ?? []
      const place = { areaM2: season.fieldM2 ?? field.ownM2, timeZone: field.timeZone }
      const harvest = seasonYield(season, place, seasonLoads)
      const { id, year, crop, variety, plantedDay, harvestedDay } = season
      const { areaM2, hullShare, from, kg, lowKg, basis } = harvest
      return {
        id,
        year,
        crop,
        variety,
        plantedDay,
        harvestedDay,
        areaM2,
        hullShare,
        from,
        kg,
        lowKg,
        forms: [...loadFormsOf(crop)],
        basis: { form: basis.form, moisturePct: basis.moisturePct, source: basis.source.en },
        loads: seasonLoads.toReversed().map((load) => loadView(load, harvest)),
      }
    }),
  }
}

function loadView(load: HarvestLoadRow, { basis, hullShare }: SeasonYield) {
  const standard = standardLoad(load, basis, hullShare)
  const { id, day, ticket, form, grossKg, moisturePct, foreignPct, grade, voidReason } = load
  return {
    id,
    day,
    ticket,
    form,
    grossKg,
    moisturePct,
    foreignPct,
    grade,
    voidReason,
    batchKg: load.batchKg ?? null,
    preHarvestState: load.preHarvestState ?? null,
    standardKg: 'kg' in standard ? standard.kg : null,
    missing: 'kg' in standard ? null : standard.missing,
  }
}
