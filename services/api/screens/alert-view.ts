/** Alerts, one row per cause: the device, and the affected fields. */
import { readAlertParams, type AlertRow, type DeviceRow, type FieldRow, type ZoneRow } from '../../tables.ts'
import type { Alert } from './today-schemas.ts'

export interface AlertPlace {
  fields: readonly Pick<FieldRow, 'id' | 'name'>[]
  zones: readonly Pick<ZoneRow, 'id' | 'fieldId' | 'controllerId' | 'valve'>[]
  devices: readonly Pick<DeviceRow, 'id' | 'name'>[]
}

// 'Paddy 2' before 'Paddy 10'
const names = new Intl.Collator('en', { numeric: true })

/**
 * In the order of the rows. Valves of one controller with the same cause share a row, with the oldest start.
 */
export function alertViews(rows: readonly AlertRow[], place: AlertPlace): Alert[] {
  const byCause = new Map<string, AlertRow[]>()
  for (const row of rows) {
    const { valve: _valve, ...rest } = readAlertParams(row.params)
    const key = row.deviceId === null ? row.id : JSON.stringify([row.cause, row.deviceId, rest])
    byCause.set(key, [...(byCause.get(key) ?? []), row])
  }
  return [...byCause.values()].map((together) => alertView(together, place))
}

function alertView(together: readonly AlertRow[], { fields, zones, devices }: AlertPlace): Alert {
  const first = together.reduce((a, b) => (b.sinceMs < a.sinceMs ? b : a))
  const concerned = new Set(together.flatMap((row) => fieldsOf(row, zones)))
  const device = devices.find(({ id }) => id === first.deviceId)
  return {
    id: first.id,
    cause: first.cause,
    severity: first.severity,
    params: readAlertParams(first.params),
    fieldId: first.fieldId,
    deviceId: first.deviceId,
    deviceName: device?.name ?? null,
    fields: fields
      .filter(({ id }) => concerned.has(id))
      .map(({ id, name }) => ({ id, name }))
      .sort((a, b) => names.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)),
    zoneIds: zones.filter((zone) => together.some((row) => isOfValve(row, zone))).map(({ id }) => id),
    sinceMs: first.sinceMs,
  }
}

/** Whether the alert names the valve of a zone. */
function isOfValve({ deviceId, params }: AlertRow, zone: AlertPlace['zones'][number]): boolean {
  const { valve } = readAlertParams(params)
  return valve != null && deviceId !== null && zone.controllerId === deviceId && zone.valve === valve
}

/** Its own field, and the fields wired to its controller; only to its valve when it names one. */
export function fieldsOf(
  alert: AlertRow,
  zones: readonly Pick<ZoneRow, 'fieldId' | 'controllerId' | 'valve'>[],
): string[] {
  const { valve } = readAlertParams(alert.params)
  const wired = zones.filter(
    (zone) =>
      zone.controllerId !== null &&
      zone.controllerId === alert.deviceId &&
      (valve == null || zone.valve === valve),
  )
  return [...(alert.fieldId === null ? [] : [alert.fieldId]), ...wired.map(({ fieldId }) => fieldId)]
}
