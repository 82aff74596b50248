/**
 * The server side of conform: it sends commands and leases as dispatch does, and also invalid ones. The messages of the
 * controller are collected in `view`.
 */
import { randomUUID } from 'node:crypto'
import { standardTiming } from '../contract/command-lifecycle/timing.ts'
import { macOf, withMac, type UnsignedCommand } from '../contract/mac.ts'
import type { Ack, CloseCommand, Heartbeat, Lease, OpenCommand } from '../contract/messages.ts'
import { SECOND_MS, type AtMs, type Clock } from '../contract/time.ts'
import { createView, updateView, type ReceivedHeartbeat, type View } from './view.ts'
import { ruleFailed, ruleSkipped } from './verdict.ts'
import type { OwnBrokerControls, Wire, WireEvent } from './wire.ts'

/** An action requested from the person at the bench. */
export type PersonAction = 'power-cut' | 'fault'

export interface BenchOptions {
  wire: Wire
  clock: Clock
  org: string
  device: string
  keyHex: string
  /** Shows the request to the person; resolves when it is shown, not when it is done. */
  requestAction(action: PersonAction): Promise<void>
}

export interface Bench {
  clock: Clock
  org: string
  device: string
  keyHex: string
  view: View
  wire: Wire
  /** Throws `ruleSkipped` with a foreign broker. */
  ownBroker(): OwnBrokerControls
  requestAction(action: PersonAction): Promise<void>
  /** Resolves with the first result of `find`, at once or after a message of the controller; null after a timeout. */
  until<T>(check: () => T | null | undefined | false, withinMs: number): Promise<T | null>
  sleep(ms: number): Promise<void>
  onEvent(listener: (event: WireEvent, atMs: AtMs) => void): void
  /** The valve with this index; throws `ruleSkipped` if there is none. */
  valve(index?: number): string
  /** The newest heartbeat; throws `ruleSkipped` if there is none. */
  latestHeartbeat(): ReceivedHeartbeat
  isTimed(): boolean
  lastOf(valve: string): number
  /** A valid open command, as dispatch would send it now. */
  opening(valve: string, changes?: Partial<OpenCommand>): OpenCommand
  /** A valid close command, with a number above every known one. */
  closing(changes?: Partial<CloseCommand>): CloseCommand
  send(command: object): Promise<void>
  /** Sends the command and waits for the ack with its number; null: no ack. */
  sendAndAwaitAck(command: {
    valve: string
    seq?: number | undefined
  }): Promise<(Ack & { atMs: AtMs }) | null>
  /** Opens the valve; the rule fails if it does not open. */
  open(valve: string, changes?: Partial<OpenCommand>): Promise<OpenCommand>
  /** The ack of the end of a run. */
  awaitEnd(order: OpenCommand, withinMs: number): Promise<Ack & { atMs: AtMs }>
  /** Sets the lease that follows a heartbeat; null: none. */
  lease(leaseFor: (heartbeat: Heartbeat) => Lease | null): void
  leaseAll(): void
  configure(changes?: object): Promise<void>
  /** Acknowledges the journal entries; the controller may drop them. */
  storeJournal(): Promise<void>
}

export const ACK_TIMEOUT_MS = 5 * SECOND_MS
export const timing = standardTiming

/**
 * Collects the messages of the wire from now on, and answers each new heartbeat with a valid lease until `lease` is
 * called. `open` and `opening` throw a skipped verdict while no heartbeat of the session has been received.
 */
