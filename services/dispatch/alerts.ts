/** Alerts about valves: raised once per cause and valve, cleared when the cause is over. */
import { randomUUID } from 'node:crypto'
import type { AtMs } from '../../broker/contract/time.ts'
import type { Logger, State } from '../ports.ts'
import { readAlertParams, toJson, unlessInvalid } from '../tables.ts'
import type { Outbox } from './outbox.ts'

/**
 * Catalogue keys. Params: `valve`; `fault` of a valve-fault; `rule` of a rule-broken; `used` of a sequence mismatch;
 * of a meter-implausible `litres` and `mostLitres`; of a message-refused the `reason`;
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
  'meter-implausible',
  'message-refused',
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
    subject: AlertSubject,
    atMs: AtMs,
    params?: Record<string, string | number | null>,
  ): Promise<void>
  clear(cause: AlertCause, subject: AlertSubject, atMs: AtMs): Promise<void>
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

/** Loads the active valve alerts from the store. */
export async function loadValveAlerts({
  state,
  log,
  out: outbox,
}: {
  state: State
  log: Logger
  out: Outbox
}): Promise<ValveAlerts> {
  const keyOf = (cause: string, device: string | null, valve: unknown) =>
    `${cause} ${device} ${String(valve ?? '')}`
  const open = new Map<string, string>()
  const stored = await state
    .selectFrom('alert')
    .select(['id', 'org', 'cause', 'deviceId', 'params', 'sinceMs'])
    .where('clearedMs', 'is', null)
    .where('cause', 'in', alertCauses)
    .execute()
  const rows = stored.map((row) => {
    const params = unlessInvalid(
      () => readAlertParams(row.params),
      (error) => log.error({ error, alert: row.id }, 'an alert of a valve cannot be read'),
    )
    // it counts for the whole controller: its valve is unknown
    return { ...row, params: params ?? {} }
  })
  for (const { id, cause, deviceId, params } of rows) open.set(keyOf(cause, deviceId, params['valve']), id)

  /** `fields` makes the plan of every affected field recalculate: a valve that cannot open needs a person. */
  const publish = async (subject: AlertSubject, atMs: AtMs, id: string) =>
    outbox.publishEvent(subject.org, {
      event: 'alert',
      atMs,
      id,
      fields: await affectedFields(state, subject),
    })

  return {
    activeAlerts: (cause) =>
      rows.flatMap(({ org, deviceId, params, sinceMs, ...row }) => {
        if (row.cause !== cause || deviceId === null) return []
        const valve = typeof params['valve'] === 'string' ? params['valve'] : null
        return [{ org, device: deviceId, valve, sinceMs, params }]
      }),
    async raise(cause, subject, atMs, params = {}) {
      const key = keyOf(cause, subject.device, subject.valve)
      if (open.has(key)) return
      const id = randomUUID()
      await state
        .insertInto('alert')
        .values({
          id,
          org: subject.org,
          cause,
          severity: 'act',
          fieldId: subject.fieldId,
          deviceId: subject.device,
          params: toJson({ valve: subject.valve, ...params }),
          sinceMs: atMs,
          clearedMs: null,
        })
        .execute()
      open.set(key, id)
      await publish(subject, atMs, id)
    },
    async clear(cause, subject, atMs) {
      const key = keyOf(cause, subject.device, subject.valve)
      const id = open.get(key)
      if (id === undefined) return
      await state.updateTable('alert').set({ clearedMs: atMs }).where('id', '=', id).execute()
      open.delete(key)
      await publish(subject, atMs, id)
    },
  }
}

async function affectedFields(state: State, subject: AlertSubject): Promise<string[]> {
  let zones = state
    .selectFrom('zone')
    .select('fieldId')
    .distinct()
    .where('org', '=', subject.org)
    .where('controllerId', '=', subject.device)
  if (subject.valve !== null) zones = zones.where('valve', '=', subject.valve)
  const ids = (await zones.orderBy('fieldId').execute()).map(({ fieldId }) => fieldId)
  return subject.fieldId === null || ids.includes(subject.fieldId) ? ids : [...ids, subject.fieldId]
}
