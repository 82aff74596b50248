/**
 * Drafts of a treatment on one field or several: one treatment per field in one batch, changed and confirmed
 * together. A field may be added or removed until the draft is confirmed; each is checked by itself.
 */
import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import type { Result } from '../../../broker/contract/result.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { readTreatmentPlan, type FieldRow, type TreatmentRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { PestService } from '../ports/pest-service.ts'
import type { EditTreatment } from './treatment-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { selectFields } from '../farms/field-selection-queries.ts'
import { announce, audited } from '../http/audited-write.ts'

export type Rejection = { code: 'NOT_FOUND' | 'BAD_REQUEST' | 'CONFLICT'; message: string }

/** `of`: the field of a rejection, when there are several. */
export const valueOrFail = <T>(result: Result<T, Rejection>, of?: string): T => {
  if (result.ok) return result.value
  const { code, message } = result.error
  fail(code, of === undefined ? message : `${of}: ${message}`)
}

/** The other drafts of the batch that are neither confirmed nor voided. */
export async function readPlannedInBatch(
  state: State,
  org: string,
  { id, batch }: Pick<TreatmentRow, 'id' | 'batch'>,
): Promise<TreatmentRow[]> {
  if (batch == null) return []
  return state
    .selectFrom('treatment')
    .selectAll()
    .where('org', '=', org)
    .where('batch', '=', batch)
    .where('state', '=', 'planned')
    .where('id', '<>', id)
    .orderBy('id')
    .execute()
}

/** The weather ahead by field; read before a transaction, as it may take time. */
export async function readWeatherAhead(
  pests: PestService,
  org: string,
  fieldIds: readonly string[],
): Promise<Map<string, unknown>> {
  const aheads = new Map<string, unknown>()
  for (const fieldId of fieldIds) aheads.set(fieldId, await pests.forecast(org, fieldId))
  return aheads
}

/** Changes a draft and all drafts of its batch; returns them, the named one first. */
export async function changeDraft(
  context: Context,
  caller: Caller,
  id: string,
  body: Static<typeof EditTreatment>,
): Promise<TreatmentRow[]> {
  const { state, pests } = context
  const { org, userId } = caller
  const { alsoIn, reason, ...changes } = body
  const existing = await ownRow(state, 'treatment', org, id)
  const planned = await readPlannedInBatch(state, org, existing)
  const {
    kept: stored,
    leftOut,
    joining,
  } = alsoIn === undefined
    ? { kept: planned, leftOut: [], joining: [] }
    : await changeFields(state, existing, planned, alsoIn)
  const isOfSeveral = stored.length + joining.length > 0
  if (isOfSeveral && changes.areaM2 !== undefined)
    fail('BAD_REQUEST', 'areaM2: must be left out for several fields, each is treated whole')
  if (leftOut.length > 0 && reason === undefined)
    fail('BAD_REQUEST', 'reason: must state why fields are removed, got nothing')
  const batch = isOfSeveral ? (existing.batch ?? randomUUID()) : alsoIn === undefined ? existing.batch : null
  const aheads = await readWeatherAhead(pests, org, [
    ...[existing, ...stored].map(({ fieldId }) => fieldId),
    ...joining.map((field) => field.id),
  ])

  const after: TreatmentRow[] = []
  await audited(context, caller, { action: 'treatment.change', subject: id, detail: body }, async (rows) => {
    const write = (item: string, set: Partial<TreatmentRow>) =>
      rows.updateTable('treatment').set(set).where('id', '=', item).execute()
    for (const item of [existing, ...stored]) {
      // read again: two people may act at once
      const row = await ownRow(rows, 'treatment', org, item.id)
      const redrafted = valueOrFail(await pests.redraft(rows, row, changes, aheads.get(row.fieldId)))
      await write(item.id, { ...redrafted, batch })
      after.push({ ...row, ...redrafted, batch })
    }
    for (const item of leftOut) {
      const row = await ownRow(rows, 'treatment', org, item.id)
      await write(item.id, valueOrFail(pests.voidTreatment(row, userId, reason!)))
    }
    for (const field of joining) {
      const like = after[0]!
      const joined = await pests.draftForField(
        rows,
        like,
        { id: randomUUID(), actor: userId, fieldId: field.id },
        aheads.get(field.id),
      )
      const row = { ...valueOrFail(joined, field.name), batch }
      await rows.insertInto('treatment').values(row).execute()
      after.push(row)
    }
  })
  const fields = [...after, ...leftOut].map(({ fieldId }) => fieldId)
  await announce(context, org, { event: 'field', fields })
  return after
}

interface FieldChange {
  kept: TreatmentRow[]
  leftOut: TreatmentRow[]
  joining: FieldRow[]
}

/** The changes that make `alsoIn` the other fields of a draft. */
async function changeFields(
  state: State,
  existing: TreatmentRow,
  planned: readonly TreatmentRow[],
  alsoIn: readonly { fieldId: string }[],
): Promise<FieldChange> {
  const [first, ...others] = await selectFields(state, existing.org, [
    { fieldId: existing.fieldId },
    ...alsoIn,
  ])
  const isPart = readTreatmentPlan(existing.plan).dose.areaM2 < first!.field.areaM2
  if (isPart && others.length > 0)
    fail('BAD_REQUEST', 'alsoIn: must be empty for a part of a field, which is treated alone')
  const named = new Set(others.map(({ field }) => field.id))
  const plannedFieldIds = new Set(planned.map(({ fieldId }) => fieldId))
  return {
    kept: planned.filter(({ fieldId }) => named.has(fieldId)),
    leftOut: planned.filter(({ fieldId }) => !named.has(fieldId)),
    joining: others.map(({ field }) => field).filter((field) => !plannedFieldIds.has(field.id)),
  }
}
