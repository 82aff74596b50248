/** The alert rows of this module: raised, updated and cleared until they match the desired alerts. */
import { randomUUID } from 'node:crypto'
import type { AtMs } from '../../broker/contract/time.ts'
import type { Logger, State } from '../ports.ts'
import { inOrg } from '../runtime/transactions.ts'
import { readAlertParams, toJson, unlessInvalid } from '../tables.ts'
import { managedCauses, type ManagedCause, type DesiredAlert } from './desired-alerts.ts'

export interface AlertChange {
  id: string
  org: string
  fieldId: string | null
}

export interface AlertStore {
  /** The organisations with at least one active alert. */
  orgs(): string[]
  active(org: string): DesiredAlert[]
  /** Returns the alerts that were raised, changed or cleared. On failure nothing has changed. */
  reconcile(org: string, desired: readonly DesiredAlert[], nowMs: AtMs): Promise<AlertChange[]>
}

type Row = DesiredAlert & { id: string }

/**
 * Reads the active alerts. One whose parameters cannot be read is logged and has none: the next `reconcile` clears
 * it.
 */
export async function loadAlertStore({ state, log }: { state: State; log: Logger }): Promise<AlertStore> {
  const byOrg = new Map<string, Map<string, Row>>()
  const rows = await state
    .selectFrom('alert')
    .select(['id', 'org', 'cause', 'severity', 'fieldId', 'deviceId', 'params', 'sinceMs'])
    .where('clearedMs', 'is', null)
    .where('cause', 'in', managedCauses)
    .execute()
  for (const row of rows) {
    const params = unlessInvalid(
      () => readAlertParams(row.params),
      (error) => log.error({ error, alert: row.id }, 'an alert cannot be read'),
    )
    // without its parameters it matches no desired alert: the next check clears it
    const activeRow: Row = { ...row, cause: row.cause as ManagedCause, params: params ?? {} }
    byOrg.set(row.org, (byOrg.get(row.org) ?? new Map()).set(alertKey(activeRow), activeRow))
  }
  const ofOrg = (org: string): ReadonlyMap<string, Row> => byOrg.get(org) ?? new Map()

  return {
    orgs: () => [...byOrg.keys()],
    active: (org) => [...ofOrg(org).values()],
    async reconcile(org, desired, nowMs) {
      const before = ofOrg(org)
      const after = new Map(
        desired.map((alert) => [
          alertKey(alert),
          { id: before.get(alertKey(alert))?.id ?? randomUUID(), ...alert },
        ]),
      )
      const raised = [...after].filter(([key]) => !before.has(key)).map(([, row]) => row)
      const changed = [...after]
        .filter(([key, row]) => hasChanged(row, before.get(key)))
        .map(([, row]) => row)
      const cleared = [...before].filter(([key]) => !after.has(key)).map(([, row]) => row)
      if (raised.length + changed.length + cleared.length > 0)
        await inOrg(state, org, async (rows) => {
          for (const { params, ...row } of raised)
            await rows
              .insertInto('alert')
              .values({ ...row, params: toJson(params), clearedMs: null })
              .execute()
          for (const { id, params, severity } of changed)
            await rows
              .updateTable('alert')
              .set({ params: toJson(params), severity })
              .where('id', '=', id)
              .execute()
          for (const { id } of cleared)
            await rows.updateTable('alert').set({ clearedMs: nowMs }).where('id', '=', id).execute()
        })
      if (after.size > 0) byOrg.set(org, after)
      else byOrg.delete(org)
      return [...raised, ...changed, ...cleared].map(({ id, fieldId }) => ({ id, org, fieldId }))
    },
  }
}

/** One cause on one device, one farm or one integration is one alert for as long as it lasts. */
const alertKey = ({ cause, deviceId, sinceMs, params }: DesiredAlert): string =>
  JSON.stringify([
    cause,
    deviceId,
    sinceMs,
    ...['farmId', 'integration', 'pest'].map((name) => params[name] ?? null),
  ])

const hasChanged = (now: Row, before: Row | undefined): boolean =>
  before !== undefined && (now.severity !== before.severity || toJson(now.params) !== toJson(before.params))
