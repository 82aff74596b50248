/**
 * Watches what a controller reports against the invariants that it must keep. Pure: what was seen of it, and an event,
 * give what is broken and what is remembered. It judges by the device's own clock alone, so that a slow network or a
 * server's clock that is set breaks no rule.
 */
import type { CommandLife } from '../../../broker/contract/command-life.ts'
import type { Ack, Heartbeat, JournalEntry, State } from '../../../broker/contract/messages.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Broken } from './rules.ts'

/** What is remembered of one controller. */
export interface Seen {
  sess: string | null
  helloMonoMs: number // of the session
  monoMs: number
  sv: number
  /** by session: state version under which an end was told last. A word as old as that was overtaken by it, also the
   * hello of its session. */
  endSv: Record<string, number>
  /** by valve: the highest number that was reported as over */
  over: Record<string, number>
  /** by valve: the highest close that was acknowledged */
  fenced: Record<string, number>
  /** by valve: when it is shut at the latest as it was shown, on the server's clock */
  bound: Record<string, { seq: number; sess: string; untilMs: AtMs }>
  /** runs by valve and number, the newest of them */
  runs: Record<string, number>
  clock: { sess: string; atMs: AtMs; monoMs: number } | null
  /** server's clock less the device's, of the word of this session that came fastest */
  offsetMs: number
}
export const newSeen = (): Seen => ({
  ...{ sess: null, helloMonoMs: 0, monoMs: 0, sv: 0, endSv: {}, over: {}, fenced: {}, bound: {}, runs: {} },
  ...{ clock: null, offsetMs: Infinity },
})

/** An order that has not ended, as far as the monitors look. */
export type Order = Pick<
  CommandLife,
  'valve' | 'seq' | 'durMs' | 'sess' | 'expMonoMs' | 'leaseMonoMs' | 'isTimed' | 'closeSeq'
>

export type DeviceWord =
  | { type: 'state'; state: State; atMs: AtMs; isOrdered: (valve: string, seq: number) => boolean }
  | { type: 'ack'; ack: Ack }
  | { type: 'heartbeat'; heartbeat: Heartbeat; atMs: AtMs }
  /** the row that phones see says: open, shut at the latest by then */
  | { type: 'shown'; valve: string; seq: number; boundMs: AtMs | null }

export interface Watched {
  seen: Seen
  broken: Broken[]
}

const SLACK_MS = 1_000
const JUMP_MS = 300_000
const RUNS_KEPT = 64
const SESSIONS_KEPT = 4

export function watchDevice(
  before: Seen,
  word: DeviceWord,
  orders: readonly Order[],
  leaseMs: number,
): Watched {
  switch (word.type) {
    case 'state':
      return seeState(before, word, orders, leaseMs)
    case 'ack':
      return seeAck(before, word.ack, orders)
    case 'heartbeat':
      return seeClock(before, word)
    case 'shown':
      return seeShown(before, word)
  }
}

function seeState(
  before: Seen,
  { state, atMs, isOrdered }: Extract<DeviceWord, { type: 'state' }>,
  orders: readonly Order[],
  leaseMs: number,
): Watched {
  const isHello = state.sess !== before.sess
  const hasBooted = isHello && before.sess !== null && state.monoMs < before.monoMs
  const helloMonoMs = isHello ? state.monoMs : before.helloMonoMs
  const { sess, monoMs, sv } = state
  const offsetMs = Math.min(isHello ? Infinity : before.offsetMs, atMs - monoMs)
  const isOvertaken = isAsOldAsEnd(before, state)
  const seen: Seen = { ...before, sess, helloMonoMs, monoMs, sv, offsetMs }
  const broken: Broken[] = []
  for (const valve of state.valves) {
    if (valve.pos !== 'open') continue
    const { id, seq, ranMs } = valve
    const order = orders.find((one) => one.valve === id && one.seq === seq)
    const openedMonoMs = state.monoMs - ranMs
    const tell = (rule: Broken['rule'], detail: Broken['detail']) =>
      void broken.push({ rule, valve: id, seq, detail })

    if (!isOvertaken && seq <= (before.over[id] ?? 0)) tell('I1', { overSeq: before.over[id]! })
    if (!isOvertaken && seq < (before.fenced[id] ?? 0)) tell('I7', { fencedSeq: before.fenced[id]! })
    if (hasBooted || openedMonoMs < -SLACK_MS) tell('I5', { ranMs, sinceBootMs: state.monoMs })
    if (!order && !isOrdered(id, seq)) tell('I13', { why: 'nobody ordered it' })
    const longestMs = Math.min(order?.durMs ?? Infinity, state.capMs)
    if (ranMs > longestMs + SLACK_MS) tell('I2', { ranMs, longestMs })
    const bound = before.bound[id]
    // on the device's clock, by the fastest word until now: one that was late makes no bound early
    const lateMs = state.monoMs + offsetMs - (bound?.untilMs ?? Infinity)
    if (bound?.seq === seq && bound.sess === state.sess && lateMs > SLACK_MS) tell('I8', { lateMs })
    if (order) broken.push(...judgeOpening(order, state, { openedMonoMs, helloMonoMs, leaseMs }))
  }
  const closed = state.valves.filter(({ pos, why }) => pos === 'closed' && why !== 'boot')
  return remember(seen, broken, [
    ...state.jr,
    // a valve that is shut has no run in the journal any more once it was stored
    ...closed.map(({ id, seq, ranMs, why }) => ({ valve: id, seq, ranMs, why })),
  ])
}

