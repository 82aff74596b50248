/** Alerts about valves: raised once per cause and valve, cleared when the cause is over. */
import { randomUUID } from 'node:crypto'
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import { fromJson, toJson } from '../tables.ts'
import type { Outbox } from './outbox.ts'

/**
 * Catalogue keys. Params: `valve`; `fault` of a valve-fault; `rule` of a rule-broken; `used` of a sequence mismatch;
 * of both flow alerts `flow` (a FlowKind), `at` (its valves), `lpm`, `expectedLpm` and the action taken in `done`.
 */
export const alertCauses = [
  'valve-unconfirmed',
  'valve-locked-out',
  'valve-fault',
  'rule-broken',
  'sequence-mismatch',
  'flow-alarm',
  'flow-leak',
] as const
export type AlertCause = (typeof alertCauses)[number]

export interface AlertSubject {
  org: string
  device: string
  valve: string | null // null: the whole controller
  fieldId: string | null // null: every field that the device irrigates
}

export interface ValveAlerts {
  raise(
    cause: AlertCause,
    of: AlertSubject,
    atMs: AtMs,
    params?: Record<string, string | number | null>,
  ): Promise<void>
  clear(cause: AlertCause, of: AlertSubject, atMs: AtMs): Promise<void>
  /** Alerts that were active when the process started. */
  activeAlerts(cause: AlertCause): ActiveAlert[]
}

export interface ActiveAlert {
  org: string
  device: string
  valve: string | null
  sinceMs: AtMs
  params: Record<string, string | number | null>
}

export async function loadValveAlerts({
  state,
  out: outbox,
}: {
  state: State
  out: Outbox
}): Promise<ValveAlerts> {
  const keyOf = (cause: string, device: string | null, valve: unknown) =>
    `${cause} ${device} ${String(valve ?? '')}`
  const open = new Map<string, string>()
  const rows = await state
    .selectFrom('alert')
    .select(['id', 'org', 'cause', 'deviceId', 'params', 'sinceMs'])
    .where('clearedMs', 'is', null)
    .where('cause', 'in', alertCauses)
    .execute()
  for (const { id, cause, deviceId, params } of rows)
    open.set(keyOf(cause, deviceId, fromJson(params)['valve']), id)

  /** The plan of every affected field is recalculated: a valve that cannot open needs a person. */
  const publish = async (of: AlertSubject, atMs: AtMs, id: string) =>
    outbox.publishEvent(of.org, { event: 'alert', atMs, id, fields: await affectedFields(state, of) })

  return {
    activeAlerts: (cause) =>
      rows.flatMap(({ org, deviceId, params, sinceMs, ...row }) => {
        if (row.cause !== cause || deviceId === null) return []
        const all = fromJson(params)
        const valve = typeof all['valve'] === 'string' ? all['valve'] : null
        return [{ org, device: deviceId, valve, sinceMs, params: all }]
      }),
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
      await publish(of, atMs, id)
    },
    async clear(cause, of, atMs) {
      const key = keyOf(cause, of.device, of.valve)
      const id = open.get(key)
      if (id === undefined) return
      await state.updateTable('alert').set({ clearedMs: atMs }).where('id', '=', id).execute()
      open.delete(key)
      await publish(of, atMs, id)
    },
  }
}

async function affectedFields(state: State, of: AlertSubject): Promise<string[]> {
  let zones = state
    .selectFrom('zone')
    .select('fieldId')
    .distinct()
    .where('org', '=', of.org)
    .where('controllerId', '=', of.device)
  if (of.valve !== null) zones = zones.where('valve', '=', of.valve)
  const ids = (await zones.orderBy('fieldId').execute()).map(({ fieldId }) => fieldId)
  return of.fieldId === null || ids.includes(of.fieldId) ? ids : [...ids, of.fieldId]
}
