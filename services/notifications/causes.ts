/** The group of each alert cause, and the urgent causes: people may choose to receive these at night too. */
import type { AlertRow, NotificationGroup } from '../tables.ts'

export const causes = {
  'valve-unconfirmed': { group: 'water', isUrgent: true },
  'valve-locked-out': { group: 'water', isUrgent: true },
  'valve-fault': { group: 'water', isUrgent: true },
  'rule-broken': { group: 'water', isUrgent: true },
  'sequence-mismatch': { group: 'water', isUrgent: false },
  'flow-alarm': { group: 'water', isUrgent: true },
  'flow-leak': { group: 'water', isUrgent: true },
  'meter-implausible': { group: 'water', isUrgent: false },
  'message-refused': { group: 'water', isUrgent: false },
  'valve-unproved': { group: 'water', isUrgent: true },
  'valve-bound-lock': { group: 'water', isUrgent: true },
  'valve-unordered': { group: 'water', isUrgent: false },
  'irrigation-needed': { group: 'water', isUrgent: false },
  'crop-frost': { group: 'water', isUrgent: false },
  'frost-ahead': { group: 'weather', isUrgent: true },
  'storm-ahead': { group: 'weather', isUrgent: false },
  'pest-window': { group: 'pests', isUrgent: false },
  'coop-spray-window': { group: 'pests', isUrgent: false },
  'coop-spray-hours': { group: 'pests', isUrgent: false },
  'coop-storm': { group: 'weather', isUrgent: false },
  'coop-message': { group: 'pests', isUrgent: false },
  'device-silent': { group: 'devices', isUrgent: false },
  'farm-silent': { group: 'devices', isUrgent: false },
  'devices-silent': { group: 'devices', isUrgent: false },
  'integration-silent': { group: 'devices', isUrgent: false },
  'never-seen': { group: 'devices', isUrgent: false },
  'devices-never-seen': { group: 'devices', isUrgent: false },
  'battery-low': { group: 'devices', isUrgent: false },
  'battery-low-forecast': { group: 'devices', isUrgent: false },
  'device-leak': { group: 'devices', isUrgent: true },
  'device-tamper': { group: 'devices', isUrgent: false },
  'integration-down': { group: 'devices', isUrgent: false },
  'broker-unreachable': { group: 'server', isUrgent: false },
  'engine-away': { group: 'server', isUrgent: false },
  'ingest-backlog': { group: 'server', isUrgent: false },
  'disk-filling': { group: 'server', isUrgent: false },
  'disk-nearly-full': { group: 'server', isUrgent: false },
  'disk-full': { group: 'server', isUrgent: false },
  'backup-overdue': { group: 'server', isUrgent: false },
  'data-lost': { group: 'server', isUrgent: false },
} as const satisfies Record<string, { group: NotificationGroup; isUrgent: boolean }>
export type NotificationCause = keyof typeof causes

const isKnown = (cause: string): cause is NotificationCause => Object.hasOwn(causes, cause)

/** The cause if this module knows it; null: a newer one without a text. */
export const knownCause = (cause: string): NotificationCause | null => (isKnown(cause) ? cause : null)

/** A cause without a group belongs to water: rather one notification too many. */
export const groupOf = (cause: string): NotificationGroup => (isKnown(cause) ? causes[cause].group : 'water')
/** False for a cause that this version does not know. */
export const isUrgent = (cause: string): boolean => isKnown(cause) && causes[cause].isUrgent

/** Identifies the same cause when it recurs. */
export function causeKeyOf({
  cause,
  deviceId,
  fieldId,
  params,
}: Pick<AlertRow, 'cause' | 'deviceId' | 'fieldId'> & {
  params: Record<string, string | number | null>
}): string {
  const { valve = null, farmId = null, farm = null, pest = null } = params
  return JSON.stringify([cause, deviceId, fieldId, valve, farmId ?? farm, pest])
}
