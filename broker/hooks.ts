/**
 * What aedes asks of us at each step: may this client connect, say this, hear this. No hook throws, and each answers
 * once. Telemetry is written to the journal here, because aedes sends PUBACK as soon as `authorizePublish` answers.
 */
import type { AedesOptions, AuthenticateError, Client, ConnectPacket, PublishPacket } from 'aedes'
import { authenticate, SERVICE_PREFIX, type KnownDevice } from './authenticate.ts'
import { mayBeRetained, mayHear, mayLeaveWill, mayPublish, maySubscribe, type Party } from './authorize.ts'
import { MAX_PAYLOAD_BYTES } from './contract/messages.ts'
import type { Result } from './contract/result.ts'
import type { Clock } from './contract/time.ts'
import type { BrokerJournal } from './journal.ts'
import type { Log } from './log.ts'
import { sessionOf, type BrokerCounters, type Traffic } from './session.ts'

const KEEPALIVE_S = { min: 10, max: 300 }
const FIND_DEVICE_MS = 10_000
// CONNACK return codes, MQTT 3.1.1 table 3.1
const IDENTIFIER_REJECTED = 2
const SERVER_UNAVAILABLE = 3
const NOT_AUTHORISED = 5

export interface HookDeps {
  findDevice: (id: string) => Promise<KnownDevice | null>
  serviceSecretHashes: readonly string[]
  pepper: string
  journal: Pick<BrokerJournal, 'append' | 'bury'>
  clock: Clock
  log: Log
  counters: BrokerCounters
  trafficOf: (party: Party) => Traffic
}

type Hooks = Required<
  Pick<
    AedesOptions,
    | 'preConnect'
    | 'authenticate'
    | 'authorizePublish'
    | 'authorizeSubscribe'
    | 'authorizeForward'
    | 'published'
  >
>

