/**
 * The grammar of topics: `tilth/v1/{org}/{device}/{kind}`. It is defined here and nowhere else. Every topic has one
 * publisher.
 */
import { err, ok, type Result } from './result.ts'

export const deviceKinds = ['telemetry', 'online', 'state', 'heartbeat', 'ack'] as const
export const serverKinds = ['command', 'lease', 'config'] as const
export type DeviceKind = (typeof deviceKinds)[number]
export type ServerKind = (typeof serverKinds)[number]
export type Kind = DeviceKind | ServerKind

/** The QoS and retain flag of each kind (contract, section 1). */
export const delivery: Record<Kind, { qos: 0 | 1; retain: boolean }> = {
  telemetry: { qos: 1, retain: false },
  online: { qos: 1, retain: true },
  state: { qos: 1, retain: true },
  heartbeat: { qos: 0, retain: false },
  ack: { qos: 1, retain: false },
  // never retained: a controller that reconnects must not replay an old run
  command: { qos: 1, retain: false },
  lease: { qos: 0, retain: false },
  config: { qos: 1, retain: true },
}

export interface Address {
  org: string
  device: string
  kind: Kind
}

const NAME = /^[A-Za-z0-9_-]{3,40}$/

/** Whether a text may be an organisation's or a device's name in a topic. */
export const isName = (text: string): boolean => NAME.test(text)

/** The topic of a kind of message of one device. */
export const topicOf = (org: string, device: string, kind: Kind): string =>
  `tilth/v1/${org}/${device}/${kind}`

/** The server's subscription to one kind from every device. */
export const everyDevice = (kind: DeviceKind): string => `tilth/v1/+/+/${kind}`

const kinds = new Set<string>([...deviceKinds, ...serverKinds])

/** Parses a topic; the error names the invalid part. */
export function parseTopic(topic: string): Result<Address> {
  const parts = topic.split('/')
  if (parts.length !== 5 || parts[0] !== 'tilth' || parts[1] !== 'v1')
    return err(`topic must be tilth/v1/{org}/{device}/{kind}, got ${topic.slice(0, 120)}`)
  const [, , org, device, kind] = parts as [string, string, string, string, string]
  if (!isName(org)) return err(`org must match [A-Za-z0-9_-]{3,40}, got ${org.slice(0, 60)}`)
  if (!isName(device)) return err(`device must match [A-Za-z0-9_-]{3,40}, got ${device.slice(0, 60)}`)
  if (!kinds.has(kind)) return err(`kind must be one of ${[...kinds].join(', ')}, got ${kind.slice(0, 60)}`)
  return ok({ org, device, kind: kind as Kind })
}

/**
 * Messages between Tilth's own programs, on the same bus. No device may publish or receive them. `request`: a request
 * of a person, whose row is in the state store. `event`: a change, for modules and dashboards. `outcome`: dispatch has
 * executed or rejected a request.
 */
export const internalKinds = ['request', 'event', 'outcome'] as const
export type InternalKind = (typeof internalKinds)[number]
/** The topic of one organisation; `org` is not checked. */
export const internalTopic = (org: string, kind: InternalKind): string => `tilth/internal/${org}/${kind}`
/** Whether it is a topic between services. */
export const isInternal = (topic: string): boolean => topic.startsWith('tilth/internal/')
/** A subscription filter for the messages of every organisation. */
export const everyInternal = (kind: InternalKind): string => `tilth/internal/+/${kind}`
