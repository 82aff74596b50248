/**
 * A new device: a person types a claim code into it, and it exchanges the code for credentials over HTTP. After a lost
 * or negative response it retries with the same nonce: the device cannot know whether a person has already added it.
 */
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { parseClaimCode } from '../../broker/contract/claim-code.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { MINUTE_MS, SECOND_MS, sleep, type Clock } from '../../broker/contract/time.ts'
import type { DeviceEntry } from './fleet.ts'

const OrNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Claimed = Type.Object({
  id: Type.String(),
  org: Type.String(),
  kind: Type.Enum(['probe', 'station', 'trap', 'gauge', 'controller']),
  secret: Type.String(),
  commandKey: OrNull(Type.String()),
  valves: Type.Array(Type.String()),
  mqtt: OrNull(
    Type.Object({
      port: OrNull(Type.Number()),
      tlsPort: OrNull(Type.Number()),
      webSocketPath: OrNull(Type.String()),
    }),
  ),
})
export type Claimed = Static<typeof Claimed>
const check = Compile(Claimed)

const MAX_TRIES = 5
const RESPONSE_TIMEOUT_MS = 10_000
// as the device guide requires, so that many devices do not flood the server
const FIRST_WAIT_MS = MINUTE_MS
const LONGEST_WAIT_MS = 10 * MINUTE_MS

export interface ClaimOptions {
  /** http[s]://HOST:PORT of the dashboard */
  at: string
  code: string
  /** random, stored in flash before the first attempt */
  nonce: string
  clock: Clock
  note(text: string): void
}

/**
 * Retries until the code is accepted: a person may add the device after it was switched on. Any other rejection
 * returns the server's reason; an unreachable server is tried five times.
 */
export async function claimDevice({ at, code, nonce, clock, note }: ClaimOptions): Promise<Result<Claimed>> {
  const parsedCode = parseClaimCode(code)
  if (!parsedCode.ok) return parsedCode // detected here, without a request
  let waitMs = FIRST_WAIT_MS
  for (let tries = 1; ;) {
    const response = await postClaim(`${at}/api/claim`, { code: parsedCode.value, nonce })
    if (response.ok) return response
    if (response.why !== 'not-yet') {
      if (response.why === 'wrong') return response
      if (tries === MAX_TRIES) return err(`no answer from ${at}: ${response.error}`)
      note(`no answer from ${at} (${response.error}), trying again`)
      tries += 1
      await sleep(clock, 2 * SECOND_MS)
      continue
    }
    const pauseMs = response.afterMs ?? waitMs
    note(`${response.error}. Asking again in ${pauseMs / SECOND_MS} s, until somebody adds this device`)
    await sleep(clock, pauseMs)
    if (response.afterMs === null) waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs)
  }
}

type ClaimAttempt =
  | { ok: true; value: Claimed }
  | { ok: false; error: string; why: 'away' | 'wrong' }
  | { ok: false; error: string; why: 'not-yet'; afterMs: number | null } // null: the server gives no time

async function postClaim(url: string, body: object): Promise<ClaimAttempt> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    })
    const text = await response.text()
    if (!response.ok) return rejection(response, messageOf(text))
    const claimed: unknown = JSON.parse(text)
    return check.Check(claimed)
      ? { ok: true, value: claimed as Claimed }
      : { ok: false, error: 'the answer is not that of a claim', why: 'wrong' }
  } catch (error) {
    const { message, cause } = error as Error
    return { ok: false, error: (cause as Error | undefined)?.message ?? message, why: 'away' }
  }
}

function rejection({ status, headers }: Response, error: string): ClaimAttempt & { ok: false } {
  if (status === 403) return { ok: false, error, why: 'not-yet', afterMs: null }
  if (status !== 429) return { ok: false, error, why: status >= 500 ? 'away' : 'wrong' }
  const afterS = Number(headers.get('retry-after') ?? NaN)
  return { ok: false, error, why: 'not-yet', afterMs: afterS > 0 ? afterS * SECOND_MS : null }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message: string }).message
  } catch {
    return text.slice(0, 80)
  }
}

/** The URL for MQTT, or the reason why this device cannot connect. */
export function mqttUrlOf({ mqtt }: Pick<Claimed, 'mqtt'>, at: string): Result<string> {
  const { protocol, hostname, host } = new URL(at)
  const isSecure = protocol === 'https:'
  if (mqtt === null) return err('devices connect to another broker here: say with --connect which')
  if (isSecure && mqtt.tlsPort !== null) return ok(`mqtts://${hostname}:${mqtt.tlsPort}`)
  if (mqtt.port !== null) return ok(`mqtt://${hostname}:${mqtt.port}`)
  if (mqtt.tlsPort !== null) return ok(`mqtts://${hostname}:${mqtt.tlsPort}`)
  if (mqtt.webSocketPath !== null) return ok(`${isSecure ? 'wss' : 'ws'}://${host}${mqtt.webSocketPath}`)
  return err('MQTT is open to the server itself only; README, "Connect a device", says how to open it')
}

/** The entry of the credentials file. A controller without zones has one valve. */
export const toDeviceEntry = ({ id, kind, secret, commandKey, valves }: Claimed): DeviceEntry => ({
  id,
  kind: kind as DeviceEntry['kind'],
  secret,
  ...(kind === 'controller'
    ? {
        commandKey,
        valves: (valves.length > 0 ? valves : ['V1']).map((valve) => ({ id: valve, ratedLpm: RATED_LPM })),
      }
    : {}),
})

const RATED_LPM = 60
