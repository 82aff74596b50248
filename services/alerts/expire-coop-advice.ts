/** The advice of a co-operative to its members is active until its end time. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import { readAlertParams } from '../tables.ts'

export const coopAdviceCauses = [
  'coop-spray-window',
  'coop-spray-hours',
  'coop-storm',
  'coop-message',
] as const

/** Clears advice whose time is over; returns the cleared alerts. */
export async function expireCoopAdvice(state: State, nowMs: AtMs): Promise<{ id: string; org: string }[]> {
  const active = await state
    .selectFrom('alert')
    .select(['id', 'org', 'params'])
    .where('clearedMs', 'is', null)
    .where('cause', 'in', coopAdviceCauses)
    .execute()
  const expired = active.filter(({ params }) => Number(readAlertParams(params)['toMs'] ?? 0) <= nowMs)
  for (const { id } of expired)
    await state.updateTable('alert').set({ clearedMs: nowMs }).where('id', '=', id).execute()
  return expired.map(({ id, org }) => ({ id, org }))
}
