/**
 * The topics that a party may publish and receive: denied unless listed. A device has its own prefix and nothing else;
 * the server's own services have everything under tilth/.
 */
import type { PublishPacket } from 'aedes'
import { err, ok, type Result } from '../contract/result.ts'
import {
  delivery,
  deviceKinds,
  parseTopic,
  serverKinds,
  topicOf,
  type DeviceKind,
} from '../contract/topics.ts'

export type Party = { kind: 'device'; org: string; device: string } | { kind: 'service' }

/** The parts of a publish that decide whether it is allowed. */
export interface PublishIntent {
  topic: string
  qos: number
  retain: boolean
}

const SERVICE_ROOT = 'tilth/'

/** The intent of an MQTT packet or will, with the defaults of the standard. */
export const publishIntent = ({
  topic,
  qos,
  retain,
}: Pick<PublishPacket, 'topic' | 'qos' | 'retain'>): PublishIntent => ({
  topic,
  qos: qos ?? 0,
  retain: retain ?? false,
})

/** Whether the party may publish this. QoS and retain flag must be those of the contract for this kind of topic. */
export function mayPublish(
  party: Party,
  { topic, qos, retain }: PublishIntent,
): Result<DeviceKind | 'service'> {
  if (party.kind === 'service')
    return topic.startsWith(SERVICE_ROOT) && qos <= 1
      ? ok('service')
      : err(
          `a service publishes under ${SERVICE_ROOT} with QoS 0 or 1, got ${topic.slice(0, 120)} with QoS ${qos}`,
        )
  const kind = deviceKinds.find((deviceKind) => topic === topicOf(party.org, party.device, deviceKind))
  if (kind === undefined) return err(`not a topic of this device: ${topic.slice(0, 120)}`)
  const rule = delivery[kind]
  if (qos !== rule.qos) return err(`${kind} must be sent with QoS ${rule.qos}, got ${qos}`)
  if (retain !== rule.retain) return err(`${kind} must be sent with retain ${rule.retain}, got ${retain}`)
  return ok(kind)
}

/** Whether the party may have this will: a device only its own `online`. */
export function mayLeaveWill(party: Party, will: PublishIntent): Result<'will'> {
  if (party.kind === 'device' && will.topic !== topicOf(party.org, party.device, 'online'))
    return err(`a will must be the device's own online topic, got ${will.topic.slice(0, 120)}`)
  const permission = mayPublish(party, will)
  return permission.ok ? ok('will') : permission
}

/** Whether the party may subscribe. A device only to a whole topic of its own: no wildcard, no `$share`, no `$SYS`. */
export function maySubscribe(party: Party, filter: string): Result<'subscribe'> {
  if (party.kind === 'service')
    return filter.startsWith(SERVICE_ROOT)
      ? ok('subscribe')
      : err(`a service subscribes under ${SERVICE_ROOT}, got ${filter.slice(0, 120)}`)
  return mayReceive(party, filter)
    ? ok('subscribe')
    : err(`not a topic for this device: ${filter.slice(0, 120)}`)
}

/** Whether the party may receive this message. Checked for each message, in addition to its subscriptions. */
export const mayReceive = (party: Party, topic: string): boolean =>
  party.kind === 'service'
    ? topic.startsWith(SERVICE_ROOT)
    : serverKinds.some((kind) => topic === topicOf(party.org, party.device, kind))

/** Whether a message on this topic may be retained: only if it is safe to receive again later. */
export function mayBeRetained(topic: string): boolean {
  const address = parseTopic(topic)
  return address.ok && delivery[address.value.kind].retain
}
