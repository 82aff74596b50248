/**
 * Checks one controller against the contract, only from its received messages and actions in order. It shares no code
 * with the device it judges: it tracks sessions, heartbeats, leases and used numbers itself.
 */
import type { CloseCommand, OpenCommand } from '../../../broker/contract/messages.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { DeviceEvent } from '../../../broker/contract/valve-device/types.ts'
import type { TraceEntry } from '../../../firmware-sim/devices/controller.ts'

export type DeviceRule = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I7' | 'I12'

/** One period in which water could flow through a valve. */
export interface Opening {
  device: string
  valve: string
  seq: number
  durMs: number // as commanded
  openedMs: AtMs
  closedMs: AtMs | null // null: open now
  /** its lease at the opening, then each extension: at which instant, and until when; ascending */
  leases: { atMs: AtMs; untilMs: AtMs }[]
}

export interface Violation {
  rule: DeviceRule
  device: string
  valve: string
  seq: number
  detail: string
}

export interface ValveJudge {
  observe(atMs: AtMs, entry: TraceEntry): void
  openings(): readonly Opening[]
  violations(): readonly Violation[]
  /** from each hello of the device to the loss of that connection, ascending */
  sessions(): readonly Session[]
}

export interface Session {
  fromMs: AtMs
  toMs: AtMs // Infinity: not lost
}

export interface JudgeOptions {
  leaseMs: number
  capMs: number
  /** tolerance of an opening: a second plus the delay of the device by this machine */
  slackMs(): number
}

type Did = Extract<TraceEntry, { type: 'effect' }>['effect']
type Took = Extract<DeviceEvent, { type: 'command' }>

export function valveJudge(device: string, { leaseMs, capMs, slackMs }: JudgeOptions): ValveJudge {
  const openings: Opening[] = []
  const violationList: Violation[] = []
  const sessions: Session[] = []
  const open = new Map<string, Opening>()
  const executed = new Set<string>() // valve and number
  const fenced = new Map<string, number>() // highest acknowledged close, by valve
  // flash content that was really written
  let flash: Extract<Did, { type: 'write-flash' }>['flash'] | null = null
  let nonce: string | null = null
  let heartbeats = new Map<number, { monoMs: number; atMs: AtMs }>() // of this session
  let event: DeviceEvent | null = null // the cause of the next actions
  let hasConnected = false // since boot

  const violate = (rule: DeviceRule, valve: string, seq: number, detail: string) =>
    void violationList.push({ rule, device, valve, seq, detail })

  const isOfSession = (sess: string) => nonce !== null && sess.endsWith(`.${nonce}`)

  function close(atMs: AtMs, valve: string): void {
    const opening = open.get(valve)
    if (!opening) return
    open.delete(valve)
    opening.closedMs = atMs
    const { seq, openedMs, durMs } = opening
    const overMs = atMs - openedMs - Math.min(durMs, capMs) - slackMs()
    if (overMs > 0) violate('I2', valve, seq, `open ${overMs} ms too long`)
    const lateMs = atMs - opening.leases.at(-1)!.untilMs - slackMs()
    if (lateMs > 0)
      violate(
        'I4',
        valve,
        seq,
        `open ${lateMs} ms after its lease, closed at ${new Date(atMs).toISOString()}`,
      )
  }

  function drive(atMs: AtMs, valve: string): void {
    const order = event?.type === 'command' && event.command.op === 'open' ? (event as Took) : null
    const command = order?.command as OpenCommand | undefined
    if (!command || command.valve !== valve)
      return violate(hasConnected ? 'I3' : 'I5', valve, 0, `opened by ${event?.type ?? 'its boot'}`)
    const { seq, durMs, sess, n, expMonoMs } = command
    const key = `${valve} ${seq}`
    if (executed.has(key)) violate('I1', valve, seq, 'opened a second time')
    executed.add(key)
    if (flash?.last[valve] !== seq || flash.open[valve]?.seq !== seq)
      violate('I1', valve, seq, 'opened before its number was used up in flash')
    if (order!.retained) violate('I3', valve, seq, 'opened by a retained message')
    if (!isOfSession(sess)) violate('I3', valve, seq, `opened by a command for session ${sess}`)
    if (order!.monoMs > expMonoMs)
      violate('I3', valve, seq, `opened ${order!.monoMs - expMonoMs} ms after its time`)
    if (seq < (fenced.get(valve) ?? 0))
      violate('I7', valve, seq, `opened although ${fenced.get(valve)} was closed and acknowledged`)
    const beat = heartbeats.get(n)
    if (!beat) violate('I4', valve, seq, `opened by a response to heartbeat ${n}, which it never sent`)
    const lease = { atMs, untilMs: (beat?.atMs ?? atMs) + leaseMs }
    const opening: Opening = { device, valve, seq, durMs, openedMs: atMs, closedMs: null, leases: [lease] }
    openings.push(opening)
    open.set(valve, opening)
    // one lease covers the whole device
    if (beat) extendLeases(atMs, beat.atMs + leaseMs)
  }

  function extendLeases(atMs: AtMs, untilMs: AtMs): void {
    for (const { leases } of open.values())
      if (untilMs > leases.at(-1)!.untilMs) leases.push({ atMs, untilMs })
  }

  function recordAction(atMs: AtMs, effect: Did): void {
    if (effect.type === 'write-flash') flash = effect.flash
    else if (effect.type === 'drive') {
      if (effect.open) drive(atMs, effect.valve)
      else close(atMs, effect.valve)
    } else if (effect.kind === 'heartbeat') {
      const { n, monoMs } = effect.message
      heartbeats.set(n, { monoMs, atMs })
      for (const [number, beat] of heartbeats) if (beat.atMs < atMs - 2 * leaseMs) heartbeats.delete(number)
    } else if (effect.kind === 'ack') {
      const { seq, st, valve } = effect.message
      const isClose = event?.type === 'command' && event.command.op === 'close'
      const close = isClose ? ((event as Took).command as CloseCommand) : null
      if (close?.seq === seq && close.force !== true && (st === 'done' || st === 'dup'))
        fenced.set(valve, Math.max(seq, fenced.get(valve) ?? 0))
    }
  }

  function recordEvent(atMs: AtMs, now: DeviceEvent): void {
    event = now
    if (now.type === 'connected') {
      nonce = now.nonce
      heartbeats = new Map()
      hasConnected = true
      sessions.push({ fromMs: atMs, toMs: Infinity })
    } else if (now.type === 'disconnected') lostConnection(atMs)
    else if (now.type === 'command' && now.retained) {
      const { op } = now.command
      const ofValve = 'valve' in now.command ? now.command.valve : '*'
      violate('I12', ofValve, 0, `received a retained ${op}`)
    } else if (now.type === 'lease' && isOfSession(now.lease.sess)) {
      const beat = heartbeats.get(now.lease.n)
      if (!beat) return
      extendLeases(atMs, beat.atMs + leaseMs)
    }
  }

  function lostConnection(atMs: AtMs): void {
    nonce = null
    const last = sessions.at(-1)
    if (last) last.toMs = Math.min(last.toMs, atMs)
  }

  function lostPower(atMs: AtMs): void {
    for (const valve of [...open.keys()]) close(atMs, valve)
    lostConnection(atMs)
    event = null
    heartbeats = new Map()
    hasConnected = false
  }

  return {
    observe(atMs, entry) {
      if (entry.type === 'event') recordEvent(atMs, entry.event)
      else if (entry.type === 'effect') recordAction(atMs, entry.effect)
      else lostPower(atMs)
    },
    openings: () => openings,
    violations: () => violationList,
    sessions: () => sessions,
  }
}
