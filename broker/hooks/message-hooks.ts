/**
 * What aedes asks of us of each message: may this client say this, hear this. No hook throws, and each answers once.
 * Telemetry is written to the journal here, because aedes sends PUBACK as soon as `authorizePublish` answers.
 */
import type { AedesOptions, AedesPublishPacket, Client, PublishPacket } from 'aedes'
import { replyOnce, withTimeout } from './reply.ts'
import { mayBeRetained, mayReceive, mayPublish, maySubscribe, type Party } from '../access/authorize.ts'
import { MAX_PAYLOAD_BYTES } from '../contract/messages.ts'
import { grantedQos } from './granted-qos.ts'
import { acknowledgeAfterCommit } from './deferred-puback.ts'
import type { Result } from '../contract/result.ts'
import type { Clock } from '../contract/time.ts'
import type { BrokerJournal } from '../journal/journal.ts'
import type { BrokerLimits } from '../access/limits.ts'
import type { Log } from '../log.ts'
import type { OnRejection, Rejection } from '../access/rejection.ts'
import { publishIntent } from '../access/publish-intent.ts'
import { sessionOf, type BrokerCounters, type Session, type Traffic } from '../access/session.ts'
import { acceptTelemetry } from '../journal/accept-telemetry.ts'

export interface HookDeps {
  journal: Pick<BrokerJournal, 'append' | 'bury' | 'room'>
  clock: Clock
  log: Log
  limits: BrokerLimits
  counters: BrokerCounters
  onRejection?: OnRejection
  trafficOf: (party: Party) => Traffic
}

type Hooks = Required<
  Pick<AedesOptions, 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward' | 'published'>
>

