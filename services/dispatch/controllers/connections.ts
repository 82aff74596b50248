/**
 * The connection to each controller: the current session, its newest heartbeat and its reported state. A retained
 * state is unconfirmed until a heartbeat of its session arrives.
 */
import type { Link } from '../../../broker/contract/command-lifecycle/types.ts'
import type { Heartbeat, State } from '../../../broker/contract/messages.ts'
import type { AtMs } from '../../../broker/contract/time.ts'

export interface Connection {
  org: string
  device: string
  sess: string | null
  heartbeat: Link | null // of `sess`
  state: State | null // of `sess`
  unconfirmedState: State | null // retained; no heartbeat of its session has been received
  pastSessions: string[]
  reconciledSess: string | null // session whose sequence numbers were compared with the records
  /** of the fastest message of the session: offset from device clock to server clock, and its arrival */
  minOffset: { offsetMs: number; atMs: AtMs } | null
}

/** Nothing is known yet, so no valve of the controller may open. */
export const newConnection = (org: string, device: string): Connection => ({
  org,
  device,
  sess: null,
  heartbeat: null,
  state: null,
  unconfirmedState: null,
  pastSessions: [],
  reconciledSess: null,
  minOffset: null,
})

const PAST_SESSIONS = 16

/** False for a past session: a device never reuses a session. */
function enterSession(link: Connection, sess: string): boolean {
  if (link.sess === sess) return true
  if (link.pastSessions.includes(sess)) return false
  if (link.sess !== null) link.pastSessions = [...link.pastSessions, link.sess].slice(-PAST_SESSIONS)
  link.sess = sess
  link.heartbeat = null
  link.state = null
  link.minOffset = null
  return true
}

/** Two quartz clocks drift apart by less. */
const DRIFT = 5e-4

/**
 * Estimates when a device sent a message, from its own clock and its fastest message: a message that waited in the
 * network or in the queue is that much older.
 */
export function estimateSentAtMs(link: Connection, monoMs: number, atMs: AtMs): AtMs {
  const { offsetMs, atMs: sinceMs } = link.minOffset ?? { offsetMs: Infinity, atMs }
  const likelyMs = offsetMs + DRIFT * Math.max(0, atMs - sinceMs)
  if (atMs - monoMs > likelyMs) return Math.floor(monoMs + likelyMs)
  link.minOffset = { offsetMs: atMs - monoMs, atMs }
  return atMs
}

/** After a failed message: the state is applied again with the next heartbeat. */
export function revertToUnconfirmed(link: Connection, state: State): void {
  if (link.state !== state) return
  link.state = null
  link.unconfirmedState = state
}

/** Returns the state that this heartbeat confirms, if any; false for an unusable heartbeat. */
export function acceptHeartbeat(
  link: Connection,
  { sess, n, monoMs }: Heartbeat,
  atMs: AtMs,
): State | null | false {
  if (!enterSession(link, sess)) return false
  if (link.heartbeat && n <= link.heartbeat.n) return false
  link.heartbeat = { sess, n, monoMs, receivedAtMs: atMs }
  if (link.state !== null || link.unconfirmedState?.sess !== sess) return null
  link.state = link.unconfirmedState
  link.unconfirmedState = null
  return link.state
}

/** Whether the state is current. */
export function acceptState(link: Connection, state: State, retained: boolean): boolean {
  if (retained && state.sess !== link.sess) {
    if (!link.pastSessions.includes(state.sess)) link.unconfirmedState = state
    return false
  }
  if (!enterSession(link, state.sess)) return false
  // a repetition, or overtaken by a newer message
  if (link.state && (state.sv < link.state.sv || state.monoMs < link.state.monoMs)) return false
  link.state = state
  return true
}

/** The heartbeat that an opening may refer to: of a session whose state is known. */
export const usableLink = (link: Connection | undefined): Link | null =>
  link?.heartbeat && link.state ? link.heartbeat : null

/** Whether the newest heartbeat was received within `freshMs`. */
export const isFresh = (link: Link | null, nowMs: AtMs, freshMs: number): boolean =>
  // a heartbeat from the future was received before the clock was set back
  link !== null && link.receivedAtMs <= nowMs && nowMs - link.receivedAtMs <= freshMs

/** The current report of the controller about its valves; null: no fresh heartbeat. */
export const freshReport = (link: Connection, nowMs: AtMs, freshMs: number): State | null =>
  isFresh(usableLink(link), nowMs, freshMs) ? link.state : null
