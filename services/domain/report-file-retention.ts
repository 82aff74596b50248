/**
 * Files of a season stand on what members let be seen. What is withdrawn must not be in a file that is given later:
 * whoever changes it drops the files in the same transaction, or after the last of many (import-members.ts), and one that
 * is just being made is made anew.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'

/** Drops the files of an organisation; their orders say why. */
export async function dropReportFiles(rows: State, org: string): Promise<void> {
  await rows
    .updateTable('reportOrder')
    .set({ state: 'failed', code: 'CONFLICT', file: null, bytes: null })
    .where('org', '=', org)
    .where('state', '=', 'done')
    .execute()
  await rows
    .updateTable('reportOrder')
    .set({ state: 'waiting', tries: 0 })
    .where('org', '=', org)
    .where('state', '=', 'making')
    .execute()
}

/** Where rows of an organisation are erased: its own files with their orders, and those of co-operatives that it is in. */
export async function dropFilesOfErased(rows: State, org: string): Promise<void> {
  const coops = await rows.selectFrom('membership').select('coop').where('org', '=', org).execute()
  await rows
    .deleteFrom('reportOrder')
    .where('org', '=', org)
    .where('state', 'in', ['done', 'failed'])
    .execute()
  for (const item of new Set([org, ...coops.map(({ coop }) => coop)])) await dropReportFiles(rows, item)
}

/** Whether what members let `coop` see is another than at an instant. */
export async function sharesChanged(state: State, coop: string, sinceMs: AtMs): Promise<boolean> {
  const moved = await state
    .selectFrom('membership')
    .select('id')
    .where('coop', '=', coop)
    .where((is) => is.or([is('joinedMs', '>', sinceMs), is('endedMs', '>', sinceMs)]))
    .limit(1)
    .executeTakeFirst()
  if (moved) return true
  const stated = await state
    .selectFrom('consent')
    .innerJoin('membership', 'membership.id', 'consent.membershipId')
    .select('consent.id')
    .where('membership.coop', '=', coop)
    .where('consent.atMs', '>', sinceMs)
    .limit(1)
    .executeTakeFirst()
  return stated !== undefined
}
