/**
 * Records treatments after the fact, on one field or several. An offline phone queues the entry and may send
 * it more than once: its key makes it one batch, and a repeat gets the first response.
 */
import { randomUUID } from 'node:crypto'
import { dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import type { TreatmentRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { PastTreatment } from './treatment-schemas.ts'
import { seasonsOnOrNext } from '../farms/season-queries.ts'
import { selectFields } from '../farms/field-selection-queries.ts'
import { valueOrFail } from './treatment-drafts.ts'
import { announce, audit } from '../http/audited-write.ts'

/**
 * Writes all or none, each with its record to confirm. NO_ACTIVE_SEASON when no crop grew, CONFLICT when the
 * key was used for another entry.
 */
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
  const stored = await inOrg(state, org, async (rows) => {
    const before = await readBatch(rows, org, idem)
    if (before.length > 0) return before
    isNew = true
    const created: TreatmentRow[] = []
    for (const [i, { field, timeZone }] of fields.entries()) {
      const { season, weather } = then[i]!
      if (!season)
        fail(
          'NO_ACTIVE_SEASON',
          `fromMs: must be in a season of ${field.name} or within half a year before one, got a day without a crop`,
          {
            params: { field: field.name },
          },
        )
      const author = { org, id: randomUUID(), actor }
      const draft = { ...spray, fieldId: field.id }
      const row = valueOrFail(
        await pests.recordPast(rows, author, draft, { season, timeZone, weather }),
        of(field.name),
      )
      created.push({ ...row, batch: idem })
    }
    await rows.insertInto('treatment').values(created).execute()
    await audit({ state: rows, clock }, caller, 'treatment.past', created[0]!.id, body)
    return created
  })
  if (!isNew && !isSame(stored, body))
    fail('CONFLICT', 'idem: this key was used for another entry; create a new key')
  if (isNew) await announce(context, org, { event: 'field', fields: stored.map(({ fieldId }) => fieldId) })
  return { id: idem, receivedMs: stored[0]!.createdAtMs }
}

const readBatch = (rows: State, org: string, batch: string): Promise<TreatmentRow[]> =>
  rows.selectFrom('treatment').selectAll().where('org', '=', org).where('batch', '=', batch).execute()

/** Hours and dose may have been corrected since; the product and the fields must match. */
function isSame(
  stored: readonly TreatmentRow[],
  { productId, target, fieldId, alsoIn = [] }: PastTreatment,
): boolean {
  const fields = new Set([fieldId, ...alsoIn.map((item) => item.fieldId)])
  return (
    stored.length === fields.size &&
    stored.every((row) => row.productId === productId && row.target === target && fields.has(row.fieldId))
  )
}
