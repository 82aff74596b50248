/** Writes plans to the state store. One transaction for many farms: what costs is the disk, not the rows. */
import { breath } from '../../breath.ts'
import type { Transaction } from 'kysely'
import { fail, isTilthError } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { AdviceRow, Tables } from '../../tables.ts'
import type { Draft } from './changeset.ts'

const FARMS_AT_ONCE = 50
// a statement holds only so many values, and leases and messages have their turn between two
const ROWS_AT_ONCE = 200

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
  await inParts(whys, (some) => rows.insertInto('why').values(some).execute())
  const updates = drafts.flatMap((draft) => draft.changes.update)
  await inParts(updates, async (some) => {
    for (const { id, from, set } of some) {
      const { numUpdatedRows } = await rows
        .updateTable('run')
        .set(set)
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst()
      // sent or approved meanwhile: a replacement beside it would water twice
      if (numUpdatedRows === 0n) fail('CONFLICT', `run ${id} is no longer ${from}`)
    }
  })
  const runs = drafts.flatMap((draft) => draft.changes.insert)
  await inParts(runs, (some) => rows.insertInto('run').values(some).execute())
  const dropped = drafts.flatMap((draft) => draft.tasks.drop.map((id) => ({ id, atMs: draft.nowMs })))
  for (const { id, atMs } of dropped)
    await rows
      .updateTable('task')
      .set({ state: 'dropped', endedAtMs: atMs, endedBy: 'plan' })
      .where('id', '=', id)
      .where('state', '=', 'open') // a person may have done it meanwhile
      .execute()
  const tasks = drafts.flatMap((draft) => draft.tasks.insert)
  await inParts(tasks, (some) => rows.insertInto('task').values(some).execute())
  const advice = drafts.flatMap((draft) => draft.advice)
  await inParts(advice, (some) => writeAdvice(rows, some))
}

const writeAdvice = (rows: Transaction<Tables>, advice: readonly AdviceRow[]) =>
  rows
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

async function inParts<T>(all: readonly T[], write: (some: readonly T[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += ROWS_AT_ONCE) {
    if (from > 0) await breath()
    await write(all.slice(from, from + ROWS_AT_ONCE))
  }
}
