/**
 * What is known of the way to each controller: the session that is heard now, its newest heartbeat, and the state it
 * told. A retained state is only hearsay until a heartbeat of its session is heard.
 */
import type { Link } from '../../../broker/contract/command-life/reduce.ts'
import type { Heartbeat, State } from '../../../broker/contract/messages.ts'
import type { AtMs } from '../../../broker/contract/time.ts'

export interface DeviceLink {
  org: string
  device: string
  sess: string | null
  heartbeat: Link | null // of `sess`
  state: State | null // of `sess`
  hearsay: State | null // retained, its session not heard yet
  pastSessions: string[]
  comparedSess: string | null // whose used numbers were compared with what is on record
  /** of the session's fastest word: from the device's clock to ours, and when it was heard */
  fastest: { offsetMs: number; atMs: AtMs } | null
}

export const newLink = (org: string, device: string): DeviceLink => ({
  org,
  device,
  sess: null,
  heartbeat: null,
  state: null,
  hearsay: null,
  pastSessions: [],
  comparedSess: null,
  fastest: null,
})

const PAST_SESSIONS = 16

/** False for a session that is over: sessions of a device never come back. */
function enter(link: DeviceLink, sess: string): boolean {
  if (link.sess === sess) return true
  if (link.pastSessions.includes(sess)) return false
  if (link.sess !== null) link.pastSessions = [...link.pastSessions, link.sess].slice(-PAST_SESSIONS)
  link.sess = sess
  link.heartbeat = null
  link.state = null
  link.fastest = null
  return true
}

/** Two quartz clocks part by less. */
const DRIFT = 5e-4

/**
 * When a device said something of its session, by its own clock and the fastest of its words: what waited in a line, with
 * the network or with us, is that much older.
 */
export function saidAtMs(link: DeviceLink, monoMs: number, atMs: AtMs): AtMs {
  const { offsetMs, atMs: sinceMs } = link.fastest ?? { offsetMs: Infinity, atMs }
  const likelyMs = offsetMs + DRIFT * Math.max(0, atMs - sinceMs)
  if (atMs - monoMs > likelyMs) return Math.floor(monoMs + likelyMs)
  link.fastest = { offsetMs: atMs - monoMs, atMs }
  return atMs
}

/** The word could not be taken in: it becomes the truth again with the next heartbeat. */
export function hearAgain(link: DeviceLink, state: State): void {
  if (link.state !== state) return
  link.state = null
  link.hearsay = state
}

/** Gives the state that has become the truth through this heartbeat, if any; false when it is of no use. */
export function hearHeartbeat(
  link: DeviceLink,
  { sess, n, monoMs }: Heartbeat,
  atMs: AtMs,
): State | null | false {
  if (!enter(link, sess)) return false
  if (link.heartbeat && n <= link.heartbeat.n) return false
  link.heartbeat = { sess, n, monoMs, heardAtMs: atMs }
  if (link.state !== null || link.hearsay?.sess !== sess) return null
  link.state = link.hearsay
  link.hearsay = null
  return link.state
}

/** Whether the state is the truth now. */
export function hearState(link: DeviceLink, state: State, retained: boolean): boolean {
  if (retained && state.sess !== link.sess) {
    if (!link.pastSessions.includes(state.sess)) link.hearsay = state
    return false
  }
  if (!enter(link, state.sess)) return false
  // told again, or overtaken by a newer one
  if (link.state && (state.sv < link.state.sv || state.monoMs < link.state.monoMs)) return false
  link.state = state
  return true
}

/** The heartbeat that an opening may answer: of a session whose state is known. */
export const linkOf = (link: DeviceLink | undefined): Link | null =>
  link?.heartbeat && link.state ? link.heartbeat : null

export const isFresh = (link: Link | null, nowMs: AtMs, freshMs: number): boolean =>
  // one from the future was heard before the clock was set back
  link !== null && link.heardAtMs <= nowMs && nowMs - link.heardAtMs <= freshMs

/** What the controller says of its valves now; null: it is not heard. */
export const freshReport = (link: DeviceLink, nowMs: AtMs, freshMs: number): State | null =>
  isFresh(linkOf(link), nowMs, freshMs) ? link.state : null
