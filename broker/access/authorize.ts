/**
 * What a party may say and hear: exact, and refused unless allowed. A device has its own prefix and nothing else;
 * the server's own services have everything under tilth/.
 */
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

export interface PublishIntent {
  topic: string
  qos: number
  retain: boolean
}

const SERVICE_ROOT = 'tilth/'

/** May it publish this? QoS and retain must be what the contract says of the kind of topic. */
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
  const kind = deviceKinds.find((each) => topic === topicOf(party.org, party.device, each))
  if (kind === undefined) return err(`not a topic of this device: ${topic.slice(0, 120)}`)
  const rule = delivery[kind]
  if (qos !== rule.qos) return err(`${kind} must be sent with QoS ${rule.qos}, got ${qos}`)
  if (retain !== rule.retain) return err(`${kind} must be sent with retain ${rule.retain}, got ${retain}`)
  return ok(kind)
}

/** The only will a device may leave is its own `online`. */
export function mayLeaveWill(party: Party, will: PublishIntent): Result<'will'> {
  if (party.kind === 'device' && will.topic !== topicOf(party.org, party.device, 'online'))
    return err(`a will must be the device's own online topic, got ${will.topic.slice(0, 120)}`)
  const asked = mayPublish(party, will)
  return asked.ok ? ok('will') : asked
}

/** May it subscribe? Only to a whole topic of its own: no wildcard, no `$share`, no `$SYS`. */
export function maySubscribe(party: Party, filter: string): Result<'subscribe'> {
  if (party.kind === 'service')
    return filter.startsWith(SERVICE_ROOT)
      ? ok('subscribe')
      : err(`a service hears what is under ${SERVICE_ROOT}, got ${filter.slice(0, 120)}`)
  return mayReceive(party, filter)
    ? ok('subscribe')
    : err(`not a topic for this device: ${filter.slice(0, 120)}`)
}

/** May this message be handed to it? Asked again for each message, whatever it has subscribed to. */
export const mayReceive = (party: Party, topic: string): boolean =>
  party.kind === 'service'
    ? topic.startsWith(SERVICE_ROOT)
    : serverKinds.some((kind) => topic === topicOf(party.org, party.device, kind))

/** Whether a message on this topic may be kept for later subscribers: only what is safe to hear again. */
export function mayBeRetained(topic: string): boolean {
  const address = parseTopic(topic)
  return address.ok && delivery[address.value.kind].retain
}
