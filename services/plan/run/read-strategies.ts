/**
 * The growers' strategies, the seasonal water of zones with a limit, and the rules learned from a farm's years.
 */
import { DAY_MS, HOUR_MS, dayOf, startOfDay } from '../../../broker/contract/time.ts'
import { MANUAL_ENTRY } from '../../domain/manual-water.ts'
import type { State } from '../../ports.ts'
import {
  readModelTerms,
  type FarmRow,
  type FieldRow,
  type SeasonRow,
  type StrategyRow,
  type ZoneRow,
} from '../../tables.ts'
import { rulesOfTerms } from '../../irrigation-model/rule-terms.ts'
import type { SeasonWater } from '../demand/strategy.ts'
import type { Rule } from '../../irrigation-model/rollout.ts'

interface Strategies {
  strategies: StrategyRow[]
  seasonWater: Map<string, SeasonWater> // by zone
  learnedRules: Map<string, Rule[]> // by field
}

interface Rows {
  farms: readonly FarmRow[]
  fields: readonly FieldRow[]
  seasons: readonly SeasonRow[]
  zones: readonly ZoneRow[]
}

/**
 * `seasonWater` has only zones of fields with a limit that were irrigated this season; `learnedRules` only fields
 * whose newest fit is used.
 */
export async function readStrategies(state: State, x: Rows & { org: string }): Promise<Strategies> {
  const strategies = await state.selectFrom('strategy').selectAll().where('org', '=', x.org).execute()
  return {
    strategies,
    seasonWater: await readSeasonWater(state, strategies, x),
    learnedRules: await readLearnedRules(state, x.org),
  }
}

/** Only of fields with a limit on their water; a dose in parts is one irrigation, so days are counted. */
async function readSeasonWater(
  state: State,
  strategies: readonly StrategyRow[],
  { farms, fields, seasons, zones }: Rows,
): Promise<Map<string, SeasonWater>> {
  const seasonWater = new Map<string, SeasonWater>()
  const rateOf = new Map(zones.map(({ id, applicationRateMmH }) => [id, applicationRateMmH]))
  // without a meter, by its rate: an unknown amount is not zero
  const byRate = (zoneId: string, ranMs: number): number => ((rateOf.get(zoneId) ?? 0) * ranMs) / HOUR_MS
  for (const { fieldId, kind } of strategies) {
    const season = seasons.find((row) => row.fieldId === fieldId)
    const field = fields.find(({ id }) => id === fieldId)
    const farm = farms.find(({ id }) => id === field?.farmId)
    if (kind !== 'supplemental' || !season || !farm) continue
    const { timeZone } = farm
    const rows = await state
      .selectFrom('irrigation')
      .select(['zoneId', 'commandedAtMs', 'ranMs', 'grossMm'])
      .where('fieldId', '=', fieldId)
      .where('voidedAtMs', 'is', null)
      .where('commandedAtMs', '>=', startOfDay(season.plantedDay, timeZone) - DAY_MS)
      .where((eb) => eb.or([eb('ranMs', '>', 0), eb('cause', '=', MANUAL_ENTRY)]))
      .execute()
    const days = new Map<string, Set<string>>()
    for (const { zoneId, commandedAtMs, ranMs, grossMm } of rows) {
      const day = dayOf(commandedAtMs, timeZone)
      if (day < season.plantedDay) continue
      days.set(zoneId, (days.get(zoneId) ?? new Set()).add(day))
      seasonWater.set(zoneId, {
        irrigations: days.get(zoneId)!.size,
        grossMm: (seasonWater.get(zoneId)?.grossMm ?? 0) + (grossMm ?? byRate(zoneId, ranMs)),
      })
    }
  }
  return seasonWater
}

/** The newest fit of each field, where it is used. */
async function readLearnedRules(state: State, org: string): Promise<Map<string, Rule[]>> {
  const rows = await state
    .selectFrom('model')
    .select(['subject', 'state', 'terms'])
    .where('org', '=', org)
    .where('kind', '=', 'water-rule')
    .orderBy('version')
    .execute()
  const rules = new Map<string, Rule[]>()
  for (const { subject, state: how, terms } of rows) {
    const learnedRules = how === 'used' ? rulesOfTerms(readModelTerms(terms)) : null
    if (learnedRules) rules.set(subject, learnedRules)
    else rules.delete(subject)
  }
  return rules
}