export function brokerHooks(deps: HookDeps): Hooks {
  const { journal, clock, log, counters, trafficOf } = deps

  function refuseConnect(client: Client, reason: string, returnCode: number): AuthenticateError {
    counters.connectsRefused++
    log.info({ client: client.id, reason }, 'connection refused')
    return Object.assign(new Error(reason), { returnCode })
  }

  /** Gives the reason when it was refused. */
  function readConnect(client: Client, packet: ConnectPacket): void {
    const session = sessionOf(client)
    if (!session) return
    // level 3 is answered like every level aedes does not speak: CONNACK 1 [MQTT-3.1.2-2]
    if (packet.protocolVersion === 3) Object.assign(packet, { protocolVersion: 0 })
    // no session outlives its connection: nothing that matters rests on the broker's memory
    packet.clean = true
    session.will = packet.will ?? null
    if (session.party?.kind === 'service') {
      // so that no device can take over the connection by its name
      packet.clientId = `${SERVICE_PREFIX}${packet.clientId}`
      return
    }
    const { min, max } = KEEPALIVE_S
    const keepaliveS = packet.keepalive ?? 0
    if (packet.clientId === '') session.refusal = 'the client id must be the device id, got none'
    else if (keepaliveS < min || keepaliveS > max)
      session.refusal = `keepalive must be ${min} to ${max} s, got ${keepaliveS}`
  }

  async function admit(client: Client, userName: string | undefined, password: Buffer | undefined) {
    const session = sessionOf(client)
    if (!session) throw refuseConnect(client, 'unknown connection', NOT_AUTHORISED)
    if (session.party === null) {
      if (session.refusal !== null) throw refuseConnect(client, session.refusal, IDENTIFIER_REJECTED)
      const asked = await inTime(authenticate({ clientId: client.id, userName, password }, deps)).catch(
        (error: unknown) => {
          log.error({ error }, 'a device could not be looked up')
          throw refuseConnect(client, 'the device could not be looked up', SERVER_UNAVAILABLE)
        },
      )
      if (!asked.ok) throw refuseConnect(client, asked.error, NOT_AUTHORISED)
      const will = session.will as PublishPacket | null
      const left = will && mayLeaveWill(asked.value, asSaying(will))
      if (left && !left.ok) throw refuseConnect(client, left.error, NOT_AUTHORISED)
      session.party = asked.value
    }
    counters.connectsAccepted++
    session.open()
  }

  function refusePublish(client: Client | null, reason: string): Error {
    counters.publishesRefused++
    log.warn({ client: client?.id, reason }, 'publish refused; the connection is closed')
    return new Error(reason)
  }

  /** Answers null when the message may go on, after it is on the disk if it is telemetry. */
  function judgePublish(client: Client | null, packet: PublishPacket): null | Error | Promise<null | Error> {
    const party = sessionOf(client)?.party
    if (!party) return refusePublish(client, 'no known party')
    const asked: Result<string> = mayPublish(party, asSaying(packet))
    if (!asked.ok) return refusePublish(client, asked.error)
    if (party.kind === 'service') {
      // a controller that reconnects must not replay an old run, whoever asked to keep it
      if (packet.retain && !mayBeRetained(packet.topic)) packet.retain = false
      return null
    }
    if (asked.value === 'telemetry') return keepTelemetry(party, packet)
    return packet.payload.length > MAX_PAYLOAD_BYTES
      ? refusePublish(client, `payload over ${MAX_PAYLOAD_BYTES} bytes`)
      : null
  }

  function keepTelemetry(
    party: Extract<Party, { kind: 'device' }>,
    packet: PublishPacket,
  ): Promise<null | Error> {
    const payload = Buffer.from(packet.payload)
    const from = { receivedMs: clock.now(), org: party.org, device: party.device, payload }
    const bytes = payload.length
    const reason =
      bytes === 0
        ? 'payload: expected a telemetry message, got nothing'
        : bytes > MAX_PAYLOAD_BYTES
          ? `payload: expected at most ${MAX_PAYLOAD_BYTES} bytes, got ${bytes}`
          : null
    const kept: Promise<unknown> =
      reason === null ? journal.append(from) : journal.bury({ ...from, topic: packet.topic, reason, bytes })
    return kept.then(
      () => null,
      (error: unknown) => {
        counters.notAcknowledged++
        return error as Error
      },
    )
  }

  return {
    preConnect(client, packet, answer) {
      try {
        readConnect(client, packet)
        answer(null, true)
      } catch (error) {
        log.error({ error }, 'CONNECT could not be judged')
        answer(error as Error, false)
      }
    },
    authenticate(client, userName, password, answer) {
      admit(client, userName, password).then(
        () => answer(null, true),
        (error: AuthenticateError) => answer(error, false),
      )
    },
    authorizePublish(client, packet, answer) {
      let judged: null | Error | Promise<null | Error>
      try {
        judged = judgePublish(client, packet)
      } catch (error) {
        log.error({ error }, 'a publish could not be judged')
        judged = error as Error
      }
      if (judged instanceof Promise) void judged.then(answer)
      else answer(judged)
    },
    authorizeSubscribe(client, subscription, answer) {
      const party = sessionOf(client)?.party
      const asked = party && maySubscribe(party, subscription.topic)
      if (asked?.ok) {
        answer(null, subscription)
        return
      }
      counters.subscribesRefused++
      log.warn({ client: client.id, reason: asked?.error }, 'subscription refused')
      answer(null, null) // SUBACK 0x80 [MQTT-3.9.3-2]
    },
    authorizeForward(client, packet) {
      const party = sessionOf(client)?.party
      if (!party || !mayHear(party, packet.topic)) return null
      trafficOf(party).forwarded++
      return packet
    },
    published(packet, client, answer) {
      const session = sessionOf(client)
      // called when every hearer's copy has been written; a will was not said by the device itself
      if (session?.party && packet !== session.will) trafficOf(session.party).received++
      answer(null)
    },
  }
}

const asSaying = ({ topic, qos, retain }: Pick<PublishPacket, 'topic' | 'qos' | 'retain'>) => ({
  topic,
  qos: qos ?? 0,
  retain: retain ?? false,
})

function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${FIND_DEVICE_MS} ms`)), FIND_DEVICE_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
