/**
 * Season files depend on what members share. A file must not contain withdrawn data: a change of consent drops the
 * files in the same transaction, or after the last of many (import-members.ts), and a file in progress is created
 * again.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'

/** Drops the files of an organisation; their orders state why. */
export async function dropReportFiles(rows: State, org: string): Promise<void> {
  await rows
    .updateTable('reportOrder')
    .set({ state: 'failed', code: 'CONFLICT', file: null, bytes: null })
    .where('org', '=', org)
    .where('state', '=', 'done')
    .execute()
  await rows
    .updateTable('reportOrder')
    .set({ state: 'waiting', attempts: 0 })
    .where('org', '=', org)
    .where('state', '=', 'running')
    .execute()
}

/** For an organisation whose rows are erased: its own files with their orders, and the files of its co-operatives. */
export async function dropFilesOfErased(rows: State, org: string): Promise<void> {
  const coops = await rows.selectFrom('membership').select('coop').where('org', '=', org).execute()
  await rows
    .deleteFrom('reportOrder')
    .where('org', '=', org)
    .where('state', 'in', ['done', 'failed'])
    .execute()
  for (const owner of new Set([org, ...coops.map(({ coop }) => coop)])) await dropReportFiles(rows, owner)
}

/** Whether the data that members share with `coop` has changed since an instant. */
export async function sharesChanged(state: State, coop: string, sinceMs: AtMs): Promise<boolean> {
  const moved = await state
    .selectFrom('membership')
    .select('id')
    .where('coop', '=', coop)
    .where((eb) => eb.or([eb('joinedMs', '>', sinceMs), eb('endedMs', '>', sinceMs)]))
    .limit(1)
    .executeTakeFirst()
  if (moved) return true
  const consent = await state
    .selectFrom('consent')
    .innerJoin('membership', 'membership.id', 'consent.membershipId')
    .select('consent.id')
    .where('membership.coop', '=', coop)
    .where('consent.atMs', '>', sinceMs)
    .limit(1)
    .executeTakeFirst()
  return consent !== undefined
}
