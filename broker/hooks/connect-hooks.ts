/** The hooks of aedes for a CONNECT: whether it is supported, and who the client is. */
import type { AedesOptions, AuthenticateError, Client, ConnectPacket, PublishPacket } from 'aedes'
import { replyOnce, withTimeout } from './reply.ts'
import { authenticate, SERVICE_PREFIX, type Identity, type RegisteredDevice } from '../access/authenticate.ts'
import { mayLeaveWill, publishIntent, type Party } from '../access/authorize.ts'
import type { Spend } from '../access/connection-guard.ts'
import { delayedReplies } from '../access/delayed-replies.ts'
import type { Log, OnRejection } from '../log.ts'
import type { FailureBackoff } from '../contract/rate/failure-backoff.ts'
import { sessionOf, type BrokerCounters, type Session } from '../access/session.ts'

const KEEPALIVE_S = { min: 10, max: 300 }
// CONNACK return codes, MQTT 3.1.1 table 3.1
const IDENTIFIER_REJECTED = 2
const SERVER_UNAVAILABLE = 3
const NOT_AUTHORISED = 5
const NO_CLIENT_ID = 'the client id must be the device id, got none'

export interface ConnectDeps {
  findDevice: (id: string) => Promise<RegisteredDevice | null>
  serviceSecretHashes: readonly string[]
  pepper: string
  log: Log
  counters: BrokerCounters
  backoff: FailureBackoff
  nowMs: () => number // monotonic
  rateLimitOf: (party: Exclude<Party, { kind: 'service' }>) => Spend
  /** the name of the session is known, but not verified yet */
  onClaim: (session: Session) => void
  onRejection?: OnRejection
}

/**
 * `authenticate` refuses with a return code of MQTT 3.1.1 table 3.1; wrong credentials are answered after a delay.
 * `preConnect` only normalises the packet. `onRejection` is called for a refusal, except after a fault of the server.
 */
export function connectHooks(deps: ConnectDeps): Required<Pick<AedesOptions, 'preConnect' | 'authenticate'>> {
  const { log, counters, backoff, nowMs, rateLimitOf } = deps
  const delayReply = delayedReplies()

  function refusal(client: Client, reason: string, returnCode: number): AuthenticateError {
    counters.connectsRefused++
    log.info({ client: client.id, reason }, 'connection refused')
    return Object.assign(new Error(reason), { returnCode })
  }

  /** Normalises the packet, and records the reason in the session if it will be refused. */
  function readConnect(client: Client, packet: ConnectPacket): void {
    const session = sessionOf(client)
    if (!session) return
    // no session outlives its connection: nothing important depends on the memory of the broker
    packet.clean = true
    session.will = packet.will ?? null
    if (session.party?.kind === 'service') {
      // so that no device can take over the connection with the same client id
      packet.clientId = `${SERVICE_PREFIX}${packet.clientId}`
      return
    }
    const userName = packet.username ?? ''
    // the user name of a device is its client id as well
    session.claimedId = userName === '' ? packet.clientId : userName
    deps.onClaim(session)
    const { min, max } = KEEPALIVE_S
    const keepaliveS = packet.keepalive ?? 0
    session.isNameless = packet.clientId === ''
    if (session.isNameless && userName === '') session.rejectReason = NO_CLIENT_ID
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
      const willPermission = will && mayLeaveWill(party, publishIntent(will))
      if (willPermission && !willPermission.ok) throw refusal(client, willPermission.error, NOT_AUTHORISED)
      // so that no client id of a gateway takes over the connection of a device, or of another gateway
      if (party.kind === 'gateway') client.id = `gateway:${party.gateway}:${client.id}`
      const org = party.kind === 'service' ? SERVICE_PREFIX : party.org
      const name = party.kind === 'device' ? party.device : client.id
      if (session.stream.destroyed) throw refusal(client, 'closed before it was accepted', SERVER_UNAVAILABLE)
      const admission = session.slot?.admit(org, name)
      if (admission && !admission.ok) {
        counters.tooManyDevices++
        throw refusal(client, admission.error, SERVER_UNAVAILABLE)
      }
      Object.assign(session, { party, secretHash, isController })
    }
    counters.connectsAccepted++
    const { party } = session
    if (party !== null && party.kind !== 'service') session.spend = rateLimitOf(party)
  }

  async function identify(
    client: Client,
    session: Session,
    startMs: number,
    userName: string | undefined,
    password: Buffer | undefined,
  ): Promise<Identity> {
    const clientId = client.id
    const identity = await withTimeout(authenticate({ clientId, userName, password }, deps)).catch(
      (error: unknown) => {
        log.error({ error }, 'a device could not be looked up')
        throw refusal(client, 'the device could not be looked up', SERVER_UNAVAILABLE)
      },
    )
    const { certificateName } = session
    const holder = identity.ok && identity.value.party.kind === 'gateway' ? userName : clientId
    if (identity.ok && (certificateName === null || certificateName === holder)) return identity.value
    counters.signInsFailed++
    // measured from the CONNECT, so that the time of the lookup reveals nothing
    const delayMs = startMs + backoff.failed(session.slot?.address ?? '', startMs) - nowMs()
    await delayReply(session.stream, delayMs)
    if (session.isNameless) throw refusal(client, NO_CLIENT_ID, IDENTIFIER_REJECTED)
    throw refusal(
      client,
      identity.ok ? `the certificate is of ${certificateName}, not of this device` : identity.error,
      NOT_AUTHORISED,
    )
  }

  const rejection = (client: Client, userName: string | undefined, { message: reason }: Error) => ({
    claims: userName === undefined ? [client.id] : [client.id, userName],
    action: 'connect' as const,
    reason,
  })

  return {
    preConnect(client, packet, callback) {
      const reply = replyOnce(callback)
      try {
        readConnect(client, packet)
        reply(null, true)
      } catch (error) {
        counters.hooksFailed++
        log.error({ error }, 'the check of a CONNECT failed')
        reply(error as Error, false)
      }
    },
    authenticate(client, userName, password, callback) {
      const reply = replyOnce(callback)
      admit(client, userName, password)
        .then(
          () => reply(null, true),
          (error: AuthenticateError) => {
            reply(error, false)
            // a fault of the server is not an action of the client
            if (error.returnCode !== SERVER_UNAVAILABLE)
              deps.onRejection?.(rejection(client, userName, error))
          },
        )
        .catch((error: unknown) => {
          counters.hooksFailed++
          log.error({ error }, 'the reply to a CONNECT failed')
        })
    },
  }
}
