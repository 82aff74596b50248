/**
 * Checks once a minute what no other part reports: silent devices, batteries, storage, an unreachable broker, fields
 * that need water. Problems raise alerts, and the alerts clear by themselves when the problem is over.
 */
import { DAY_MS, every, MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { Bus, ChangeEvent, Clock, Logger, Running, SeriesStore, State } from '../ports.ts'
import type { Forecast } from '../ports/forecast.ts'
import type { Journal } from '../ports/journal.ts'
import { readFrostedFields } from './crop-frost.ts'
import { backupAlerts, type BackupAge } from './backup-overdue.ts'
import { forecastAlerts } from './forecast-alerts.ts'
import { batteryForecastAlerts, watchBatteries, type BatteryWatch } from './battery.ts'
import { deviceAlarmAlerts } from './device-alarms.ts'
import { loadAlertStore } from './alert-store.ts'
import { irrigationNeededAlerts, readFarmsNeedingWater, type FarmNeedingWater } from './irrigation-needed.ts'
import { devicesBehind, integrationAlerts, type IntegrationConnection } from './integration-down.ts'
import { readAssignedDevices, readDevices, type DeviceStatus } from './read-devices.ts'
import { silenceAlerts } from './silence.ts'
import { expireCoopAdvice } from './expire-coop-advice.ts'
import { storageAlerts, type StorageCapacity } from './storage.ts'
import { publishChange } from '../runtime/change-events.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import { isForecastAlert, type DesiredAlert } from './desired-alerts.ts'
import { watchForecasts } from './watch-forecasts.ts'
import { watchBatteryForecasts } from './watch-battery-forecasts.ts'

export interface AlertsDeps {
  state: State
  series: SeriesStore
  bus: Bus
  journal: Pick<Journal, 'lagMs'>
  /** null: no forecast is configured */
  forecast: Forecast | null
  clock: Clock
  log: Logger
  /** heartbeat interval of a controller */
  heartbeatMs: number
  /** of the fullest disk in use */
  capacity(): StorageCapacity
  /** Age of the newest nightly backup, s; Infinity without one. Absent: none are taken. */
  backupAgeS?: (() => number) | undefined
  /** losses of data that were accepted at a start */
  acceptedLosses: readonly { store: string; atMs: AtMs }[]
  /** False while the external broker of BUS is unreachable: then no device can be received. */
  isBrokerReachable(): boolean
  /** The integrations that are on; absent: there are none. */
  integrations?(): readonly IntegrationConnection[]
  /** Messages and log lines dropped for lack of space since the start. */
  droppedCount(): number
  /** Called at each check. */
  onCapacity?(room: StorageCapacity): void
}

export interface Alerts extends Running {
  /** Requests a check before the next minute. */
  checkSoon(): void
  settled(): Promise<void>
}

const CHECK_EVERY_BEATS = 6
const AWAY_AFTER_MS = 2 * MINUTE_MS
// ingest retries its store every half minute at most
const BEHIND_MS = 2 * MINUTE_MS
const WAIT_AFTER_MS = 10 * MINUTE_MS

/** The status that all organisations share. */
interface ServerStatus {
  nowMs: AtMs
  capacity: StorageCapacity
  dropped: number
  awaySinceMs: AtMs | null
  waitSinceMs: AtMs | null
  losses: AlertsDeps['acceptedLosses']
  backup: BackupAge
}

/**
 * Resolves when the active alerts are read. A check runs at once and then every six heartbeats; a failed check is
 * logged and repeated with the next.
 */
export async function startAlerts(deps: AlertsDeps): Promise<Alerts> {
  const { state, bus, journal, clock, log, heartbeatMs, isBrokerReachable: isHearing, droppedCount } = deps
  const checkEveryMs = CHECK_EVERY_BEATS * heartbeatMs
  const store = await loadAlertStore({ state, log })
  const batteries = watchBatteries()
  const batteryLeft = watchBatteryForecasts({ state, series: deps.series, clock, log })
  const ahead = deps.forecast && watchForecasts({ state, forecast: deps.forecast, clock, log })
  const listeningMs = { telemetry: clock.now(), heartbeats: clock.now() }
  const startedMs = clock.now()
  let checkedMs = startedMs
  let awaySinceMs: AtMs | null = null
  const checks = serialQueue()
  void checks.enqueue(check)
  const stopChecking = every(clock, checkEveryMs, () => checks.enqueue(check))

  /** A failure is logged: the next check comes soon. */
  async function check(): Promise<void> {
    try {
      const server = readServerStatus()
      const devices = await readDevices(state, { heartbeatMs, listeningMs })
      const devicesOf = await readAssignedDevices(state)
      const dry = await readFarmsNeedingWater(state)
      const frosted = await readFrostedFields(state)
      const farms = await state.selectFrom('farm').select('org').distinct().orderBy('org').execute()
      const byOrg = new Map(farms.map(({ org }) => [org, [] as DeviceStatus[]]))
      for (const device of devices) byOrg.get(device.org)?.push(device)
      for (const org of new Set([...byOrg.keys(), ...store.orgs()]))
        await settle(org, byOrg.get(org) ?? null, devicesOf, dry, frosted, server)
      for (const { org, id } of await expireCoopAdvice(state, server.nowMs))
        await publishAlertChange(org, id, null)
    } catch (error) {
      log.error({ error }, 'alerts could not be checked; retrying')
    }
  }

  function readServerStatus(): ServerStatus {
    const nowMs = clock.now()
    const room = deps.capacity()
    deps.onCapacity?.(room)
    const lagMs = journal.lagMs('ingest')
    // the process or its clock was suspended or jumped: nothing was received meanwhile
    const hasJumped = nowMs < checkedMs || nowMs - checkedMs > 3 * checkEveryMs
    checkedMs = nowMs
    if (!isHearing() || hasJumped) listeningMs.heartbeats = listeningMs.telemetry = nowMs
    if (room.level === 'full' || lagMs > BEHIND_MS) listeningMs.telemetry = nowMs
    awaySinceMs = isHearing() ? null : (awaySinceMs ?? nowMs)
    return {
      nowMs,
      capacity: room,
      dropped: droppedCount(),
      awaySinceMs: awaySinceMs !== null && nowMs - awaySinceMs >= AWAY_AFTER_MS ? awaySinceMs : null,
      // on a full disk they wait for space, which has an alert of its own
      losses: deps.acceptedLosses,
      backup: { ageS: deps.backupAgeS?.() ?? null, startedMs },
      waitSinceMs: lagMs > WAIT_AFTER_MS && room.level !== 'full' ? nowMs - lagMs : null,
    }
  }

  /** `devices`: null when the organisation has no farm any more. */
  async function settle(
    org: string,
    devices: DeviceStatus[] | null,
    devicesOf: ReadonlyMap<string, readonly string[]>,
    dry: readonly FarmNeedingWater[],
    frosted: readonly DesiredAlert[],
    server: ServerStatus,
  ): Promise<void> {
    const activeAlerts = store.active(org)
    const down = integrationAlerts(org, deps.integrations?.() ?? [], devicesOf, activeAlerts, server.nowMs)
    const behind = devicesBehind(down, devicesOf)
    const low = lowBatteryAlerts(devices ?? [], activeAlerts, batteries)
    const desired =
      devices === null
        ? []
        : [
            ...serverAlerts(org, activeAlerts, server),
            ...down,
            ...silenceAlerts(
              org,
              devices.filter(({ id }) => !behind.has(id)),
              activeAlerts,
              server.nowMs,
            ),
            ...low,
            ...deviceAlarmAlerts(devices, activeAlerts, server.nowMs),
            ...batteryForecastAlerts(devices, batteryLeft.latest(), {
              standing: activeAlerts,
              low,
              nowMs: server.nowMs,
            }),
            ...aheadOf(org, activeAlerts, server.nowMs),
            ...frosted.filter((alert) => alert.org === org),
            ...irrigationNeededAlerts(
              dry.filter((farm) => farm.org === org),
              activeAlerts,
              server.nowMs,
            ),
          ]
    for (const { id, fieldId } of await store.reconcile(org, desired, server.nowMs))
      await publishAlertChange(org, id, fieldId)
  }

  async function publishAlertChange(org: string, id: string, fieldId: string | null): Promise<void> {
    const fields = fieldId === null ? [] : [fieldId]
    const event: ChangeEvent = { event: 'alert', atMs: clock.now(), id, fields }
    await publishChange(bus, org, event).catch((error: unknown) =>
      log.debug({ error }, 'an alert event was not published'),
    )
  }

  /** Until the forecast has been read, active forecast alerts stay as they are. */
  function aheadOf(org: string, activeAlerts: readonly DesiredAlert[], nowMs: AtMs): DesiredAlert[] {
    if (ahead === null) return []
    const farms = ahead.latest()
    if (farms === null) return activeAlerts.filter(({ cause }) => isForecastAlert(cause))
    return farms
      .filter((farm) => farm.org === org)
      .flatMap((farm) => forecastAlerts(farm, activeAlerts, nowMs))
  }

  return {
    checkSoon: () => void checks.enqueue(check),
    async settled() {
      await ahead?.settled()
      await batteryLeft.settled()
      await checks.settled()
    },
    async stop() {
      stopChecking()
      await checks.settled()
      await ahead?.settled()
      await batteryLeft.settled()
    },
  }
}

/** An active alert keeps its start time over a restart. */
function serverAlerts(
  org: string,
  activeAlerts: readonly DesiredAlert[],
  server: ServerStatus,
): DesiredAlert[] {
  const { nowMs, capacity: room, dropped, awaySinceMs, waitSinceMs, losses, backup } = server
  const plain = (cause: 'broker-unreachable' | 'ingest-backlog', sinceMs: AtMs | null): DesiredAlert[] => {
    if (sinceMs === null) return []
    const active = activeAlerts.find((alert) => alert.cause === cause)
    const place = { org, fieldId: null, deviceId: null }
    return [{ ...place, cause, severity: 'act', params: {}, sinceMs: active?.sinceMs ?? sinceMs }]
  }
  return [
    ...storageAlerts(org, room, { dropped, standing: activeAlerts, nowMs }),
    ...plain('broker-unreachable', awaySinceMs),
    ...plain('ingest-backlog', waitSinceMs),
    ...backupAlerts(org, backup, { standing: activeAlerts, nowMs }),
    ...lossAlerts(org, losses, nowMs),
  ]
}

/** For a fortnight: everyone who uses the farm has seen it by then, and the audit keeps it. */
const lossAlerts = (org: string, losses: AlertsDeps['acceptedLosses'], nowMs: AtMs): DesiredAlert[] =>
  losses
    .filter(({ atMs }) => nowMs - atMs < 14 * DAY_MS)
    .map(({ store, atMs }, i) => ({
      org,
      cause: 'data-lost',
      severity: 'act',
      fieldId: null,
      deviceId: null,
      params: { store },
      sinceMs: atMs + i, // an alert is identified by its instant
    }))

function lowBatteryAlerts(
  devices: readonly DeviceStatus[],
  activeAlerts: readonly DesiredAlert[],
  batteries: BatteryWatch,
): DesiredAlert[] {
  return devices.flatMap(({ id, org, fieldId, battery }): DesiredAlert[] => {
    const active = activeAlerts.find(({ cause, deviceId }) => cause === 'battery-low' && deviceId === id)
    if (battery === null) return []
    const sinceMs = batteries.sinceMs(id, battery, active?.sinceMs ?? null)
    if (sinceMs === null) return []
    // the level when the alert was raised: changes within the alert are not reported
    const { v, percent } = battery
    const params = active?.params ?? (v === null ? { percent } : { v })
    return [{ org, cause: 'battery-low', severity: 'soon', fieldId, deviceId: id, params, sinceMs }]
  })
}
