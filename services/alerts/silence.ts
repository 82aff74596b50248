/**
 * Which devices of an organisation are silent, grouped by common cause. A device is silent when it has sent before
 * and has missed six of its own intervals (ux.md: "lost"); a device that never sent is unknown, not silent. Pure.
 */
import { DAY_MS, MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import { couldHaveStoppedAt, commonOutageTime } from '../domain/outage.ts'
import type { DesiredAlert } from './desired-alerts.ts'

export interface Device {
  id: string
  fieldId: string | null
  farm: { id: string; name: string } | null
  isController: boolean
  /** message interval: of its heartbeats where it sends them, otherwise as declared */
  everyMs: number
  createdMs: AtMs
  heardMs: AtMs | null
  /**
   * Tilth can receive since then: while a broker is unreachable or a disk is full, silence shows nothing about a
   * device.
   */
  listeningMs: AtMs
}
type SilentDevice = Device & { heardMs: AtMs }

const MISSED = 6
// a device that reconnects waits up to 5 minutes (device guide)
const LEAST_MS = 10 * MINUTE_MS
const NEVER_AFTER_MS = DAY_MS

/** Silence after which a device counts as lost, ms: six intervals, at least ten minutes. */
export const silentAfterMs = (everyMs: number): number => Math.max(LEAST_MS, MISSED * everyMs)

/** The alerts that should be active now; `activeAlerts`: the active alerts of these causes. */
export function silenceAlerts(
  org: string,
  devices: readonly Device[],
  activeAlerts: readonly DesiredAlert[],
  nowMs: AtMs,
): DesiredAlert[] {
  const reportedIds = new Set(
    activeAlerts.flatMap(({ cause, deviceId }) => (cause === 'device-silent' ? [deviceId] : [])),
  )
  const outages = activeAlerts.filter(({ cause }) => cause === 'farm-silent' || cause === 'devices-silent')
  const left = new Set(
    devices.filter((device): device is SilentDevice => isSilent(device, reportedIds, outages, nowMs)),
  )
  const desired: DesiredAlert[] = []

  const addOutage = (group: SilentDevice[], sinceMs: AtMs, backMs: AtMs | null) => {
    for (const device of group) left.delete(device)
    desired.push(outageAlert(org, group, { devices, sinceMs, backMs }))
  }
  for (const { sinceMs, params } of outages) {
    const group = [...left].filter((device) => couldHaveStoppedAt(device, sinceMs))
    const isShrinking = group.length < Number(params['n'])
    const backMs = (params['backMs'] as AtMs | null) ?? (isShrinking ? nowMs : null)
    // the outage is over: the remaining devices get their own time to reconnect, then each one is silent for its own
    // reason
    const waitedFor = group.filter(
      ({ everyMs }) => backMs === null || nowMs - backMs <= silentAfterMs(everyMs),
    )
    if (waitedFor.length > 0) addOutage(waitedFor, sinceMs, backMs)
  }
  for (let atMs = commonOutageTime([...left]); atMs !== null; atMs = commonOutageTime([...left])) {
    const sinceMs = atMs
    addOutage(
      [...left].filter((device) => couldHaveStoppedAt(device, sinceMs)),
      sinceMs,
      null,
    )
  }
  return [
    ...desired,
    ...[...left].map((device) => silentAlert(org, device)),
    ...neverSeenAlerts(org, devices, nowMs),
  ]
}

/** A new silence must have lasted while Tilth was receiving; an active one ends only with a message of the device. */
function isSilent(
  device: Device,
  reportedIds: ReadonlySet<string | null>,
  outages: readonly DesiredAlert[],
  nowMs: AtMs,
): boolean {
  const { id, heardMs, everyMs, listeningMs } = device
  if (heardMs === null) return false
  const last = { everyMs, heardMs }
  const isReported = reportedIds.has(id) || outages.some(({ sinceMs }) => couldHaveStoppedAt(last, sinceMs))
  const sinceMs = isReported ? heardMs : Math.max(heardMs, listeningMs)
  return nowMs - sinceMs > silentAfterMs(everyMs)
}

function outageAlert(
  org: string,
  group: readonly SilentDevice[],
  { devices, sinceMs, backMs }: { devices: readonly Device[]; sinceMs: AtMs; backMs: AtMs | null },
): DesiredAlert {
  const farmIds = new Set(group.map(({ farm }) => farm?.id))
  const farm = farmIds.size === 1 ? group[0]!.farm : null
  const candidates = devices.filter(
    (device) => device.heardMs !== null && (farm === null || device.farm?.id === farm.id),
  )
  const params = { n: group.length, of: candidates.length, backMs }
  return {
    org,
    severity: 'act',
    fieldId: null,
    deviceId: null,
    sinceMs,
    ...(farm === null
      ? { cause: 'devices-silent', params }
      : { cause: 'farm-silent', params: { ...params, farm: farm.name, farmId: farm.id } }),
  }
}

const silentAlert = (org: string, { id, fieldId, isController, heardMs }: SilentDevice): DesiredAlert => ({
  org,
  cause: 'device-silent',
  params: {},
  severity: isController ? 'act' : 'soon',
  fieldId,
  deviceId: id,
  sinceMs: heardMs,
})

/** One alert for any number of devices: the person who set them up knows which. */
function neverSeenAlerts(org: string, devices: readonly Device[], nowMs: AtMs): DesiredAlert[] {
  const never = devices.filter(
    ({ heardMs, createdMs, listeningMs }) =>
      heardMs === null && nowMs - Math.max(createdMs, listeningMs) > NEVER_AFTER_MS,
  )
  if (never.length === 0) return []
  const [only] = never
  const sinceMs = Math.min(...never.map(({ createdMs }) => createdMs))
  const alert = { org, severity: 'note', sinceMs } as const
  return never.length === 1
    ? [{ ...alert, cause: 'never-seen', params: {}, fieldId: only!.fieldId, deviceId: only!.id }]
    : [{ ...alert, cause: 'devices-never-seen', params: { n: never.length }, fieldId: null, deviceId: null }]
}
