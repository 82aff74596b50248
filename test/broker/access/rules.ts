/**
 * Who may publish and receive which topics, written by hand from contract.md, section 1, and reliability.md, H5, H7, H11 to H13: the
 * topics letter by letter, nothing taken from the code under test.
 */
export type Operation = 'publish' | 'will' | 'subscribe' | 'hear'

export interface Cell {
  role: keyof typeof roles
  operation: Operation
  topic: string
  qos: 0 | 1 | 2
  retain: boolean
}

export const roles = {
  'probe1 of coop': { org: 'coop', device: 'probe1' },
  'probe2 of coop': { org: 'coop', device: 'probe2' },
  // a name that another's begins with
  'probe of coop': { org: 'coop', device: 'probe' },
  'probe3 of another organisation': { org: 'other', device: 'probe3' },
  'a service': null,
} as const

/** All that a device may do below its own prefix; the two columns are QoS and retain, null where none is looked at. */
const ofDevices: [kind: string, operation: Operation, qos: 0 | 1 | null, retain: boolean | null][] = [
  ['telemetry', 'publish', 1, false],
  ['online', 'publish', 1, true],
  ['online', 'will', 1, true],
  ['state', 'publish', 1, true],
  ['heartbeat', 'publish', 0, false],
  ['ack', 'publish', 1, false],
  ['command', 'subscribe', null, null],
  ['command', 'hear', null, null],
  ['lease', 'subscribe', null, null],
  ['lease', 'hear', null, null],
  ['config', 'subscribe', null, null],
  ['config', 'hear', null, null],
]
const prefixes: Record<keyof typeof roles, string> = {
  'probe1 of coop': 'tilth/v1/coop/probe1/',
  'probe2 of coop': 'tilth/v1/coop/probe2/',
  'probe of coop': 'tilth/v1/coop/probe/',
  'probe3 of another organisation': 'tilth/v1/other/probe3/',
  'a service': 'tilth/',
}

export function isAllowed({ role, operation, topic, qos, retain }: Cell): boolean {
  const prefix = prefixes[role]
  if (role === 'a service') {
    const isSaid = operation === 'publish' || operation === 'will'
    return topic.startsWith(prefix) && !(isSaid && qos === 2)
  }
  return ofDevices.some(
    ([kind, allowed, atQos, isRetained]) =>
      allowed === operation &&
      topic === prefix + kind &&
      (atQos === null || atQos === qos) &&
      (isRetained === null || isRetained === retain),
  )
}

/** Retained topics, from any publisher: online, the state of the outputs, and the configuration. */
export const isKept = (topic: string): boolean =>
  /^tilth\/v1\/[-\w]{3,40}\/[-\w]{3,40}\/(online|state|config)$/.test(topic)
