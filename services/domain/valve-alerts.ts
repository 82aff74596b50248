/** Alerts about valves: raised once per cause and valve, cleared when the cause is over. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { ChangeEvent, Logger, State } from '../ports.ts'
import { readAlertParams, toJson, unlessInvalid } from '../tables.ts'

export interface AlertSubject {
  org: string
  device: string
  valve: string | null // null: the whole controller
  fieldId: string | null // null: every field that the device irrigates
}

export interface ValveAlerts<Cause extends string> {
  raise(
    cause: Cause,
    subject: AlertSubject,
    atMs: AtMs,
    params?: Record<string, string | number | null>,
  ): Promise<void>
  clear(cause: Cause, subject: AlertSubject, atMs: AtMs): Promise<void>
  /** Alerts that were active when the process started. */
  activeAlerts(cause: Cause): ActiveAlert[]
}

export interface ActiveAlert {
  org: string
  device: string
  valve: string | null
  sinceMs: AtMs
  params: Record<string, string | number | null>
}

/** Loads the active alerts of these causes from the store. `publish` does not wait for the bus. */
export async function loadValveAlerts<Cause extends string>({
  state,
  log,
  causes,
  newId,
  publish: publishEvent,
}: {
  state: State
  log: Logger
  causes: readonly Cause[]
  newId: () => string
  publish: (org: string, change: ChangeEvent) => void
}): Promise<ValveAlerts<Cause>> {
  const keyOf = (cause: string, device: string | null, valve: unknown) =>
    `${cause} ${device} ${String(valve ?? '')}`
  const open = new Map<string, string>()
  const stored = await state
    .selectFrom('alert')
    .select(['id', 'org', 'cause', 'deviceId', 'params', 'sinceMs'])
    .where('clearedMs', 'is', null)
    .where('cause', 'in', causes)
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
    publishEvent(subject.org, {
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
      const id = newId()
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
