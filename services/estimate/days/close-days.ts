/**
 * Closes civil days: computes every field's days since its last closed day, recomputes those of the last three that
 * late data may improve, and those since the earliest irrigation that was entered late (late-irrigation.ts). A row is
 * written only when it has changed.
 */
import { addDays, dayOf, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { Logger, SeriesStore, State } from '../../ports.ts'
import {
  MAX_PAST_DAYS,
  readDayNotes,
  readStoredWater,
  toJson,
  unlessInvalid,
  type FieldDayRow,
  type FieldWaterRow,
  type SeasonRow,
  type StoredWater,
} from '../../tables.ts'
import { readDayInputs } from './day-readings.ts'
import { closeDiseaseDays } from '../disease/daily-risk.ts'
import type { DayInputs, RecentMeasurements } from '../balance-types.ts'
import { fieldDayRow, type ClosedDay } from './field-day.ts'
import { updateDegreeDayTrackers } from '../pests/degree-day-trackers.ts'
import { LATE_DAYS, lateIrrigation } from './late-irrigation.ts'
import { recomputeKeys } from './data-quality-notes.ts'
import { usualDaysReader } from './usual-days.ts'
import { timeSlices } from '../../runtime/cooperative.ts'
import { measuredPercolationsMm, nightLossMmD } from '../paddy/season.ts'
import {
  firstDayOf,
  isUnderWay,
  loadFieldGroups,
  seasonOn,
  type FieldContext,
  type FieldGroup,
} from '../field-context.ts'

const RECOMPUTE_DAYS = 3
const RECENT_DAYS = 14
/** Days whose water is kept: a day that is recomputed continues the one before. */
const WATER_DAYS = LATE_DAYS + 2

/**
 * Brings every field up to the last civil day that has ended by `dueAtMs`. Returns the fields whose rows changed.
 * When the rows of an organisation cannot be read or written, the others are closed all the same; then the first such
 * error is thrown. `fieldIds`: only these.
 */
export async function closeDays(
  deps: { state: State; series: SeriesStore; log: Logger },
  dueAtMs: AtMs,
  fieldIds?: readonly string[],
): Promise<string[]> {
  const changed: string[] = []
  const errors: unknown[] = []
  const sinceDay = addDays(dayOf(dueAtMs, 'UTC'), -MAX_PAST_DAYS)
  for (const group of await loadFieldGroups(deps.state, sinceDay, fieldIds)) {
    const lastDay = addDays(dayOf(dueAtMs, group.timeZone), -1)
    try {
      changed.push(...(await closeGroup(deps, group, lastDay, dueAtMs)))
      await closeDiseaseDays(deps, group, lastDay)
    } catch (error) {
      deps.log.error({ error, org: group.org, lastDay }, 'the days of an organisation could not be closed')
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
  return changed
}

async function closeGroup(
  deps: { state: State; series: SeriesStore; log: Logger },
  group: FieldGroup,
  lastDay: Day,
  dueAtMs: AtMs,
): Promise<string[]> {
  const { state, log } = deps
  const late = await lateIrrigation(state, group, lastDay, dueAtMs)
  const histories = await readHistories(state, group, lastDay, RECENT_DAYS + (late.size > 0 ? LATE_DAYS : 0))
  const firstDays = new Map<FieldContext, Day>()
  for (const context of group.contexts) {
    const first = firstDueDay(context, histories.get(context.field.id)!, lastDay, late.get(context.field.id))
    if (first !== null) firstDays.set(context, first)
  }
  if (firstDays.size === 0) return []
  const changed = new Set<string>()
  const failed = new Set<FieldContext>()
  const earliest = [...firstDays.values()].reduce((a, b) => (a < b ? a : b))
  const waterOf = await readWater(deps, group.org, earliest)
  const lastSeasons = lastSeasonReader(deps)
  const usualDaysOf = usualDaysReader(state)
  const betweenFields = timeSlices()
  for (let day = earliest; day <= lastDay; day = addDays(day, 1)) {
    const due = group.contexts.filter(
      (context) =>
        firstDays.has(context) &&
        firstDays.get(context)! <= day &&
        isUnderWay(context, day) &&
        !failed.has(context),
    )
    if (due.length === 0) continue
    const inputsOf = await readDayInputs(deps, group, day)
    const rows: FieldDayRow[] = []
    const waters: FieldWaterRow[] = []
    for (const context of due) {
      await betweenFields()
      const history = histories.get(context.field.id)!
      try {
        const fieldId = context.field.id
        const season = seasonOn(context, day)
        const stored = waterOf.get(waterKey(fieldId, addDays(day, -1))) ?? null
        const before = {
          stored,
          lastSeason: season?.plantedDay === day ? await lastSeasons.read(fieldId, day) : null,
          usualDays: await usualDaysOf(context, season, stored),
        }
        const { row, water } = closeDay(context, season, history, day, inputsOf(context), before)
        if (water !== null) {
          waterOf.set(waterKey(fieldId, day), water)
          lastSeasons.set(fieldId, water)
          // the last day of a season is kept for the next one
          if (day > addDays(lastDay, -WATER_DAYS) || day === season?.harvestedDay)
            waters.push({ fieldId, day, org: group.org, body: toJson(water) })
        }
        if (isSame(history.get(day), row)) continue
        history.set(day, row)
        rows.push(row)
        changed.add(context.field.id)
      } catch (error) {
        // one failing field delays no other; its day stays missing, and the next night tries again
        failed.add(context)
        log.error({ error, field: context.field.id, day }, 'a day of a field could not be closed')
      }
    }
    await writeDays(state, rows)
    await writeWater(state, waters)
  }
  await forgetWater(state, group.org, addDays(lastDay, -WATER_DAYS))
  const tracked = group.contexts.filter((context) => firstDays.has(context) && context.trackers.length > 0)
  if (tracked.length > 0) await updateDegreeDayTrackers(deps, group, tracked, lastDay)
  if (changed.size > 0)
    log.info({ org: group.org, from: earliest, through: lastDay, fields: changed.size }, 'days closed')
  return [...changed]
}

type History = Map<Day, FieldDayRow>

const closeDay = (
  context: FieldContext,
  season: SeasonRow | undefined,
  history: History,
  day: Day,
  inputs: DayInputs,
  before: { stored: StoredWater | null; lastSeason: StoredWater | null; usualDays: readonly number[] },
): ClosedDay =>
  fieldDayRow(
    context,
    season,
    day,
    history.get(addDays(day, -1)),
    inputs,
    recentBefore(history, day),
    before.stored,
    before.lastSeason,
    before.usualDays,
  )

const waterKey = (fieldId: string, day: Day): string => `${fieldId} ${day}`

/** The stored water of the days from the one before `fromDay` on, by `waterKey`. An invalid one counts as missing. */
async function readWater(
  { state, log }: { state: State; log: Logger },
  org: string,
  fromDay: Day,
): Promise<Map<string, StoredWater>> {
  const rows = await state
    .selectFrom('fieldWater')
    .selectAll()
    .where('org', '=', org)
    .where('day', '>=', addDays(fromDay, -1))
    .execute()
  return new Map(
    rows.flatMap(({ fieldId, day, body }) => {
      const water = unlessInvalid(
        () => readStoredWater(body),
        (error) => log.error({ error, field: fieldId, day }, 'the stored water of a field could not be read'),
      )
      return water === null ? [] : [[waterKey(fieldId, day), water] as const]
    }),
  )
}

async function writeWater(state: State, rows: readonly FieldWaterRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH_SIZE)
    await state
      .insertInto('fieldWater')
      .values(rows.slice(from, from + BATCH_SIZE))
      .onConflict((conflict) =>
        conflict.columns(['fieldId', 'day']).doUpdateSet((row) => ({ body: row.ref('excluded.body') })),
      )
      .execute()
}

/** The newest water of a field stays: its next season starts with what this one has learned. */
const forgetWater = (state: State, org: string, beforeDay: Day) =>
  state
    .deleteFrom('fieldWater')
    .where('org', '=', org)
    .where('day', '<=', beforeDay)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('fieldWater as newer')
          .select('newer.day')
          .whereRef('newer.fieldId', '=', 'fieldWater.fieldId')
          .whereRef('newer.day', '>', 'fieldWater.day'),
      ),
    )
    .execute()