export function messageHooks(deps: HookDeps): Hooks {
  const { journal, clock, log, limits, counters, trafficOf } = deps

  function failed(error: unknown, text: string): Error {
    counters.hooksFailed++
    log.error({ error }, text)
    return error as Error
  }

  function reportRejection(client: Client | null, what: Rejection['what'], reason: string): void {
    if (client && sessionOf(client)?.party?.kind === 'device')
      deps.onRejection?.({ claims: [client.id], what, reason })
  }

  function rejectPublish(client: Client | null, reason: string): Error {
    counters.publishesRefused++
    reportRejection(client, 'publish', reason)
    log.warn({ client: client?.id, reason }, 'publish refused; the connection is closed')
    return new Error(reason)
  }

  /** Answers null when the message may go on, after it is on the disk if it is telemetry. */
  function checkPublish(client: Client | null, packet: PublishPacket): null | Error | Promise<null | Error> {
    const session = sessionOf(client)
    const party = session?.party
    if (!party) return rejectPublish(client, 'no known party')
    const asked: Result<string> = mayPublish(party, publishIntent(packet))
    if (!asked.ok) return rejectPublish(client, asked.error)
    packet.dup = false // it is sent on for the first time [MQTT-3.3.1-3]
    if (party.kind === 'service') {
      // a controller that reconnects must not replay an old run, whoever asked to keep it
      if (packet.retain && !mayBeRetained(packet.topic)) packet.retain = false
      return null
    }
    if (asked.value === 'telemetry') return storeTelemetry(session, party, packet)
    return packet.payload.length > MAX_PAYLOAD_BYTES
      ? rejectPublish(client, `payload over ${MAX_PAYLOAD_BYTES} bytes`)
      : null
  }

  function storeTelemetry(
    session: Session,
    party: Extract<Party, { kind: 'device' }>,
    packet: PublishPacket,
  ): null | Error | Promise<null | Error> {
    const payload = Buffer.from(packet.payload)
    const arrival = { receivedMs: clock.now(), org: party.org, device: party.device, payload }
    const keep = async () => {
      if ((await acceptTelemetry(journal, arrival, packet.topic)) === 'shed') counters.diagnosticsShed++
    }
    const notKept = (error: unknown): Error => {
      counters.notAcknowledged++
      return error as Error
    }
    if (!session.isController) return withTimeout(keep()).then(() => null, notKept)
    const message = { messageId: packet.messageId!, bytes: payload.length }
    if (!acknowledgeAfterCommit(session, message, keep))
      return notKept(new Error('too much telemetry on its way'))
    packet.qos = 0 // or aedes would acknowledge it now
    return null
  }

  /** The answers to one client go out in the order of its messages [MQTT-4.6.0-2], also where one waits for the disk. */
  function replyInOrder(
    client: Client | null,
    judged: null | Error | Promise<null | Error>,
    answer: (error?: Error | null) => void,
  ): void {
    const session = sessionOf(client)
    const before = session?.lastReply ?? null
    const say = (outcome: null | Error): void => {
      answer(outcome)
      session?.guard?.acknowledged('publish')
    }
    if (before === null && judged instanceof Error) return say(judged)
    // never at once: where nobody hears the message aedes would read on from within its parser, and mix the packets up
    if (before === null && judged === null) return queueMicrotask(() => say(null))
    const turn = Promise.all([judged, before])
      .then(([outcome]) => say(outcome))
      .catch((error: unknown) => void failed(error, 'a publish could not be answered'))
      .finally(() => {
        if (session?.lastReply === turn) session.lastReply = null
      })
    if (session) session.lastReply = turn
  }

  /** SUBACK 0x80 [MQTT-3.9.3-2]. What a client keeps asking for is counted and no longer told. */
  function rejectFilter(client: Client | null, reason: string): void {
    counters.subscribesRefused++
    reportRejection(client, 'subscribe', reason)
    const session = sessionOf(client)
    const asked = session ? ++session.rejectedFilters : 1
    if (asked <= limits.subscriptions) log.warn({ client: client?.id, reason }, 'subscription refused')
  }

  function checkFilter(client: Client | null, filter: string): boolean {
    const party = sessionOf(client)?.party
    if (!client || !party) return (rejectFilter(client, 'no known party'), false)
    const asked = maySubscribe(party, filter)
    if (!asked.ok) return (rejectFilter(client, asked.error), false)
    if (party.kind === 'service') return true
    const held = filtersOf(client)
    if (filter in held || Object.keys(held).length < limits.subscriptions) return true
    return (rejectFilter(client, `more than ${limits.subscriptions} subscriptions`), false)
  }

  return {
    authorizePublish(client, packet, answer) {
      const reply = replyOnce(answer)
      let judged: null | Error | Promise<null | Error>
      try {
        judged = checkPublish(client, packet)
      } catch (error) {
        judged = failed(error, 'a publish could not be judged')
      }
      replyInOrder(client, judged, reply)
    },
    authorizeSubscribe(client, subscription, answer) {
      const reply = replyOnce(answer)
      let isGranted = false
      try {
        isGranted = checkFilter(client, subscription.topic)
      } catch (error) {
        failed(error, 'a subscription could not be judged')
      }
      if (!isGranted) return reply(null, null)
      sessionOf(client)?.granted.set(subscription.topic, subscription.qos === 0 ? 0 : 1)
      // aedes holds every filter with QoS 1: how a message goes out is decided when it does
      reply(null, { ...subscription, qos: 1 })
    },
    authorizeForward(client: Client | null, packet: AedesPublishPacket) {
      try {
        const session = sessionOf(client)
        const party = session?.party
        if (!client || !party || !mayReceive(party, packet.topic)) return null
        trafficOf(party).forwarded++
        if (packet.qos > 0) packet.qos = grantedQos(session.granted, filtersOf(client), packet.topic)
        return packet
      } catch (error) {
        failed(error, 'a message could not be judged')
        return null
      }
    },
    published(packet, client: Client | null, answer) {
      const reply = replyOnce(answer)
      try {
        const session = sessionOf(client)
        // called when every hearer's copy has been written; a will was not said by the device itself
        if (session?.party && packet !== session.will) trafficOf(session.party).received++
      } catch (error) {
        failed(error, 'a publish could not be counted')
      }
      reply(null)
    },
  }
}

/** The topic filters that a client has now. */
const filtersOf = (client: Client): object => (client as unknown as { subscriptions: object }).subscriptions
