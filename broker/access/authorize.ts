/**
 * The topics that a party may publish and receive: denied unless listed. A device has its own prefix and nothing else; a
 * gateway names what it likes, below its mount and nowhere else; the server's own services have everything under tilth/
 * and every mount.
 */
import type { PublishPacket } from 'aedes'
import {
  FOREIGN_ROOT,
  foreignTopicFault,
  mayForeignBeRetained,
  mountAbove,
  mountOf,
} from '../contract/foreign-topics.ts'
import { err, ok, type Result } from '../contract/result.ts'
import {
  delivery,
  deviceKinds,
  parseTopic,
  serverKinds,
  topicOf,
  type DeviceKind,
  type Kind,
} from '../contract/topics.ts'

export type Party =
  | { kind: 'device'; org: string; device: string }
  | { kind: 'gateway'; org: string; gateway: string }
  | { kind: 'service' }

/** The parts of a publish that decide whether it is allowed. */
export interface PublishIntent {
  topic: string
  qos: number
  retain: boolean
}

const SERVICE_ROOT = 'tilth/'
const isOfServices = (topic: string): boolean =>
  topic.startsWith(SERVICE_ROOT) || topic.startsWith(FOREIGN_ROOT)

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

/**
 * Whether the party may publish this. The topic of a gateway is the one that it named: it is mounted afterwards. QoS and
 * retain flag must be those of the contract for this kind of topic.
 */
export function mayPublish(
  party: Party,
  { topic, qos, retain }: PublishIntent,
): Result<DeviceKind | 'service' | 'foreign'> {
  if (party.kind === 'gateway')
    return qos <= 1 ? ok('foreign') : err(`a gateway publishes with QoS 0 or 1, got ${qos}`)
  if (party.kind === 'service')
    return isOfServices(topic) && qos <= 1
      ? ok('service')
      : err(
          `a service publishes under ${SERVICE_ROOT} with QoS 0 or 1, got ${topic.slice(0, 120)} with QoS ${qos}`,
        )
  const kind = kindOf(deviceKinds, party, topic)
  if (kind === null) return err(`not a topic of this device: ${topic.slice(0, 120)}`)
  const rule = delivery[kind]
  if (qos !== rule.qos) return err(`${kind} must be sent with QoS ${rule.qos}, got ${qos}`)
  if (retain !== rule.retain) return err(`${kind} must be sent with retain ${rule.retain}, got ${retain}`)
  return ok(kind)
}

/** Which of these topics of the device it is; null: none. */
function kindOf<K extends Kind>(
  kinds: readonly K[],
  { org, device }: { org: string; device: string },
  topic: string,
): K | null {
  // only the topic that ends like it is written out
  const kind = kinds.find((name) => topic.endsWith(name))
  return kind !== undefined && topic === topicOf(org, device, kind) ? kind : null
}

/** Whether the party may have this will: a device only its own `online`, a gateway any topic of its mount. */
export function mayLeaveWill(party: Party, will: PublishIntent): Result<'will'> {
  if (party.kind === 'device' && will.topic !== topicOf(party.org, party.device, 'online'))
    return err(`a will must be the device's own online topic, got ${will.topic.slice(0, 120)}`)
  const fault = party.kind === 'gateway' ? foreignTopicFault(will.topic) : null
  if (fault !== null) return err(`the topic of a will ${fault}`)
  const permission = mayPublish(party, will)
  return permission.ok ? ok('will') : permission
}

/**
 * Whether the party may subscribe. A device only to a whole topic of its own: no wildcard, no `$share`, no `$SYS`; a
 * gateway to any filter without `$`, which is mounted afterwards.
 */
export function maySubscribe(party: Party, filter: string): Result<'subscribe'> {
  if (party.kind === 'gateway') {
    const fault = foreignTopicFault(filter)
    return fault === null ? ok('subscribe') : err(`a filter of a gateway ${fault}`)
  }
  if (party.kind === 'service')
    return isOfServices(filter)
      ? ok('subscribe')
      : err(`a service subscribes under ${SERVICE_ROOT}, got ${filter.slice(0, 120)}`)
  return mayReceive(party, filter)
    ? ok('subscribe')
    : err(`not a topic for this device: ${filter.slice(0, 120)}`)
}

/** Whether the party may receive this message. Checked for each message, in addition to its subscriptions. */
export function mayReceive(party: Party, topic: string): boolean {
  if (party.kind === 'service') return isOfServices(topic)
  if (party.kind === 'device') return kindOf(serverKinds, party, topic) !== null
  const mount = mountOf(party.org, party.gateway)
  return topic.startsWith(mount) && topic.length > mount.length
}

/** Whether a message on this topic may be retained: only if it is safe to receive again later. */
export function mayBeRetained(topic: string): boolean {
  const mount = mountAbove(topic)
  if (mount !== null) return mayForeignBeRetained(topic.slice(mount.length))
  const address = parseTopic(topic)
  return address.ok && delivery[address.value.kind].retain
}
