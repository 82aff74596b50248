/**
 * The hooks of aedes for messages: whether a client may publish, subscribe and receive. No hook throws, and each replies
 * exactly once. Telemetry is written to the journal here, because aedes sends PUBACK as soon as `authorizePublish`
 * replies.
 */
import type { AedesOptions, AedesPublishPacket, Client, PublishPacket } from 'aedes'
import { replyOnce, withTimeout } from './reply.ts'
import {
  mayBeRetained,
  mayReceive,
  mayPublish,
  maySubscribe,
  publishIntent,
  type Party,
} from '../access/authorize.ts'
import { mountOf } from '../contract/foreign-topics.ts'
import { MAX_PAYLOAD_BYTES } from '../contract/messages.ts'
import { matchesFilter } from '../contract/match-filter.ts'
import { acknowledgeAfterCommit } from './deferred-puback.ts'
import { storeForeign } from './foreign-messages.ts'
import type { GatewayListener } from './gateway-events.ts'
import type { Result } from '../contract/result.ts'
import type { Clock } from '../contract/time.ts'
import type { BrokerJournal } from '../journal/journal.ts'
import type { BrokerLimits } from '../access/limits.ts'
import type { Log, OnRejection, Rejection } from '../log.ts'
import { sessionOf, type BrokerCounters, type Session, type Traffic } from '../access/session.ts'
import { acceptTelemetry, type AcceptOutcome } from '../journal/accept-telemetry.ts'

export interface HookDeps {
  journal: Pick<BrokerJournal, 'append' | 'deadLetter' | 'capacity'>
  clock: Clock
  log: Log
  limits: BrokerLimits
  counters: BrokerCounters
  onRejection?: OnRejection
  /** called for each foreign message that is on disk */
  onForeign?: GatewayListener['onMessage']
  trafficOf: (party: Party) => Traffic
}

type Hooks = Required<
  Pick<AedesOptions, 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward' | 'published'>
>

/**
 * A refused publish closes the connection. Telemetry of a controller is acknowledged by the session after its commit,
 * not by aedes. `onRejection` is called for devices and gateways only.
 */
