/** The devices of an organisation, as a list shows them. */
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import { forecastBatteryDays, type BatteryDay } from '../../domain/battery-forecast.ts'
import { integrationsByDevice } from '../integrations/foreign-device-queries.ts'
import { couldHaveStoppedAt } from '../../domain/outage.ts'
import type { State } from '../../ports.ts'
import { readAlertParams } from '../../tables.ts'
import type { DeviceView } from './device-schemas.ts'
import { deviceView, lastContact, type LastContact } from './device-view.ts'
import { freshness } from './device-view.ts'

/**
 * In the order of their names. `heartbeatMs`: interval of an idle controller. `batteries`: daily voltages by device
 * id; without them the days that a battery lasts are unknown.
 */
export async function listDevices(
  state: State,
  org: string,
  nowMs: AtMs,
  heartbeatMs: number = standardTiming.heartbeatIdleMs,
  batteries: ReadonlyMap<string, readonly BatteryDay[]> = new Map(),
): Promise<DeviceView[]> {
  const [devices, fields, claims, reports, alerts, integrationOf] = await Promise.all([
    state.selectFrom('device').selectAll().where('org', '=', org).orderBy('name').execute(),
    state.selectFrom('field').select(['id', 'name']).where('org', '=', org).execute(),
    state
      .selectFrom('claim')
      .select(['deviceId', 'expiresMs'])
      .where('org', '=', org)
      .where('usedMs', 'is', null)
      .where('expiresMs', '>', nowMs)
      .execute(),
    state
      .selectFrom('valveState')
      .select(['deviceId', 'reportedAtMs', 'heartbeatAtMs', 'isTimed'])
      .where('org', '=', org)
      .execute(),
    state
      .selectFrom('alert')
      .select(['cause', 'deviceId', 'sinceMs', 'params'])
      .where('org', '=', org)
      .where('cause', 'in', ['battery-low', 'farm-silent', 'devices-silent', 'integration-silent'])
      .where('clearedMs', 'is', null)
      .execute(),
    integrationsByDevice(state, org),
  ])
  const reportsOf = new Map<string, typeof reports>()
  for (const report of reports)
    reportsOf.set(report.deviceId, [...(reportsOf.get(report.deviceId) ?? []), report])
  const isLow = new Set(alerts.map(({ deviceId }) => deviceId))
  const outages = alerts
    .filter(({ deviceId }) => deviceId === null)
    .map(({ sinceMs, params }) => {
      const { farmId = null, integration = null } = readAlertParams(params)
      return { sinceMs, farmId, integrationId: integration }
    })
  const nameOf = new Map(fields.map(({ id, name }) => [id, name]))
  const claimableUntilMs = new Map(claims.map(({ deviceId, expiresMs }) => [deviceId, expiresMs]))
  return devices.map((device) => {
    const contact = lastContact(device, reportsOf.get(device.id) ?? [], heartbeatMs)
    return deviceView(
      device,
      nameOf.get(device.fieldId ?? '') ?? null,
      claimableUntilMs.get(device.id) ?? null,
      {
        contact,
        isBatteryLow: isLow.has(device.id),
        batteryLeft: forecastBatteryDays(batteries.get(device.id) ?? [], device.batteryLowV),
        integrationName: integrationOf.get(device.id)?.name ?? null,
        outageMs: findOutage(
          { farmId: device.farmId, integrationId: integrationOf.get(device.id)?.id ?? null },
          contact,
          outages,
          nowMs,
        ),
        nowMs,
      },
    )
  })
}

/**
 * The outage of a device, as in its alert: silent, and stopped at that moment as far as is known. `outages`: of one farm
 * or one integration, or, with null, of several.
 */
function findOutage(
  device: { farmId: string | null; integrationId: string | null },
  { lastMs, everyMs }: LastContact,
  outages: readonly { sinceMs: AtMs; farmId: unknown; integrationId: unknown }[],
  nowMs: AtMs,
): AtMs | null {
  if (lastMs === null || freshness(nowMs - lastMs, everyMs) !== 'lost') return null
  const outage = outages.find(
    (of) =>
      (of.farmId === null || of.farmId === device.farmId) &&
      (of.integrationId === null || of.integrationId === device.integrationId) &&
      couldHaveStoppedAt({ heardMs: lastMs, everyMs }, of.sinceMs),
  )
  return outage?.sinceMs ?? null
}
