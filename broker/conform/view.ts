/** The state of the controller from its own messages: session, newest heartbeat and state, open valves. */
import Type from 'typebox'
import { jsonParser } from '../contract/json.ts'
import {
  parseAck,
  parseHeartbeat,
  parseOnline,
  parseState,
  type Ack,
  type Heartbeat,
  type State,
} from '../contract/messages.ts'
import type { AtMs } from '../contract/time.ts'
import { parseTopic } from '../contract/topics.ts'
import type { ConnectDetails, WireEvent } from './wire.ts'

export interface ReceivedHeartbeat extends Heartbeat {
  atMs: AtMs
}

export interface View {
  /** of the newest connection; own broker only */
  connect: ConnectDetails | null
  subscriptions: { filter: string; qos: number; isBeforeOnline: boolean }[]
  isGone: boolean
  sess: string | null
  /** every session, newest last */
  sessions: string[]
  hello: { sess: string; kinds: string[] } | null
  /** of the session, newest last */
  heartbeats: ReceivedHeartbeat[]
  /** of the session */
  state: State | null
  stateAtMs: AtMs
  /** all since the start, newest last */
  acks: (Ack & { atMs: AtMs })[]
  /** open valves by the newest message, with their numbers */
  open: Map<string, number>
  /** numbers of the telemetry messages; null: a message without one */
  telemetry: (number | null)[]
}

/** Before the first message: no session, not connected, and no valve known to be open. */
export const createView = (): View => ({
  connect: null,
  subscriptions: [],
  isGone: true,
  sess: null,
  sessions: [],
  hello: null,
  heartbeats: [],
  state: null,
  stateAtMs: 0,
  acks: [],
  open: new Map(),
  telemetry: [],
})

const parseNumbered = jsonParser(Type.Object({ n: Type.Number() }))

/** Applies an event. Invalid messages change nothing: another rule covers them. */
export function updateView(view: View, event: WireEvent, atMs: AtMs): void {
  if (event.type === 'connect') {
    Object.assign(view, { connect: event.connect, subscriptions: [], isGone: false, hello: null })
  } else if (event.type === 'gone') view.isGone = true
  else if (event.type === 'subscribe')
    view.subscriptions.push({ ...event, isBeforeOnline: view.hello === null })
  else applyMessage(view, event, atMs)
}

function applyMessage(view: View, event: Extract<WireEvent, { type: 'message' }>, atMs: AtMs): void {
  const topic = parseTopic(event.topic)
  if (!topic.ok) return
  const { kind } = topic.value
  const { payload, isRetained } = event
  if (kind === 'online') {
    const online = parseOnline(payload)
    if (!online.ok || isRetained) return
    if (online.value.on === 0) view.isGone = true
    else {
      view.isGone = false
      view.hello = { sess: online.value.sess, kinds: ['online'] }
      startSession(view, online.value.sess)
    }
    return
  }
  if (!isRetained) view.hello?.kinds.push(kind)
  if (kind === 'state') {
    const state = parseState(payload)
    // a retained state counts only before the first message of a session
    if (state.ok && !(isRetained && view.sess !== null)) applyState(view, state.value, atMs)
  } else if (kind === 'heartbeat') {
    const heartbeat = parseHeartbeat(payload)
    if (!heartbeat.ok) return
    startSession(view, heartbeat.value.sess)
    view.heartbeats.push({ ...heartbeat.value, atMs })
  } else if (kind === 'ack') {
    const ack = parseAck(payload)
    if (ack.ok) applyAck(view, ack.value, atMs)
  } else if (kind === 'telemetry' && !isRetained) {
    const numbered = parseNumbered(payload)
    view.telemetry.push(numbered.ok ? numbered.value.n : null)
  }
}

function startSession(view: View, sess: string): void {
  if (view.sess === sess) return
  if (view.state?.sess !== sess) view.state = null
  view.sess = sess
  view.sessions.push(sess)
  view.heartbeats = []
}

function applyState(view: View, state: State, atMs: AtMs): void {
  startSession(view, state.sess)
  view.state = state
  view.stateAtMs = atMs
  view.open = new Map(state.valves.filter(({ pos }) => pos === 'open').map(({ id, seq }) => [id, seq]))
}

function applyAck(view: View, ack: Ack, atMs: AtMs): void {
  view.acks.push({ ...ack, atMs })
  const { valve, seq, st } = ack
  if (st === 'running') view.open.set(valve, seq)
  else if ((st === 'done' || st === 'aborted') && view.open.get(valve) === seq) view.open.delete(valve)
}