export function messageHooks(deps: HookDeps): Hooks {
  const { journal, clock, log, limits, counters, trafficOf } = deps

  function failed(error: unknown, text: string): Error {
    counters.hooksFailed++
    log.error({ error }, text)
    return error as Error
  }

  function reportRejection(client: Client | null, action: Rejection['action'], reason: string): void {
    const party = sessionOf(client)?.party
    if (party == null || party.kind === 'service') return
    const name = party.kind === 'device' ? party.device : party.gateway
    deps.onRejection?.({ claims: [name], action, reason })
  }

  function rejectPublish(client: Client | null, reason: string): Error {
    counters.publishesRefused++
    reportRejection(client, 'publish', reason)
    log.warn({ client: client?.id, reason }, 'publish refused; the connection is closed')
    return new Error(reason)
  }

  /** Null if the message may be published; for telemetry and foreign messages, after it is on the disk. */
  function checkPublish(client: Client | null, packet: PublishPacket): null | Error | Promise<null | Error> {
    const session = sessionOf(client)
    const party = session?.party
    if (!party) return rejectPublish(client, 'no known party')
    const permission: Result<string> = mayPublish(party, publishIntent(packet))
    if (!permission.ok) return rejectPublish(client, permission.error)
    packet.dup = false // it is forwarded for the first time [MQTT-3.3.1-3]
    if (party.kind === 'service') {
      // a controller that reconnects must not replay an old run, whatever the service requested
      if (packet.retain && !mayBeRetained(packet.topic)) packet.retain = false
      return null
    }
    if (party.kind === 'gateway')
      return withTimeout(storeForeign(deps, party, packet, session)).then(() => null, notStored)
    if (permission.value === 'telemetry') return storeTelemetry(session, party, packet)
    return packet.payload.length > MAX_PAYLOAD_BYTES
      ? rejectPublish(client, `payload over ${MAX_PAYLOAD_BYTES} bytes`)
      : null
  }

  function notStored(error: unknown): Error {
    counters.notAcknowledged++
    return error as Error
  }

  function countDropped(outcome: AcceptOutcome): null {
    if (outcome === 'dropped') counters.diagnosticsDropped++
    return null
  }

  function storeTelemetry(
    session: Session,
    party: Extract<Party, { kind: 'device' }>,
    packet: PublishPacket,
  ): null | Error | Promise<null | Error> {
    const payload = Buffer.from(packet.payload)
    const arrival = { receivedMs: clock.now(), org: party.org, device: party.device, payload }
    const { topic } = packet
    const store = () => acceptTelemetry(journal, arrival, topic).then(countDropped)
    if (!session.isController) return withTimeout(store()).catch(notStored)
    const message = { messageId: packet.messageId!, bytes: payload.length }
    if (!acknowledgeAfterCommit(session, message, store))
      return notStored(new Error('too much unacknowledged telemetry'))
    packet.qos = 0 // otherwise aedes acknowledges it now
    return null
  }

  /** Replies to one client are sent in the order of its messages [MQTT-4.6.0-2], even if one of them waits for the disk. */
  function replyInOrder(
    client: Client | null,
    verdict: null | Error | Promise<null | Error>,
    reply: (error?: Error | null) => void,
  ): void {
    const session = sessionOf(client)
    const before = session?.lastReply ?? null
    const send = (outcome: null | Error): void => {
      reply(outcome)
      session?.guard?.acknowledged('publish')
    }
    if (before === null && verdict instanceof Error) return send(verdict)
    // never synchronously: for a message without subscribers aedes would continue inside its parser and mix up packets
    if (before === null && verdict === null) return queueMicrotask(() => send(null))
    const inTurn = before === null ? Promise.resolve(verdict) : before.then(() => verdict)
    const lastReply = inTurn
      .then((outcome) => {
        if (session?.lastReply === lastReply) session.lastReply = null
        send(outcome)
      })
      .catch((error: unknown) => void failed(error, 'the reply to a publish failed'))
    if (session) session.lastReply = lastReply
  }

  /** SUBACK 0x80 [MQTT-3.9.3-2]. Repeated attempts of a client are counted but no longer logged. */
  function rejectFilter(client: Client | null, reason: string): void {
    counters.subscribesRefused++
    reportRejection(client, 'subscribe', reason)
    const session = sessionOf(client)
    const attempts = session ? ++session.rejectedFilters : 1
    if (attempts <= limits.subscriptions) log.warn({ client: client?.id, reason }, 'subscription refused')
  }

  function checkFilter(client: Client | null, filter: string): boolean {
    const party = sessionOf(client)?.party
    if (!client || !party) return (rejectFilter(client, 'no known party'), false)
    const permission = maySubscribe(party, filter)
    if (!permission.ok) return (rejectFilter(client, permission.error), false)
    if (party.kind === 'service') return true
    const filters = filtersOf(client)
    const most = limits[party.kind === 'gateway' ? 'gateway-subscriptions' : 'subscriptions']
    if (mounted(party, filter) in filters || Object.keys(filters).length < most) return true
    return (rejectFilter(client, `more than ${most} subscriptions`), false)
  }

  return {
    authorizePublish(client, packet, callback) {
      const reply = replyOnce(callback)
      let verdict: null | Error | Promise<null | Error>
      try {
        verdict = checkPublish(client, packet)
      } catch (error) {
        verdict = failed(error, 'a publish could not be checked')
      }
      replyInOrder(client, verdict, reply)
    },
    authorizeSubscribe(client, subscription, callback) {
      const reply = replyOnce(callback)
      let isGranted = false
      try {
        isGranted = checkFilter(client, subscription.topic)
      } catch (error) {
        failed(error, 'a subscription could not be checked')
      }
      if (!isGranted) return reply(null, null)
      const session = sessionOf(client)!
      // in place: aedes looks up retained messages by this same object
      subscription.topic = mounted(session.party, subscription.topic)
      session.granted ??= new Map()
      session.granted.set(subscription.topic, subscription.qos === 0 ? 0 : 1)
      // aedes stores every filter with QoS 1: the QoS of a message is decided when it is forwarded
      reply(null, { ...subscription, qos: 1 })
    },
    authorizeForward(client: Client | null, packet: AedesPublishPacket) {
      try {
        const session = sessionOf(client)
        const party = session?.party
        if (!client || !party || !mayReceive(party, packet.topic)) return null
        trafficOf(party).forwarded++
        if (packet.qos > 0) packet.qos = grantedQos(session.granted, filtersOf(client), packet.topic)
        // a copy of its own for each subscriber
        if (party.kind === 'gateway')
          packet.topic = packet.topic.slice(mountOf(party.org, party.gateway).length)
        return packet
      } catch (error) {
        failed(error, 'a message could not be checked')
        return null
      }
    },
    published(packet, client: Client | null, callback) {
      const reply = replyOnce(callback)
      try {
        const session = sessionOf(client)
        // called when the copy of every subscriber is written; a will is not a message of the device itself
        if (session?.party && packet !== session.will) trafficOf(session.party).received++
      } catch (error) {
        failed(error, 'a publish could not be counted')
      }
      reply(null)
    },
  }
}

/** A topic filter as the broker knows it. */
const mounted = (party: Party | null, filter: string): string =>
  party?.kind === 'gateway' ? mountOf(party.org, party.gateway) + filter : filter

/** The present topic filters of a client. */
const filtersOf = (client: Client): object => (client as unknown as { subscriptions: object }).subscriptions

/**
 * The QoS of a message for a client whose filters overlap: the highest that any matching filter was granted
 * [MQTT-3.3.5-1]. aedes would use the QoS of the first matching one. A client may have dropped some granted filters.
 */
function grantedQos(granted: Session['granted'], filters: object, topic: string): 0 | 1 {
  if (granted === null || ![...granted.values()].includes(0)) return 1
  for (const [filter, qos] of granted)
    if (qos === 1 && filter in filters && matchesFilter(filter, topic)) return 1
  return 0
}
