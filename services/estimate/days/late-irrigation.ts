/** Closed days that are outdated: irrigation of them was entered or voided since. */
import { addDays, DAY_MS, dayOf, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { FieldContext, FieldGroup } from '../field-context.ts'

/** Days that are recomputed at most: older irrigation only enters the sums of the season. Unconfirmed */
export const LATE_DAYS = 14
// covers a missed night
const ENTERED_WITHIN_MS = 2 * DAY_MS

/**
 * By field: the earliest of the last `LATE_DAYS` days up to `lastDay` with irrigation that was entered or voided
 * within two days of `nowMs`.
 */
export async function lateIrrigation(
  state: State,
  { org, timeZone, contexts }: Pick<FieldGroup, 'org' | 'timeZone' | 'contexts'>,
  lastDay: Day,
  nowMs: AtMs,
): Promise<Map<string, Day>> {
  const fieldsById = new Map(contexts.map((context) => [context.field.id, context]))
  const firstDay = addDays(lastDay, 1 - LATE_DAYS)
  const enteredSinceMs = nowMs - ENTERED_WITHIN_MS
  const rows = await state
    .selectFrom('irrigation')
    .select(['fieldId', 'commandedAtMs', 'closedAtMs'])
    .where('org', '=', org)
    // a run of the evening before may extend into the day
    .where('commandedAtMs', '>=', startOfDay(firstDay, timeZone) - DAY_MS)
    .where((eb) => eb.or([eb('enteredAtMs', '>=', enteredSinceMs), eb('voidedAtMs', '>=', enteredSinceMs)]))
    .execute()
  if (rows.length === 0) return new Map()
  const lastRevoked = await state
    .selectFrom('device')
    .select(({ fn }) => fn.max('revokedAtMs').as('atMs'))
    .where('org', '=', org)
    .where('kind', '<>', 'controller')
    .executeTakeFirst()
  // days before a device was revoked depend on it and are not recomputed
  const revokedDays = lastRevoked?.atMs == null ? [] : [dayOf(lastRevoked.atMs, timeZone)]
  const first = new Map<string, Day>()
  for (const { fieldId, commandedAtMs, closedAtMs } of rows) {
    const context = fieldsById.get(fieldId)
    const day = dayOf(closedAtMs ?? commandedAtMs, timeZone)
    if (!context || day < firstDay || day > lastDay) continue
    const from = latestDay(day, ...revokedDays, ...reportDays(context, timeZone))
    const earliest = first.get(fieldId)
    if (earliest === undefined || from < earliest) first.set(fieldId, from)
  }
  return first
}

/** Reports on a paddy before the latest one are stored only in its days: those days are not recomputed. */
const reportDays = (
  { field, paddy: { reportedStageDay, observedLevelAtMs } }: FieldContext,
  timeZone: string,
): Day[] =>
  field.kind !== 'paddy'
    ? []
    : [reportedStageDay, observedLevelAtMs === null ? null : dayOf(observedLevelAtMs, timeZone)].filter(
        (day) => day !== null,
      )

const latestDay = (...days: Day[]): Day => days.reduce((a, b) => (a > b ? a : b))
