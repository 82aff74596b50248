/** What aedes asks of us when somebody connects: whether the CONNECT is one we serve, and who it is. */
import type { AedesOptions, AuthenticateError, Client, ConnectPacket, PublishPacket } from 'aedes'
import { replyOnce, withTimeout } from './reply.ts'
import { authenticate, SERVICE_PREFIX, type Identity, type RegisteredDevice } from '../access/authenticate.ts'
import { mayLeaveWill } from '../access/authorize.ts'
import type { Spend } from '../access/connection-guard.ts'
import { delayedReplies } from '../access/delayed-replies.ts'
import type { Log } from '../log.ts'
import type { LoginBackoff } from '../access/login-backoff.ts'
import type { OnRejection } from '../access/rejection.ts'
import { publishIntent } from '../access/publish-intent.ts'
import { sessionOf, type BrokerCounters, type Session } from '../access/session.ts'

const KEEPALIVE_S = { min: 10, max: 300 }
// CONNACK return codes, MQTT 3.1.1 table 3.1
const IDENTIFIER_REJECTED = 2
const SERVER_UNAVAILABLE = 3
const NOT_AUTHORISED = 5

export interface ConnectDeps {
  findDevice: (id: string) => Promise<RegisteredDevice | null>
  serviceSecretHashes: readonly string[]
  pepper: string
  log: Log
  counters: BrokerCounters
  backoff: LoginBackoff
  nowMs: () => number // monotonic
  rateLimitOf: (device: string) => Spend
  /** the session says who it is, before anything is known to be true */
  onClaim: (session: Session) => void
  onRejection?: OnRejection
}

export function connectHooks(deps: ConnectDeps): Required<Pick<AedesOptions, 'preConnect' | 'authenticate'>> {
  const { log, counters, backoff: delay, nowMs, rateLimitOf: budgetOf } = deps
  const holdBack = delayedReplies()

  function refusal(client: Client, reason: string, returnCode: number): AuthenticateError {
    counters.connectsRefused++
    log.info({ client: client.id, reason }, 'connection refused')
    return Object.assign(new Error(reason), { returnCode })
  }

  /** Keeps the reason when it will be refused. */
  function readConnect(client: Client, packet: ConnectPacket): void {
    const session = sessionOf(client)
    if (!session) return
    // no session outlives its connection: nothing that matters rests on the broker's memory
    packet.clean = true
    session.will = packet.will ?? null
    if (session.party?.kind === 'service') {
      // so that no device can take over the connection by its name
      packet.clientId = `${SERVICE_PREFIX}${packet.clientId}`
      return
    }
    session.claimedId = packet.clientId
    deps.onClaim(session)
    const { min, max } = KEEPALIVE_S
    const keepaliveS = packet.keepalive ?? 0
    if (packet.clientId === '') session.rejectReason = 'the client id must be the device id, got none'
    else if (keepaliveS < min || keepaliveS > max)
      session.rejectReason = `keepalive must be ${min} to ${max} s, got ${keepaliveS}`
  }

  async function admit(client: Client, userName: string | undefined, password: Buffer | undefined) {
    const startMs = nowMs()
    const session = sessionOf(client)
    if (!session) throw refusal(client, 'unknown connection', NOT_AUTHORISED)
    if (session.party === null) {
      if (session.rejectReason !== null) throw refusal(client, session.rejectReason, IDENTIFIER_REJECTED)
      const { party, secretHash, isController } = await identify(client, session, startMs, userName, password)
      const will = session.will as PublishPacket | null
      const left = will && mayLeaveWill(party, publishIntent(will))
      if (left && !left.ok) throw refusal(client, left.error, NOT_AUTHORISED)
      const [org, name] = party.kind === 'device' ? [party.org, party.device] : [SERVICE_PREFIX, client.id]
      if (session.stream.destroyed) throw refusal(client, 'gone before it was let in', SERVER_UNAVAILABLE)
      const room = session.slot?.admit(org, name)
      if (room && !room.ok) {
        counters.tooManyDevices++
        throw refusal(client, room.error, SERVER_UNAVAILABLE)
      }
      Object.assign(session, { party, secretHash, isController })
    }
    counters.connectsAccepted++
    if (session.party?.kind === 'device') session.spend = budgetOf(session.party.device)
  }

  async function identify(
    client: Client,
    session: Session,
    startMs: number,
    userName: string | undefined,
    password: Buffer | undefined,
  ): Promise<Identity> {
    const clientId = client.id
    const asked = await withTimeout(authenticate({ clientId, userName, password }, deps)).catch(
      (error: unknown) => {
        log.error({ error }, 'a device could not be looked up')
        throw refusal(client, 'the device could not be looked up', SERVER_UNAVAILABLE)
      },
    )
    const { certificateName: certified } = session
    if (asked.ok && (certified === null || certified === clientId)) return asked.value
    counters.signInsFailed++
    // counted from the CONNECT: how long the look-up took tells nothing
    const heldMs = startMs + delay.failed(session.slot?.address ?? '', startMs) - nowMs()
    await holdBack(session.stream, heldMs)
    throw refusal(
      client,
      asked.ok ? `the certificate is of ${certified}, not of this device` : asked.error,
      NOT_AUTHORISED,
    )
  }

  const tried = (client: Client, userName: string | undefined, { message: reason }: Error) => ({
    claims: userName === undefined ? [client.id] : [client.id, userName],
    what: 'connect' as const,
    reason,
  })

  return {
    preConnect(client, packet, answer) {
      const reply = replyOnce(answer)
      try {
        readConnect(client, packet)
        reply(null, true)
      } catch (error) {
        counters.hooksFailed++
        log.error({ error }, 'CONNECT could not be judged')
        reply(error as Error, false)
      }
    },
    authenticate(client, userName, password, answer) {
      const reply = replyOnce(answer)
      admit(client, userName, password)
        .then(
          () => reply(null, true),
          (error: AuthenticateError) => {
            reply(error, false)
            // what is our own fault is nothing that the client tried
            if (error.returnCode !== SERVER_UNAVAILABLE) deps.onRejection?.(tried(client, userName, error))
          },
        )
        .catch((error: unknown) => {
          counters.hooksFailed++
          log.error({ error }, 'CONNECT could not be answered')
        })
    },
  }
}
