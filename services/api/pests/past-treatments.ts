/**
 * Sprays that are over, written down afterwards, of one field or of several at once. A phone without signal keeps them and
 * sends them later, perhaps more than once: its key makes them one batch, and a repeat is answered as the first time.
 */
import { randomUUID } from 'node:crypto'
import { dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { TreatmentRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { PastTreatment } from './treatment-schemas.ts'
import { seasonsOnOrNext } from '../farms/season-queries.ts'
import { selectFields } from '../farms/field-selection-queries.ts'
import { valueOrFail } from './treatment-drafts.ts'
import { announce, audit } from '../http/audited-write.ts'

/** All of them or none, each with its record to confirm. NO_ACTIVE_SEASON where nothing grew, CONFLICT where the
 * key was used otherwise. */
export async function recordPastTreatments(
  context: Context,
  caller: Caller,
  body: PastTreatment,
): Promise<{ id: string; receivedMs: AtMs }> {
  const { state, clock, pests } = context
  const { org, userId: actor } = caller
  const { idem, alsoIn = [], ...spray } = body
  const fields = await selectFields(state, org, [{ fieldId: body.fieldId }, ...alsoIn])
  const of = (name: string): string | undefined => (fields.length > 1 ? name : undefined)
  const then = await Promise.all(
    fields.map(async ({ field, timeZone }) => ({
      season: (await seasonsOnOrNext(state, [field.id], dayOf(spray.fromMs, timeZone))).get(field.id),
      weather: await pests.weatherNear({ org, fieldId: field.id }, spray.fromMs),
    })),
  )
  let isNew = false
  const kept = await state.transaction().execute(async (rows) => {
    const before = await readBatch(rows, org, idem)
    if (before.length > 0) return before
    isNew = true
    const made: TreatmentRow[] = []
    for (const [i, { field, timeZone }] of fields.entries()) {
      const { season, weather } = then[i]!
      if (!season)
        fail(
          'NO_ACTIVE_SEASON',
          `fromMs: nothing grew in ${field.name} on that day, nor within half a year after it`,
          {
            params: { field: field.name },
          },
        )
      const by = { org, id: randomUUID(), actor }
      const draft = { ...spray, fieldId: field.id }
      const row = valueOrFail(
        await pests.recordPast(rows, by, draft, { season, timeZone, weather }),
        of(field.name),
      )
      made.push({ ...row, batch: idem })
    }
    await rows.insertInto('treatment').values(made).execute()
    await audit({ state: rows, clock }, caller, 'treatment.past', made[0]!.id, body)
    return made
  })
  if (!isNew && !isSame(kept, body)) fail('CONFLICT', 'idem: this key was used for something else')
  if (isNew) await announce(context, org, { event: 'field', fields: kept.map(({ fieldId }) => fieldId) })
  return { id: idem, receivedMs: kept[0]!.createdAtMs }
}

const readBatch = (rows: State, org: string, batch: string): Promise<TreatmentRow[]> =>
  rows.selectFrom('treatment').selectAll().where('org', '=', org).where('batch', '=', batch).execute()

/** Hours and dose may have been mended since; what was sprayed on which fields stays. */
function isSame(
  kept: readonly TreatmentRow[],
  { productId, target, fieldId, alsoIn = [] }: PastTreatment,
): boolean {
  const fields = new Set([fieldId, ...alsoIn.map((one) => one.fieldId)])
  return (
    kept.length === fields.size &&
    kept.every((row) => row.productId === productId && row.target === target && fields.has(row.fieldId))
  )
}