/** The last water of the season before, by field: of this pass, else as stored. */
function lastSeasonReader({ state, log }: { state: State; log: Logger }) {
  const lastOf = new Map<string, StoredWater>()
  return {
    set: (fieldId: string, water: StoredWater) => void lastOf.set(fieldId, water),
    async read(fieldId: string, plantedDay: Day): Promise<StoredWater | null> {
      const known = lastOf.get(fieldId)
      if (known) return known
      const row = await state
        .selectFrom('fieldWater')
        .select('body')
        .where('fieldId', '=', fieldId)
        .where('day', '<', plantedDay)
        .orderBy('day', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (!row) return null
      return unlessInvalid(
        () => readStoredWater(row.body),
        (error) => log.error({ error, field: fieldId }, 'the water of the last season could not be read'),
      )
    },
  }
}

/** The rows that a computation may use: the newest of each field and those of `backDays` before it. */
async function readHistories(
  state: State,
  group: FieldGroup,
  lastDay: Day,
  backDays: number,
): Promise<Map<string, History>> {
  const ids = group.contexts.map((context) => context.field.id)
  const newest = await state
    .selectFrom('fieldDay')
    .select(['fieldId', (row) => row.fn.max('day').as('day')])
    .where('org', '=', group.org)
    .where('day', '<=', lastDay)
    .groupBy('fieldId')
    .execute()
  const histories = new Map<string, History>(ids.map((id) => [id, new Map()]))
  const fieldRows = newest.filter((row) => histories.has(row.fieldId))
  if (fieldRows.length === 0) return histories
  const oldest = fieldRows.map((row) => row.day).reduce((a, b) => (a < b ? a : b))
  const rows = await state
    .selectFrom('fieldDay')
    .selectAll()
    .where('org', '=', group.org)
    .where('day', '>=', addDays(oldest, -backDays))
    .where('day', '<=', lastDay)
    .orderBy('day')
    .execute()
  for (const row of rows) histories.get(row.fieldId)?.set(row.day, row)
  return histories
}

/**
 * The first day a field must be recomputed from, at the latest `lateDay` of the late entries; null: every day is up
 * to date.
 */
function firstDueDay(context: FieldContext, history: History, lastDay: Day, lateDay?: Day): Day | null {
  const first = firstDayOf(context, lastDay)
  if (first === null) return null
  const knownDays = [...history.keys()]
  const newest = knownDays.at(-1)
  if (newest === undefined || newest < first) return first
  const isLate = (day: Day) => lateDay !== undefined && lateDay <= day
  const redoFrom = addDays(lastDay, -RECOMPUTE_DAYS)
  const from = isLate(redoFrom) ? lateDay! : redoFrom
  for (let day = from < first ? first : from; day <= newest; day = addDays(day, 1)) {
    const row = history.get(day)
    if (isLate(day) || !row || readDayNotes(row.notes).some(({ key }) => recomputeKeys.has(key))) return day
  }
  return newest < lastDay ? addDays(newest, 1) : null
}

function recentBefore(history: History, day: Day): RecentMeasurements {
  const rows: FieldDayRow[] = []
  for (let back = RECENT_DAYS; back >= 1; back--) {
    const row = history.get(addDays(day, -back))
    if (row) rows.push(row)
  }
  return {
    // an estimate from earlier days must not feed the next one
    et0Mm: rows.flatMap((row) => (row.et0Mm !== null && row.et0Method !== 'climatology' ? [row.et0Mm] : [])),
    temps: rows.flatMap(({ tempMinC, tempMaxC }) =>
      tempMinC === null || tempMaxC === null ? [] : [{ tempMinC, tempMaxC }],
    ),
    sankMm: measuredPercolationsMm(rows),
    nightLossMmD: nightLossMmD(rows),
  }
}

const isSame = (a: FieldDayRow | undefined, b: FieldDayRow): boolean =>
  a !== undefined && (Object.keys(b) as (keyof FieldDayRow)[]).every((key) => a[key] === b[key])

const BATCH_SIZE = 200 // 25 values each; SQLite takes 32,766 in a statement

async function writeDays(state: State, rows: readonly FieldDayRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH_SIZE)
    await state
      .insertInto('fieldDay')
      .values(rows.slice(from, from + BATCH_SIZE))
      .onConflict((conflict) =>
        conflict
          .columns(['fieldId', 'day'])
          .doUpdateSet((row) =>
            Object.fromEntries(
              Object.keys(rows[0]!).map((key) => [key, row.ref(`excluded.${key as keyof FieldDayRow}`)]),
            ),
          ),
      )
      .execute()
}
