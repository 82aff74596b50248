/**
 * Verifies the stored forecasts against the farm's own gauge and thermometer, once a civil day of each farm,
 * and writes the skill of each source. One farm after another: nothing here is urgent.
 */
import { addDays, dayOf, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import {
  readDayNotes,
  readLeadSkills,
  toJson,
  type FieldDayRow,
  type ForecastDayRow,
  type ForecastSkillRow,
} from '../../tables.ts'
import { verifySource, type ForecastSkill, type VerifiedDay } from './skill.ts'
import { sum } from '../../runtime/math.ts'

/** Older forecasts are of another model and another season. Unconfirmed */
const VERIFIED_DAYS = 120
const RETENTION_DAYS = 730

type Farm = { id: string; org: string; timeZone: string }

/**
 * Brings every farm up to its yesterday; farms that are up to date cost nothing. Returns the farms that
 * changed.
 */
export async function verifyForecasts(state: State, nowMs: AtMs): Promise<string[]> {
  const farms = await state.selectFrom('farm').select(['id', 'org', 'timeZone']).orderBy('id').execute()
  const verified = await state.selectFrom('forecastSkill').select(['farmId', 'throughDay']).execute()
  const changed: string[] = []
  for (const farm of farms) {
    const throughDay = addDays(dayOf(nowMs, farm.timeZone), -1)
    const farmRows = verified.filter((row) => row.farmId === farm.id)
    if (farmRows.length > 0 && farmRows.every((row) => row.throughDay >= throughDay)) continue
    if (await verifyFarm(state, farm, throughDay, nowMs)) changed.push(farm.id)
  }
  return changed
}

async function verifyFarm(state: State, farm: Farm, throughDay: Day, nowMs: AtMs): Promise<boolean> {
  const fromDay = addDays(throughDay, 1 - VERIFIED_DAYS)
  const forecasts = await state
    .selectFrom('forecastDay')
    .selectAll()
    .where('farmId', '=', farm.id)
    .where('day', '>=', fromDay)
    .where('day', '<=', throughDay)
    .execute()
  if (forecasts.length === 0) return false
  const days = await state
    .selectFrom('fieldDay')
    .innerJoin('field', 'field.id', 'fieldDay.fieldId')
    .select(['fieldDay.day', 'fieldDay.rainMm', 'fieldDay.tempMinC', 'fieldDay.tempMaxC'])
    .select(['fieldDay.et0Mm', 'fieldDay.et0Method', 'fieldDay.notes'])
    .where('field.farmId', '=', farm.id)
    .where('fieldDay.day', '>=', fromDay)
    .where('fieldDay.day', '<=', throughDay)
    .execute()
  const rows = skillRows(farm, forecasts, observedByDay(days), throughDay, nowMs)
  await inOrg(state, farm.org, async (store) => {
    for (const row of rows)
      await store
        .insertInto('forecastSkill')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .columns(['farmId', 'source'])
            .doUpdateSet({ throughDay: row.throughDay, atMs: row.atMs, leads: row.leads }),
        )
        .execute()
    // the skill of a source that is no longer queried is deleted
    await store
      .deleteFrom('forecastSkill')
      .where('farmId', '=', farm.id)
      .where('throughDay', '<', throughDay)
      .execute()
    await store
      .deleteFrom('forecastDay')
      .where('farmId', '=', farm.id)
      .where('day', '<', addDays(throughDay, -RETENTION_DAYS))
      .execute()
  })
  return rows.length > 0
}

function skillRows(
  farm: Farm,
  forecasts: readonly ForecastDayRow[],
  observed: ReadonlyMap<Day, VerifiedDay['observed']>,
  throughDay: Day,
  atMs: AtMs,
): ForecastSkillRow[] {
  const sources = [...new Set(forecasts.map(({ source }) => source))]
  return sources.flatMap((source) => {
    const verified = forecasts
      .filter((row) => row.source === source && observed.has(row.day))
      .map((row) => ({ lead: row.lead, forecast: toForecastDay(row), observed: observed.get(row.day)! }))
    if (verified.length === 0) return []
    const { leads } = verifySource(source, verified)
    return [{ farmId: farm.id, source, org: farm.org, throughDay, atMs, leads: toJson(leads) }]
  })
}

const toForecastDay = (row: ForecastDayRow): VerifiedDay['forecast'] => ({
  rainMm: { lo: row.rainLoMm, mid: row.rainMidMm, hi: row.rainHiMm },
  rainChance: row.rainChance,
  tempMinC: row.tempMinC,
  tempMaxC: row.tempMaxC,
  et0Mm: row.et0Mm,
})

type ObservedDay = Pick<
  FieldDayRow,
  'day' | 'rainMm' | 'tempMinC' | 'tempMaxC' | 'et0Mm' | 'et0Method' | 'notes'
>

/** The mean of the farm's fields, from stations on the farm itself: a neighbour's rain does not count. Pure. */
export function observedByDay(rows: readonly ObservedDay[]): Map<Day, VerifiedDay['observed']> {
  const byDay = new Map<Day, ObservedDay[]>()
  for (const row of rows) byDay.set(row.day, [...(byDay.get(row.day) ?? []), row])
  return new Map(
    [...byDay].map(([day, dayRows]) => {
      const rowsWithNotes = dayRows.map((row) => ({
        row,
        keys: new Set(readDayNotes(row.notes).map(({ key }) => key)),
      }))
      const meanOf = (pick: (row: (typeof rowsWithNotes)[number]) => number | null): number | null => {
        const values = rowsWithNotes.map(pick).filter((value) => value !== null)
        return values.length === 0 ? null : sum(values) / values.length
      }
      // a partly covered day may have been colder or warmer
      const isWhole = (keys: Set<string>): boolean =>
        !keys.has('weather-neighbour') && !keys.has('partly-covered')
      return [
        day,
        {
          rainMm: meanOf(({ row, keys }) => (keys.has('rain-neighbour') ? null : row.rainMm)),
          tempMinC: meanOf(({ row, keys }) => (isWhole(keys) ? row.tempMinC : null)),
          tempMaxC: meanOf(({ row, keys }) => (isWhole(keys) ? row.tempMaxC : null)),
          et0Mm: meanOf(({ row }) => (row.et0Method === 'climatology' ? null : row.et0Mm)),
        },
      ]
    }),
  )
}

/** The skill of the sources of an organisation's farms, by farm and source. */
export async function readSkills(state: State, org: string): Promise<Map<string, ForecastSkill[]>> {
  const rows = await state.selectFrom('forecastSkill').selectAll().where('org', '=', org).execute()
  const byFarm = new Map<string, ForecastSkill[]>()
  for (const { farmId, source, leads } of rows)
    byFarm.set(farmId, [...(byFarm.get(farmId) ?? []), { source, leads: readLeadSkills(leads) }])
  return byFarm
}
