/** Writes plans to the state store. One transaction for many farms: the disk is the cost, not the rows. */
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import type { Transaction } from 'kysely'
import { fail, isTilthError } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrgs } from '../../runtime/transactions.ts'
import type { AdviceRow, Tables } from '../../tables.ts'
import type { Changeset } from './changeset.ts'

const BATCH_FARMS = 50
// a statement has a maximum number of values, and leases and messages are served between two
const BATCH_ROWS = 200

/**
 * Writes the changes. Returns the farms whose runs changed during planning: nothing of theirs is written, plan
 * them again.
 */
export async function savePlans(state: State, changesets: readonly Changeset[]): Promise<string[]> {
  const changing = changesets.filter((changeset) => changeset.fields.length > 0)
  const outdated: string[] = []
  for (let i = 0; i < changing.length; i += BATCH_FARMS) {
    const together = changing.slice(i, i + BATCH_FARMS)
    if (await trySave(state, together)) continue
    for (const changeset of together)
      if (!(await trySave(state, [changeset]))) outdated.push(changeset.farmId)
  }
  return outdated
}

async function trySave(state: State, changesets: readonly Changeset[]): Promise<boolean> {
  try {
    await inOrgs(
      state,
      changesets.map(({ org }) => org),
      (rows) => write(rows, changesets),
    )
    return true
  } catch (error) {
    if (isTilthError(error, 'CONFLICT')) return false
    throw error
  }
}

async function write(rows: Transaction<Tables>, changesets: readonly Changeset[]): Promise<void> {
  const decisions = changesets.flatMap((changeset) => changeset.decisions)
  await inBatches(decisions, (batch) => rows.insertInto('decision').values(batch).execute())
  const updates = changesets.flatMap((changeset) => changeset.changes.update)
  await inBatches(updates, async (batch) => {
    for (const { id, from, set } of batch) {
      const { numUpdatedRows } = await rows
        .updateTable('run')
        .set(set)
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst()
      // sent or approved meanwhile: a replacement in addition to it would irrigate twice
      if (numUpdatedRows === 0n) fail('CONFLICT', `run ${id} is no longer ${from}`)
    }
  })
  const runs = changesets.flatMap((changeset) => changeset.changes.insert)
  await inBatches(runs, (batch) => rows.insertInto('run').values(batch).execute())
  const dropped = changesets.flatMap((changeset) =>
    changeset.tasks.drop.map((id) => ({ id, atMs: changeset.nowMs })),
  )
  for (const { id, atMs } of dropped)
    await rows
      .updateTable('task')
      .set({ state: 'dropped', endedAtMs: atMs, endedBy: 'plan' })
      .where('id', '=', id)
      .where('state', '=', 'open') // a person may have done it meanwhile
      .execute()
  const tasks = changesets.flatMap((changeset) => changeset.tasks.insert)
  await inBatches(tasks, (batch) => rows.insertInto('task').values(batch).execute())
  const advice = changesets.flatMap((changeset) => changeset.advice)
  await inBatches(advice, (batch) => writeAdvice(rows, batch))
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
        water: row.ref('excluded.water'),
        demand: row.ref('excluded.demand'),
        decisionId: row.ref('excluded.decisionId'),
        nextRunId: row.ref('excluded.nextRunId'),
      })),
    )
    .execute()

async function inBatches<T>(
  items: readonly T[],
  write: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += BATCH_ROWS) {
    if (from > 0) await yieldToEventLoop()
    await write(items.slice(from, from + BATCH_ROWS))
  }
}
