/** Alerts of valves: raised once for each cause and valve, cleared by what puts it right. */
import { randomUUID } from 'node:crypto'
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import { fromJson, toJson } from '../tables.ts'
import type { Outbox } from './outbox.ts'

/** Catalogue keys; params: `valve`, and `fault` of a valve-fault. */
export const alertCauses = ['valve-unconfirmed', 'valve-locked-out', 'valve-fault'] as const
export type AlertCause = (typeof alertCauses)[number]

export interface AlertSubject {
  org: string
  device: string
  valve: string | null // null: the whole controller
  fieldId: string | null
}

export interface Alerts {
  raise(
    cause: AlertCause,
    of: AlertSubject,
    atMs: AtMs,
    params?: Record<string, string | number | null>,
  ): Promise<void>
  clear(cause: AlertCause, of: AlertSubject, atMs: AtMs): Promise<void>
}

export async function openAlerts({ state, out }: { state: State; out: Outbox }): Promise<Alerts> {
  const keyOf = (cause: string, device: string | null, valve: unknown) =>
    `${cause} ${device} ${String(valve ?? '')}`
  const open = new Map<string, string>()
  const rows = await state
    .selectFrom('alert')
    .select(['id', 'cause', 'deviceId', 'params'])
    .where('clearedMs', 'is', null)
    .where('cause', 'in', alertCauses)
    .execute()
  for (const { id, cause, deviceId, params } of rows)
    open.set(keyOf(cause, deviceId, fromJson(params)['valve']), id)

  const tell = (of: AlertSubject, atMs: AtMs, id: string) =>
    out.announce(of.org, {
      event: 'alert',
      atMs,
      id,
      ...(of.fieldId === null ? {} : { fields: [of.fieldId] }),
    })

  return {
    async raise(cause, of, atMs, params = {}) {
      const key = keyOf(cause, of.device, of.valve)
      if (open.has(key)) return
      const id = randomUUID()
      await state
        .insertInto('alert')
        .values({
          id,
          org: of.org,
          cause,
          severity: 'act',
          fieldId: of.fieldId,
          deviceId: of.device,
          params: toJson({ valve: of.valve, ...params }),
          sinceMs: atMs,
          clearedMs: null,
        })
        .execute()
      open.set(key, id)
      tell(of, atMs, id)
    },
    async clear(cause, of, atMs) {
      const key = keyOf(cause, of.device, of.valve)
      const id = open.get(key)
      if (id === undefined) return
      await state.updateTable('alert').set({ clearedMs: atMs }).where('id', '=', id).execute()
      open.delete(key)
      tell(of, atMs, id)
    },
  }
}
