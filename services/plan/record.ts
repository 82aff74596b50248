/** Writes plans to the state store. One transaction for many farms: what costs is the disk, not the rows. */
import type { Transaction } from 'kysely'
import { fail, isTilthError } from '../errors.ts'
import type { State } from '../ports.ts'
import type { Tables } from '../tables.ts'
import type { Draft } from './draft.ts'

const FARMS_AT_ONCE = 50

/** Gives the farms whose runs moved on while their plan was made: nothing of theirs is written, read them again. */
export async function recordPlans(state: State, drafts: readonly Draft[]): Promise<string[]> {
  const changing = drafts.filter((draft) => draft.fields.length > 0)
  const overtaken: string[] = []
  for (let i = 0; i < changing.length; i += FARMS_AT_ONCE) {
    const together = changing.slice(i, i + FARMS_AT_ONCE)
    if (await isWritten(state, together)) continue
    for (const draft of together) if (!(await isWritten(state, [draft]))) overtaken.push(draft.farmId)
  }
  return overtaken
}

async function isWritten(state: State, drafts: readonly Draft[]): Promise<boolean> {
  try {
    await state.transaction().execute((rows) => write(rows, drafts))
    return true
  } catch (error) {
    if (isTilthError(error, 'CONFLICT')) return false
    throw error
  }
}

async function write(rows: Transaction<Tables>, drafts: readonly Draft[]): Promise<void> {
  const whys = drafts.flatMap((draft) => draft.whys)
  if (whys.length > 0) await rows.insertInto('why').values(whys).execute()
  for (const { id, from, set } of drafts.flatMap((draft) => draft.changes.update)) {
    const { numUpdatedRows } = await rows
      .updateTable('run')
      .set(set)
      .where('id', '=', id)
      .where('state', '=', from)
      .executeTakeFirst()
    // sent or approved meanwhile: a replacement beside it would water twice
    if (numUpdatedRows === 0n) fail('CONFLICT', `run ${id} is no longer ${from}`)
  }
  const runs = drafts.flatMap((draft) => draft.changes.insert)
  if (runs.length > 0) await rows.insertInto('run').values(runs).execute()
  const dropped = drafts.flatMap((draft) => draft.tasks.drop.map((id) => ({ id, atMs: draft.nowMs })))
  for (const { id, atMs } of dropped)
    await rows
      .updateTable('task')
      .set({ state: 'dropped', endedAtMs: atMs, endedBy: 'plan' })
      .where('id', '=', id)
      .where('state', '=', 'open') // a person may have done it meanwhile
      .execute()
  const tasks = drafts.flatMap((draft) => draft.tasks.insert)
  if (tasks.length > 0) await rows.insertInto('task').values(tasks).execute()
  const advice = drafts.flatMap((draft) => draft.advice)
  if (advice.length === 0) return
  await rows
    .insertInto('advice')
    .values(advice)
    .onConflict((conflict) =>
      conflict.column('fieldId').doUpdateSet((row) => ({
        org: row.ref('excluded.org'),
        atMs: row.ref('excluded.atMs'),
        status: row.ref('excluded.status'),
        key: row.ref('excluded.key'),
        params: row.ref('excluded.params'),
        whyId: row.ref('excluded.whyId'),
        nextRunId: row.ref('excluded.nextRunId'),
      })),
    )
    .execute()
}