/** Whether it could open when it did, and whether its lease still holds. */
function judgeOpening(
  { valve, seq, sess, expMonoMs, leaseMonoMs, isTimed }: Order,
  state: State,
  { openedMonoMs, helloMonoMs, leaseMs }: { openedMonoMs: number; helloMonoMs: number; leaseMs: number },
): Broken[] {
  const broken: Broken[] = []
  const isOfSession = openedMonoMs > helloMonoMs + SLACK_MS
  if (isOfSession && sess !== null && sess !== state.sess)
    broken.push({ rule: 'I3', valve, seq, detail: { sentTo: sess, openedIn: state.sess } })
  if (isOfSession && sess === state.sess && expMonoMs !== null && openedMonoMs > expMonoMs + SLACK_MS)
    broken.push({ rule: 'I3', valve, seq, detail: { lateMs: openedMonoMs - expMonoMs } })
  const lateMs = leaseMonoMs === null ? 0 : state.monoMs - leaseMonoMs - leaseMs
  if (!isTimed && sess === state.sess && lateMs > SLACK_MS)
    broken.push({ rule: 'I4', valve, seq, detail: { lateMs } })
  return broken
}

function seeAck(before: Seen, ack: Ack, orders: readonly Order[]): Watched {
  const { valve, seq, st, why, ranMs } = ack
  const broken: Broken[] = []
  if (st === 'rejected' && why === 'retained')
    broken.push({ rule: 'I12', valve, seq, detail: { of: 'command' } })
  // told again after a loss: an older truth
  const isOld = ack.sess !== before.sess || ack.sv < before.sv || isAsOldAsEnd(before, ack)
  if (st === 'running' && !isOld && seq <= (before.over[valve] ?? 0))
    broken.push({ rule: 'I1', valve, seq, detail: { overSeq: before.over[valve]! } })
  const order = orders.find((one) => one.valve === valve && one.seq === seq)
  if (order && ranMs > order.durMs + SLACK_MS && st !== 'dup')
    broken.push({ rule: 'I2', valve, seq, detail: { ranMs, longestMs: order.durMs } })
  const isClose = orders.some((one) => one.valve === valve && one.closeSeq === seq)
  const fenced =
    isClose && (st === 'done' || st === 'dup')
      ? { ...before.fenced, [valve]: Math.max(seq, before.fenced[valve] ?? 0) }
      : before.fenced
  const ended = st === 'done' || st === 'aborted' ? [{ valve, seq, ranMs, why: why ?? st }] : []
  const over = isClose || valve === '*' ? ack.jr : [...ack.jr, ...ended]
  return remember({ ...before, fenced, endSv: endSvWith(before, ack, over.length > 0) }, broken, over)
}

const isAsOldAsEnd = ({ endSv }: Seen, { sess, sv }: { sess: string; sv: number }): boolean =>
  sv <= (endSv[sess] ?? 0)

function endSvWith({ endSv }: Seen, { sess, sv }: Ack, tellsEnd: boolean): Seen['endSv'] {
  if (!tellsEnd || sv <= (endSv[sess] ?? 0)) return endSv
  return Object.fromEntries(Object.entries({ ...endSv, [sess]: sv }).slice(-SESSIONS_KEPT))
}

/** Runs that are over; one that is told anew with another length ran twice. */
function remember(seen: Seen, found: Broken[], entries: readonly JournalEntry[]): Watched {
  const over = { ...seen.over }
  let runs = { ...seen.runs }
  const broken = [...found]
  for (const { valve, seq, ranMs, why } of entries) {
    over[valve] = Math.max(seq, over[valve] ?? 0)
    const key = `${valve} ${seq}`
    const before = runs[key]
    if (
      before !== undefined &&
      before > 0 &&
      ranMs > 0 &&
      Math.abs(ranMs - before) > SLACK_MS &&
      why !== 'power'
    )
      broken.push({ rule: 'I1', valve, seq, detail: { ranMs, before } })
    runs[key] = ranMs
  }
  const keys = Object.keys(runs)
  if (keys.length > RUNS_KEPT)
    runs = Object.fromEntries(keys.slice(-RUNS_KEPT).map((key) => [key, runs[key]!]))
  return { seen: { ...seen, over, runs }, broken }
}

/** What was shown. */
function seeShown(before: Seen, { valve, seq, boundMs }: Extract<DeviceWord, { type: 'shown' }>): Watched {
  if (boundMs === null || before.sess === null)
    return {
      seen: before,
      broken: boundMs === null ? [{ rule: 'I8', valve, seq, detail: { bound: null } }] : [],
    }
  const bound = { seq, sess: before.sess, untilMs: boundMs }
  return { seen: { ...before, bound: { ...before.bound, [valve]: bound } }, broken: [] }
}

/** A server's clock that was set, by how the device's own ran on meanwhile. It changes no run; a person should know. */
function seeClock(
  before: Seen,
  { heartbeat: { sess, monoMs }, atMs }: Extract<DeviceWord, { type: 'heartbeat' }>,
): Watched {
  const { clock } = before
  const isOfSession = sess === before.sess
  const offsetMs = isOfSession ? Math.min(before.offsetMs, atMs - monoMs) : before.offsetMs
  const seen = { ...before, offsetMs, clock: { sess, atMs, monoMs } }
  if (clock === null || clock.sess !== sess) return { seen, broken: [] }
  const jumpMs = atMs - clock.atMs - (monoMs - clock.monoMs)
  // words may be minutes late, and an hour after a server that was frozen
  const isJump = jumpMs < -JUMP_MS || jumpMs > 12 * JUMP_MS
  // bounds of the old clock mean nothing on the new one
  if (isJump) Object.assign(seen, { offsetMs: isOfSession ? atMs - monoMs : Infinity, bound: {} })
  return { seen, broken: isJump ? [{ rule: 'I14', valve: null, seq: null, detail: { jumpMs } }] : [] }
}