export function createBench(options: BenchOptions): Bench {
  const { wire, clock, org, device, keyHex } = options
  const view = createView()
  const pendingChecks = new Set<() => void>()
  const listeners: ((event: WireEvent, atMs: AtMs) => void)[] = []
  const usedSeqs = new Map<string, number>()
  let version = Math.floor(clock.now() / SECOND_MS)
  const validLease = ({ sess, n }: Heartbeat): Lease => withMac(keyHex, { sess, n })
  let leaseFor: (heartbeat: Heartbeat) => Lease | null = validLease

  wire.listen((event) => {
    const atMs = clock.now()
    const knownCount = view.heartbeats.length
    const lastSess = view.sess
    updateView(view, event, atMs)
    const beat = view.heartbeats.at(-1)
    const isNew = beat && (view.sess !== lastSess || view.heartbeats.length > knownCount)
    const lease = isNew ? leaseFor(beat) : null
    if (lease) wire.send('lease', JSON.stringify(lease)).catch(() => {})
    for (const listener of listeners) listener(event, atMs)
    for (const check of [...pendingChecks]) check()
  })

  const until = <T>(find: () => T | null | undefined | false, withinMs: number): Promise<T | null> =>
    new Promise((resolve) => {
      const finish = (result: T | null) => {
        cancel()
        pendingChecks.delete(check)
        resolve(result)
      }
      const check = () => {
        const result = find()
        if (result !== null && result !== undefined && result !== false) finish(result)
      }
      const cancel = clock.at(clock.now() + withinMs, () => finish(null))
      pendingChecks.add(check)
      check()
    })

  const lastOf = (valve: string) => Math.max(view.state?.last[valve] ?? 0, usedSeqs.get(valve) ?? 0)
  const use = (valve: string, seq: number) =>
    void usedSeqs.set(valve, Math.max(seq, usedSeqs.get(valve) ?? 0))
  const sessNow = () => view.sess ?? 'none'

  function beat(): ReceivedHeartbeat {
    const newest = view.heartbeats.at(-1)
    if (!newest) throw ruleSkipped('no heartbeat of this session was received')
    return newest
  }

  const sendCommand = (command: object) => wire.send('command', JSON.stringify(command))

  async function sendAndAwaitAck(command: { valve: string; seq?: number | undefined }) {
    const from = view.acks.length
    await sendCommand(command)
    const { valve, seq = 0 } = command
    return until(
      () => view.acks.slice(from).find((ack) => ack.valve === valve && ack.seq === seq),
      ACK_TIMEOUT_MS,
    )
  }

  const opening: Bench['opening'] = (valve, changes = {}) => {
    const { n, monoMs } = beat()
    const order = {
      op: 'open' as const,
      id: randomUUID(),
      valve,
      seq: changes.seq ?? lastOf(valve) + 1,
      durMs: 20 * SECOND_MS,
      sess: sessNow(),
      n,
      expMonoMs: monoMs + timing.expiryMs,
      ...changes,
    }
    use(valve, order.seq)
    return { ...order, mac: changes.mac ?? macOf(keyHex, order) }
  }

  return {
    clock,
    org,
    device,
    keyHex,
    view,
    wire,
    ownBroker() {
      if (wire.own === null) throw ruleSkipped('seen only on conform’s own broker (without --url)')
      return wire.own
    },
    requestAction: options.requestAction,
    until,
    sleep: async (ms) => void (await until(() => false, ms)),
    onEvent: (listener) => void listeners.push(listener),
    valve(index = 0) {
      const valve = view.state?.valves[index]?.id
      if (valve === undefined)
        throw ruleSkipped(`the controller has no ${index === 0 ? 'valve' : 'second valve'}`)
      return valve
    },
    latestHeartbeat: beat,
    isTimed: () => view.state?.class === 'timed',
    lastOf,
    opening,
    closing(changes = {}) {
      const valve = changes.valve ?? view.state!.valves[0]!.id
      const isForced = changes.force === true
      const seq = changes.seq ?? lastOf(valve) + 1
      const order: UnsignedCommand = {
        op: 'close',
        valve,
        ...(isForced ? {} : { seq }),
        sess: sessNow(),
        ...changes,
      }
      if (!isForced) use(valve, seq)
      return { ...order, mac: changes.mac ?? macOf(keyHex, order) } as CloseCommand
    },
    send: sendCommand,
    sendAndAwaitAck,
    async open(valve, changes = {}) {
      const order = opening(valve, changes)
      const ack = await sendAndAwaitAck(order)
      if (ack?.st !== 'running')
        throw ruleFailed(ackText(ack), `an ack with st running for number ${order.seq} of ${valve}`)
      return order
    },
    async awaitEnd({ valve, seq }, withinMs) {
      const endAck = await until(
        () =>
          view.acks.find(
            (ack) => ack.valve === valve && ack.seq === seq && (ack.st === 'done' || ack.st === 'aborted'),
          ),
        withinMs,
      )
      if (endAck === null)
        throw ruleFailed(
          `no ack of its end within ${withinMs / SECOND_MS} s`,
          `an ack with st done or aborted for number ${seq} of ${valve}`,
        )
      return endAck
    },
    lease: (newLeaseFor) => void (leaseFor = newLeaseFor),
    leaseAll: () => void (leaseFor = validLease),
    configure(changes = {}) {
      const { heartbeatIdleMs, heartbeatOpenMs, leaseMs, stateMs } = timing
      version += 1
      const config = {
        v: 1,
        version,
        sampleS: 30,
        heartbeatIdleMs,
        heartbeatOpenMs,
        leaseMs,
        stateMs,
        ...changes,
      }
      return wire.send('config', JSON.stringify(config))
    },
    async storeJournal() {
      const entries = (view.state?.jr ?? []).map(({ valve, seq }) => ({ valve, seq }))
      if (entries.length > 0)
        await sendCommand(withMac(keyHex, { op: 'journal-ack' as const, sess: sessNow(), entries }))
    },
  }
}

/** A short text of an ack, for the actual value of a result. */
export function ackText(ack: Ack | null): string {
  if (ack === null) return `no answer within ${ACK_TIMEOUT_MS / SECOND_MS} s`
  const reason = ack.why === undefined ? '' : ` (${ack.why})`
  return `ack ${ack.st}${reason}, ${ack.ranMs} ms, last ${ack.last}`
}
