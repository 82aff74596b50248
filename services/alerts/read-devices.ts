/** Every device in use, with the time of its last message: telemetry, or heartbeats where it sends them. */
import { SECOND_MS, type AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import { fetchAllPages } from '../runtime/paging.ts'
import { readAlarms } from '../tables.ts'
import type { Battery } from './battery.ts'
import type { Device } from './silence.ts'

export interface DeviceStatus extends Device {
  org: string
  battery: Battery | null // null: never reported
  /** that it reports itself, by the names of its profile */
  alarms: readonly string[]
}

/** `listeningMs`: since when telemetry and heartbeats can arrive. */
export async function readDevices(
  state: State,
  { heartbeatMs, listeningMs }: { heartbeatMs: number; listeningMs: { telemetry: AtMs; heartbeats: AtMs } },
): Promise<DeviceStatus[]> {
  const rows = await fetchAllPages((afterId, limit) =>
    state
      .selectFrom('device')
      .leftJoin('farm', 'farm.id', 'device.farmId')
      .leftJoin('assignedAddress', 'assignedAddress.deviceId', 'device.id')
      .leftJoin('integration', 'integration.id', 'assignedAddress.integrationId')
      .select([
        'device.id',
        'device.org',
        'device.kind',
        'device.farmId',
        'device.fieldId',
        'device.everyS',
        'device.createdAtMs',
        'device.lastSeenMs',
        'device.batteryV',
        'device.batteryLowV',
        'device.batteryPercent',
        'device.batteryMs',
        'farm.name as farm',
        'assignedAddress.alarms',
        'integration.id as integrationId',
        'integration.name as integrationName',
      ])
      .where('device.revokedAtMs', 'is', null)
      .where('device.id', '>', afterId)
      .orderBy('device.id')
      .limit(limit)
      .execute(),
  )
  const reports = await state
    .selectFrom('valveState')
    .select(['deviceId', 'isTimed'])
    .select(({ fn }) => [
      fn.max('reportedAtMs').as('reportedAtMs'),
      fn.max('heartbeatAtMs').as('heartbeatAtMs'),
    ])
    .groupBy(['deviceId', 'isTimed'])
    .execute()
  const reportOf = new Map(reports.map((row) => [row.deviceId, row]))
  return rows.map((row) => {
    const valves = reportOf.get(row.id)
    const beats = valves !== undefined && valves.isTimed !== 1
    const messageTimes = [row.lastSeenMs, valves?.reportedAtMs ?? null, valves?.heartbeatAtMs ?? null]
    const receivedTimes = messageTimes.filter((atMs) => atMs !== null)
    return {
      id: row.id,
      org: row.org,
      fieldId: row.fieldId,
      farm: row.farmId === null ? null : { id: row.farmId, name: row.farm ?? row.farmId },
      integration:
        row.integrationId === null ? null : { id: row.integrationId, name: row.integrationName ?? '' },
      isController: row.kind === 'controller',
      everyMs: beats ? heartbeatMs : row.everyS * SECOND_MS,
      createdMs: row.createdAtMs,
      heardMs: receivedTimes.length === 0 ? null : Math.max(...receivedTimes),
      listeningMs: beats ? listeningMs.heartbeats : listeningMs.telemetry,
      alarms: row.alarms == null ? [] : readAlarms(row.alarms),
      battery:
        row.lastSeenMs === null
          ? null
          : {
              v: row.batteryV,
              lowV: row.batteryLowV,
              percent: row.batteryPercent ?? null,
              heardMs: row.batteryMs ?? row.lastSeenMs,
            },
    }
  })
}

/** The devices of other makes by the integration that they were assigned from. */
export async function readAssignedDevices(state: State): Promise<Map<string, string[]>> {
  const byIntegration = new Map<string, string[]>()
  const rows = await state.selectFrom('assignedAddress').select(['integrationId', 'deviceId']).execute()
  for (const { integrationId, deviceId } of rows)
    byIntegration.set(integrationId, [...(byIntegration.get(integrationId) ?? []), deviceId])
  return byIntegration
}
