/** Brings `fieldState` up to date for some or all fields. */
import { addDays, dayOf, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { Logger, SeriesStore, State } from '../../ports.ts'
import type { Forecast } from '../../ports/forecast.ts'
import {
  MAX_PAST_DAYS,
  readStoredWater,
  unlessInvalid,
  type FieldStateRow,
  type FieldWaterRow,
} from '../../tables.ts'
import { fieldStateRow, recentColumns, type RecentDay } from './field-state.ts'
import { readCurrentInputs, type ExpectedEt0 } from './current-inputs.ts'
import { timeSlices } from '../../runtime/cooperative.ts'
import { groupBy } from '../../runtime/group-by.ts'
import { loadFieldGroups, seasonOn, type FieldContext, type FieldGroup } from '../field-context.ts'

const RECENT_DAYS = 14
const PERSISTENCE_DAYS = 7
// error of a day's ET0 by the mean of the last week, and of a forecast assumed equal: Maricopa 1.00-1.14 mm/d
const EXPECTED_SD_MM = 1.1

/** Returns the fields whose state was written, by organisation. */
export async function refreshStates(
  deps: { state: State; series: SeriesStore; forecast: Forecast; log: Logger },
  nowMs: AtMs,
  fieldIds?: readonly string[],
): Promise<Map<string, string[]>> {
  const changedFields = new Map<string, string[]>()
  const sinceDay = addDays(dayOf(nowMs, 'UTC'), -MAX_PAST_DAYS)
  for (const group of await loadFieldGroups(deps.state, sinceDay, fieldIds)) {
    const today = dayOf(nowMs, group.timeZone)
    const contexts = group.contexts.filter((context) => seasonOn(context, today) !== undefined)
    await clearStates(
      deps.state,
      group.contexts.filter((context) => seasonOn(context, today) === undefined),
    )
    if (contexts.length === 0) continue
    const rows = await computeStates(deps, { ...group, contexts }, today, nowMs)
    await writeStates(deps.state, rows)
    changedFields.set(group.org, [...(changedFields.get(group.org) ?? []), ...rows.map((row) => row.fieldId)])
  }
  return changedFields
}

async function computeStates(
  deps: { state: State; series: SeriesStore; forecast: Forecast; log: Logger },
  group: FieldGroup,
  today: Day,
  nowMs: AtMs,
): Promise<FieldStateRow[]> {
  const [inputsOf, days, waterOf] = await Promise.all([
    readCurrentInputs(deps, group, today, nowMs),
    readRecent(deps.state, group, today),
    readMidnightWater(deps.state, group, today),
  ])
  const et0ByFarm = new Map<string, number | null>()
  const rows: FieldStateRow[] = []
  const betweenFields = timeSlices()
  for (const context of group.contexts) {
    await betweenFields()
    const farm = context.farm.id
    if (!et0ByFarm.has(farm)) et0ByFarm.set(farm, await forecastEt0(deps.forecast, context, today))
    const recent = days.get(context.field.id) ?? []
    const et0 = expectedEt0(et0ByFarm.get(farm) ?? null, recent)
    const season = seasonOn(context, today)!
    try {
      const body = waterOf.get(context.field.id)
      const water = body === undefined ? null : unlessInvalid(() => readStoredWater(body))
      rows.push(fieldStateRow(context, season, today, nowMs, recent, inputsOf(context, et0), water))
    } catch (error) {
      // its last state is kept, with its age; the other fields are still updated
      deps.log.error(
        { error, field: context.field.id },
        'the state of a field could not be brought up to date',
      )
    }
  }
  return rows
}

async function readRecent(state: State, group: FieldGroup, today: Day): Promise<Map<string, RecentDay[]>> {
  const rows = await state
    .selectFrom('fieldDay')
    .select(recentColumns)
    .where('org', '=', group.org)
    .where('day', '>=', addDays(today, -RECENT_DAYS))
    .where('day', '<', today)
    .orderBy('day')
    .execute()
  return groupBy(rows, (row) => row.fieldId)
}

/** The water of each field at the last midnight. */
async function readMidnightWater(
  state: State,
  { org, contexts }: FieldGroup,
  today: Day,
): Promise<Map<string, FieldWaterRow['body']>> {
  const ids = contexts.map((context) => context.field.id)
  const rows = await state
    .selectFrom('fieldWater')
    .select(['fieldId', 'body'])
    .where('org', '=', org)
    .where('fieldId', 'in', ids)
    .where('day', '=', addDays(today, -1))
    .execute()
  return new Map(rows.map(({ fieldId, body }) => [fieldId, body]))
}

async function forecastEt0(forecast: Forecast, context: FieldContext, today: Day): Promise<number | null> {
  const daily = await forecast.daily({ org: context.farm.org, farm: context.farm.id }, today, 1)
  return daily?.days.find((day) => day.day === today)?.et0Mm ?? null
}

/** Today's ET0: by the forecast, otherwise the mean of the last week's measured days; null without any. */
function expectedEt0(forecastMm: number | null, recent: readonly RecentDay[]): ExpectedEt0 {
  if (forecastMm !== null) return { mm: forecastMm, sdMm: EXPECTED_SD_MM, method: 'forecast' }
  const measuredMm = recent
    .filter((row) => row.et0Method !== 'climatology')
    .map((row) => row.et0Mm)
    .filter((mm) => mm !== null)
    .slice(-PERSISTENCE_DAYS)
  if (measuredMm.length === 0) return null
  const mm = measuredMm.reduce((sum, value) => sum + value, 0) / measuredMm.length
  return { mm, sdMm: EXPECTED_SD_MM, method: 'persistence' }
}

/** A field without a crop has no state: an old one would be mistaken for today's. */
async function clearStates(state: State, idle: readonly FieldContext[]): Promise<void> {
  if (idle.length === 0) return
  const ids = idle.map((context) => context.field.id)
  await state.deleteFrom('fieldState').where('fieldId', 'in', ids).execute()
}

const BATCH_SIZE = 200

/** Every row has every column (`fieldStateRow`): the update writes the columns of the first row for all. */
async function writeStates(state: State, rows: readonly FieldStateRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH_SIZE)
    await state
      .insertInto('fieldState')
      .values(rows.slice(from, from + BATCH_SIZE))
      .onConflict((conflict) =>
        conflict
          .column('fieldId')
          .doUpdateSet((row) =>
            Object.fromEntries(
              Object.keys(rows[0]!).map((key) => [key, row.ref(`excluded.${key as keyof FieldStateRow}`)]),
            ),
          ),
      )
      .execute()
}
