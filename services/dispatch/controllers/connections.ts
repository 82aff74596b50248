/**
 * What is known of the way to each controller: the session that is heard now, its newest heartbeat, and the state it
 * told. A retained state is only hearsay until a heartbeat of its session is heard.
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
  unconfirmedState: State | null // retained, its session not heard yet
  pastSessions: string[]
  reconciledSess: string | null // whose used numbers were compared with what is on record
  /** of the session's fastest word: from the device's clock to ours, and when it was heard */
  minOffset: { offsetMs: number; atMs: AtMs } | null
}

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

/** False for a session that is over: sessions of a device never come back. */
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

/** Two quartz clocks part by less. */
const DRIFT = 5e-4

/**
 * When a device said something of its session, by its own clock and the fastest of its words: what waited in a line, with
 * the network or with us, is that much older.
 */
export function estimateSentAtMs(link: Connection, monoMs: number, atMs: AtMs): AtMs {
  const { offsetMs, atMs: sinceMs } = link.minOffset ?? { offsetMs: Infinity, atMs }
  const likelyMs = offsetMs + DRIFT * Math.max(0, atMs - sinceMs)
  if (atMs - monoMs > likelyMs) return Math.floor(monoMs + likelyMs)
  link.minOffset = { offsetMs: atMs - monoMs, atMs }
  return atMs
}

/** The word could not be taken in: it becomes the truth again with the next heartbeat. */
export function revertToUnconfirmed(link: Connection, state: State): void {
  if (link.state !== state) return
  link.state = null
  link.unconfirmedState = state
}

/** Gives the state that has become the truth through this heartbeat, if any; false when it is of no use. */
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

/** Whether the state is the truth now. */
export function acceptState(link: Connection, state: State, retained: boolean): boolean {
  if (retained && state.sess !== link.sess) {
    if (!link.pastSessions.includes(state.sess)) link.unconfirmedState = state
    return false
  }
  if (!enterSession(link, state.sess)) return false
  // told again, or overtaken by a newer one
  if (link.state && (state.sv < link.state.sv || state.monoMs < link.state.monoMs)) return false
  link.state = state
  return true
}

/** The heartbeat that an opening may answer: of a session whose state is known. */
export const usableLink = (link: Connection | undefined): Link | null =>
  link?.heartbeat && link.state ? link.heartbeat : null

export const isFresh = (link: Link | null, nowMs: AtMs, freshMs: number): boolean =>
  // one from the future was heard before the clock was set back
  link !== null && link.receivedAtMs <= nowMs && nowMs - link.receivedAtMs <= freshMs

/** What the controller says of its valves now; null: it is not heard. */
export const freshReport = (link: Connection, nowMs: AtMs, freshMs: number): State | null =>
  isFresh(usableLink(link), nowMs, freshMs) ? link.state : null
