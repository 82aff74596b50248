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
  /** that a device of another make was assigned from */
  integration: { id: string; name: string } | null
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

type Integration = NonNullable<Device['integration']>

const outageCauses: readonly string[] = ['farm-silent', 'devices-silent', 'integration-silent']
const MISSED = 6
// where no other device of their integration reports
const TOGETHER_IN_INTEGRATION = 2
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
  const outages = activeAlerts.filter(({ cause }) => outageCauses.includes(cause))
  const left = new Set(
    devices.filter((device): device is SilentDevice => isSilent(device, reportedIds, outages, nowMs)),
  )
  const desired: DesiredAlert[] = []

  /** `integration`: the group is all that it had. */
  const addOutage = (
    group: SilentDevice[],
    sinceMs: AtMs,
    { backMs = null, integration = null }: { backMs?: AtMs | null; integration?: Integration | null } = {},
  ) => {
    for (const device of group) left.delete(device)
    desired.push(outageAlert(org, group, { devices, sinceMs, backMs, integration }))
  }
  for (const outage of outages) {
    const { sinceMs, params } = outage
    const group = [...left].filter((device) => couldBeOf(outage, device))
    const isShrinking = group.length < Number(params['n'])
    const backMs = (params['backMs'] as AtMs | null) ?? (isShrinking ? nowMs : null)
    // the outage is over: the remaining devices get their own time to reconnect, then each one is silent for its own
    // reason
    const waitedFor = group.filter(
      ({ everyMs }) => backMs === null || nowMs - backMs <= silentAfterMs(everyMs),
    )
    const integration = outage.cause === 'integration-silent' ? (group[0]?.integration ?? null) : null
    if (waitedFor.length > 0) addOutage(waitedFor, sinceMs, { backMs, integration })
  }
  for (const integration of integrationsOf(left)) {
    const members = devices.filter((device) => device.integration?.id === integration.id)
    const silent = [...left].filter((device) => device.integration?.id === integration.id)
    // others report, or went silent with the farm
    if (silent.length < members.filter(({ heardMs }) => heardMs !== null).length) continue
    const sinceMs = commonOutageTime(silent, TOGETHER_IN_INTEGRATION)
    if (sinceMs === null) continue
    const group = [...left].filter((device) => couldHaveStoppedAt(device, sinceMs))
    if (group.every((device) => silent.includes(device))) addOutage(group, sinceMs, { integration })
  }
  for (let atMs = commonOutageTime([...left]); atMs !== null; atMs = commonOutageTime([...left])) {
    const sinceMs = atMs
    addOutage(
      [...left].filter((device) => couldHaveStoppedAt(device, sinceMs)),
      sinceMs,
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
  const isReported =
    reportedIds.has(id) || outages.some((outage) => couldBeOf(outage, { ...device, ...last }))
  const sinceMs = isReported ? heardMs : Math.max(heardMs, listeningMs)
  return nowMs - sinceMs > silentAfterMs(everyMs)
}

/** One of an integration is about its own devices alone. */
const couldBeOf = ({ cause, sinceMs, params }: DesiredAlert, device: SilentDevice): boolean =>
  couldHaveStoppedAt(device, sinceMs) &&
  (cause !== 'integration-silent' || device.integration?.id === params['integration'])

const integrationsOf = (devices: Iterable<Device>): Integration[] => [
  ...new Map(
    [...devices].flatMap(({ integration }) => (integration ? [[integration.id, integration]] : [])),
  ).values(),
]

function outageAlert(
  org: string,
  group: readonly SilentDevice[],
  x: { devices: readonly Device[]; sinceMs: AtMs; backMs: AtMs | null; integration: Integration | null },
): DesiredAlert {
  const { devices, sinceMs, backMs, integration } = x
  const farmIds = new Set(group.map(({ farm }) => farm?.id))
  const farm = farmIds.size === 1 ? group[0]!.farm : null
  const candidates = devices.filter(
    (device) =>
      device.heardMs !== null &&
      (integration !== null
        ? device.integration?.id === integration.id
        : farm === null || device.farm?.id === farm.id),
  )
  const params = { n: group.length, of: candidates.length, backMs }
  const alert = { org, severity: 'act', fieldId: null, deviceId: null, sinceMs } as const
  if (integration !== null) {
    const { id, name } = integration
    return { ...alert, cause: 'integration-silent', params: { ...params, integration: id, name } }
  }
  return farm === null
    ? { ...alert, cause: 'devices-silent', params }
    : { ...alert, cause: 'farm-silent', params: { ...params, farm: farm.name, farmId: farm.id } }
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
