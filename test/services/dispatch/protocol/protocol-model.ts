/**
 * Both ends of the valve protocol, run over a network that delays, drops, repeats and reorders, with crashes of either
 * end at any step. The model keeps its own account of what truly happened and names the invariant that breaks.
 *
 * One thing the network may not do: bring words of an older session of the device after those of a newer one. The
 * broker takes the old connection down before it serves the new one.
 */
import { standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'
import {
  isActiveState,
  type CommandLifecycle,
  type LifecycleEvent,
} from '../../../../broker/contract/command-lifecycle/types.ts'
import type {
  Ack,
  ClearCommand,
  Command,
  Heartbeat,
  Lease,
  OpenCommand,
  State,
} from '../../../../broker/contract/messages.ts'
import type {
  DeviceEvent,
  DeviceIo,
  DeviceProfile,
  Flash,
  ValveDevice,
} from '../../../../broker/contract/valve-device/types.ts'
import {
  acceptHeartbeat,
  acceptState,
  isFresh,
  usableLink,
  newConnection,
} from '../../../../services/dispatch/controllers/connections.ts'
import { decideRunEnd } from '../../../../services/dispatch/runs/run-end.ts'
import type { TraceWatch } from './protocol-watch.ts'
import type { RunRow } from '../../../../services/tables.ts'

/** The code under test; the mutation gate passes in damaged copies. */
export interface Protocol {
  life: typeof import('../../../../broker/contract/command-lifecycle/reduce.ts')
  lifeTime: typeof import('../../../../broker/contract/command-lifecycle/timers.ts')
  device: typeof import('../../../../broker/contract/valve-device/device.ts')
  mac: typeof import('../../../../broker/contract/mac.ts')
}

export type Action =
  | { do: 'pass'; ms: number }
  | { do: 'hold' } // from now on words lie in the network until they are delivered
  | { do: 'flow' } // from now on they arrive at once, in order
  | { do: 'deliver'; up: boolean; index: number; again: boolean; retained: boolean }
  | { do: 'drop'; up: boolean; index: number }
  | { do: 'cap'; ms: number } // the device is reconfigured, and the server does not know it yet
  | { do: 'replay'; index: number; retained: boolean } // any command ever sent, by the broker or by an attacker
  | { do: 'forge' } // an order that fits the moment, by somebody without the key
  | { do: 'reconnect' }
  | { do: 'disconnect' }
  | { do: 'cut' } // the device's power
  | { do: 'cut-during'; effects: number } // after so many effects of what comes
  | { do: 'restart' } // the server
  | { do: 'clock'; jumpMs: number } // of the server, as when somebody sets it
  | { do: 'restart-before-send' } // committed, never sent
  | { do: 'stop' } // a person
  | { do: 'fence' } // the server loses sight of it
  | { do: 'break-flash'; broken: boolean }
  | { do: 'leak' } // water flows though nothing is open: the device latches a fault
  | { do: 'clear' } // a person has fixed the fault that the server shows, and confirms it remotely
  | { do: 'forge-clear' } // the same by somebody without the key

const keyHex = 'c3'.repeat(32)
const profile: DeviceProfile = {
  valves: [{ id: 'V1', ratedLpm: null }],
  master: null,
  commandKeyHex: keyHex,
  capMs: 400_000,
  kind: 'leased',
  litresPerPulse: 1,
  fw: 'model',
}
const SLACK_MS = 1_000
const MISSED_MS = 900_000
const LEAK_MS = 31_000

type Up = { kind: 'state' | 'heartbeat' | 'ack'; message: State | Heartbeat | Ack; sess: string }
type Down = { kind: 'command'; message: Command } | { kind: 'lease'; message: Lease }

/** Runs the actions, heals everything, and gives the first broken invariant, or null. */
export function runModel(
  protocol: Protocol,
  actions: Action[],
  dosesMs: number[],
  watch: TraceWatch | null = null,
): string | null {
  const world = makeWorld(protocol, dosesMs, watch)
  try {
    world.start()
    for (const action of actions) world.act(action)
    world.heal()
  } catch (error) {
    if (error instanceof Broken) return error.message
    throw error
  }
  return null
}

class Broken extends Error {}

function makeWorld(
  { life: lives, lifeTime, device: devices, mac }: Protocol,
  dosesMs: number[],
  watch: TraceWatch | null,
) {
  const timing = standardTiming
  let nowMs = 1_800_000_000_000
  let skewMs = 0 // of the server's clock
  const serverMs = () => nowMs + skewMs
  // the device
  let flash: Flash | null = null
  let bootMs = nowMs
  let isDead = false
  let effectsLeft = Infinity
  let isFlashBroken = false
  let hearing: OpenCommand | null = null
  let isLawful = true
  let isBooting = false
  // the network
  let isHeld = false
  let up: Up[] = []
  const down: Down[] = []
  const everSent: Command[] = []
  let nonce = 0
  // the server
  let link = newConnection('org', 'device')
  let life: CommandLifecycle | null = null
  let run: RunRow | null = null
  let runCount = 0
  let highestSeq = 0
  let losesSends = false
  const ended: CommandLifecycle[] = []
  // the account of what truly happened
  const openedSeqs = new Set<number>()
  const openMs = new Map<number, number>() // by seq
  const runOfSeq = new Map<number, string>()
  let open: { seq: number; sinceMs: number; durMs: number } | null = null
  let leasedUntilMs = 0
  const heartbeatMs = new Map<string, number>() // session and n -> when it was sent
  let fencedSeq = 0
  const putRight = new Set<number>() // faults that a person has confirmed as fixed

  const broken = (text: string): void => {
    if (!watch?.isAlone) throw new Broken(text)
  }

  const io: DeviceIo = {
    drive(_valve, isOpen) {
      if (isDead || !spend()) return
      if (!isOpen) return account()
      if (isBooting || !hearing) return void broken('I5: something opened without an order')
      const { seq, sess, expMonoMs, durMs } = hearing
      if (!isLawful) broken('I3, I13: a retained or forged order opened')
      if (openedSeqs.has(seq)) broken(`I1: number ${seq} ran twice`)
      if (sess !== state.sess) broken('I3: an order of another session opened')
      if (nowMs - bootMs > expMonoMs) broken('I3: an order opened after its time')
      if (state.flash.fault !== null) broken(`number ${seq} opened while ${state.flash.fault} is latched`)
      if (seq < fencedSeq) broken(`I7: number ${seq} opened after ${fencedSeq} was acknowledged`)
      openedSeqs.add(seq)
      open = { seq, sinceMs: nowMs, durMs }
    },
    writeFlash(next) {
      if (isDead || !spend()) return
      if (isFlashBroken) throw new Error('worn out')
      flash = structuredClone(next)
    },
    publish({ kind, message }) {
      if (isDead || !spend()) return
      if (kind === 'heartbeat') heartbeatMs.set(`${message.sess} ${message.n}`, nowMs)
      up.push({ kind, message, sess: message.sess })
    },
  }
  /** Power may go between any two effects. */
  function spend(): boolean {
    if (effectsLeft-- > 0) return true
    isDead = true
    return false
  }
  function account(): void {
    if (!open) return
    openMs.set(open.seq, (openMs.get(open.seq) ?? 0) + nowMs - open.sinceMs)
    open = null
  }

  let state = devices.startDevice(profile, null, io)

  type Untimed<T> = T extends unknown ? Omit<T, 'monoMs'> : never
  function stepDevice(event: Untimed<DeviceEvent>): void {
    hearing = event.type === 'command' && event.command.op === 'open' ? (event.command as OpenCommand) : null
    const before = state
    state = devices.stepDevice(state, { ...event, monoMs: nowMs - bootMs } as DeviceEvent, io)
    hearing = null
    if (isDead) cut()
    else checkFault(before, event)
    checkValve()
  }
  /** A fault ends by a person alone: at the device, or by the word of one who saw this very fault. */
  function checkFault(before: ValveDevice, event: Untimed<DeviceEvent>): void {
    if (before.flash.fault === null || state.flash.fault !== null || event.type === 'clear-fault') return
    const clear = event.type === 'command' && event.command.op === 'clear' ? event.command : null
    const of = clear ? (clear as ClearCommand).of : null
    if (of === null || !isLawful) broken('a fault was cleared by nobody')
    if (clear!.sess !== before.sess) broken('a fault was cleared by a word of another session')
    if (of !== before.flash.faultNo || !putRight.has(of))
      broken(`fault ${before.flash.faultNo} was cleared by a word about fault ${of}`)
  }
  function cut(): void {
    account()
    isDead = false
    effectsLeft = Infinity
    isFlashBroken = false
    up = []
    bootMs = nowMs
    leasedUntilMs = 0
    isBooting = true
    const kept = flash?.fault ?? null
    state = devices.startDevice(profile, flash, io)
    isBooting = false
    if (state.flash.fault !== kept) broken('a fault was forgotten by a power cut')
    connect()
  }
  function connect(): void {
    // the broker has taken the old connection down
    up = []
    stepDevice({ type: 'connected', nonce: `n${nonce++}` })
  }
  function checkValve(): void {
    if (!open) return
    const forMs = nowMs - open.sinceMs
    if (forMs > Math.min(open.durMs, profile.capMs) + SLACK_MS) broken(`I2: open for ${forMs} ms`)
    if (nowMs > leasedUntilMs + SLACK_MS) broken('I4: open without a lease')
  }

  function hearDown(word: Down, retained = false): void {
    const { message } = word
    if (retained) isLawful = false
    if (word.kind === 'lease' || word.message.op === 'open') {
      // counted from the heartbeat that it answers, in this boot and session
      const { sess, n } = message as Lease
      const sentMs = sess === state.sess ? heartbeatMs.get(`${sess} ${n}`) : undefined
      if (sentMs !== undefined) leasedUntilMs = Math.max(leasedUntilMs, sentMs + timing.leaseMs)
    }
    if (word.kind === 'lease') stepDevice({ type: 'lease', lease: word.message })
    else stepDevice({ type: 'command', command: word.message, retained })
    isLawful = true
  }

  function send(command: Parameters<typeof mac.withMac>[1]): void {
    const sealed = mac.withMac(keyHex, command) as Command
    everSent.push(sealed)
    down.push({ kind: 'command', message: sealed })
  }

  type Bare<T> = T extends unknown ? Omit<T, 'atMs' | 'link'> : never
  function stepLife(event: Bare<LifecycleEvent>): void {
    if (!life) return
    const stepped = lives.reduceLifecycle(
      life,
      { ...event, atMs: serverMs(), link: usableLink(link) } as LifecycleEvent,
      timing,
    )
    // as the row keeps it
    life = JSON.parse(JSON.stringify(stepped.lifecycle)) as CommandLifecycle
    if (losesSends && stepped.send.length > 0) {
      losesSends = false
      return restart()
    }
    for (const command of stepped.send) send(command)
    if (!isActiveState(life.state)) finish(life)
  }

  function finish(over: CommandLifecycle): void {
    life = null
    ended.push(over)
    const trueMs = (openMs.get(over.seq) ?? 0) + (open?.seq === over.seq ? nowMs - open.sinceMs : 0)
    if (over.ranMs === null || trueMs > over.ranMs + SLACK_MS)
      broken(`I6: ${over.state} (${over.outcome}) says ${over.ranMs} ms, it was ${trueMs} ms`)
    const mine = ended.filter(({ seq }) => runOfSeq.get(seq) === run!.id)
    const ranMs = mine.reduce((sum, { ranMs }) => sum + (ranMs ?? 0), 0)
    watch?.runEnded(over, run!, mine)
    const end = decideRunEnd(run!, over, ranMs, serverMs(), run!.startMs + MISSED_MS + ranMs)
    if (!end.continued) run = null
  }

  function restart(): void {
    link = newConnection('org', 'device')
    watch?.restart()
    stepLife({ type: 'restart' })
  }

  function hearUp({ kind, message }: Up): void {
    if (kind === 'heartbeat') {
      const heartbeat = message as Heartbeat
      const truth = acceptHeartbeat(link, heartbeat, serverMs())
      if (truth === false) return
      watch?.heartbeat(heartbeat, serverMs(), life)
      if (life && !life.isStopped && ['sent', 'running', 'unknown'].includes(life.state)) {
        const lease = mac.withMac(keyHex, { sess: heartbeat.sess, n: heartbeat.n })
        down.push({ kind: 'lease', message: lease })
        stepLife({ type: 'leased' })
      }
      if (truth) takeTruth(truth)
      else stepLife({ type: 'tick' })
    } else if (kind === 'state') {
      const told = message as State
      if (!acceptState(link, told, false)) return
      takeTruth(told)
    } else {
      const ack = message as Ack
      if (life?.closeSeq != null && ack.seq === life.closeSeq && (ack.st === 'done' || ack.st === 'dup'))
        fencedSeq = Math.max(fencedSeq, life.closeSeq)
      watch?.ack(ack, life)
      stepLife({ type: 'ack', ack })
      forget(ack.sess, ack.jr)
    }
    tryOpen()
  }
  function takeTruth(told: State): void {
    watch?.state(told, serverMs(), life, (seq) => runOfSeq.has(seq))
    stepLife({ type: 'state', state: told })
    forget(told.sess, told.jr)
    watch?.shown(told, serverMs(), life)
  }
  function forget(sess: string, entries: { valve: string; seq: number }[]): void {
    const stored = entries.filter(({ seq }) => seq !== life?.seq)
    if (stored.length > 0)
      send({ op: 'journal-ack', sess, entries: stored.map(({ valve, seq }) => ({ valve, seq })) })
  }

  function tryOpen(): void {
    if (life) return
    if (!run && runCount < dosesMs.length)
      run = { id: `run-${runCount}`, minutes: dosesMs[runCount++]! / 60_000, startMs: serverMs() } as RunRow
    const now = usableLink(link)
    const told = link.state?.valves[0]
    if (link.state?.fault != null) return
    if (!run || !now || !told || told.pos === 'open' || !isFresh(now, serverMs(), timing.freshMs)) return
    const doseMs = run.minutes * 60_000
    const mine = ended.filter(({ seq }) => runOfSeq.get(seq) === run!.id)
    const leftMs = doseMs - mine.reduce((sum, { ranMs }) => sum + (ranMs ?? 0), 0)
    if (serverMs() > run.startMs + doseMs + MISSED_MS) return void (run = null)
    highestSeq =
      Math.max(highestSeq, link.state!.last['V1'] ?? 0, ...ended.map((life) => life.closeSeq ?? 0)) + 1
    runOfSeq.set(highestSeq, run.id)
    life = lives.newLifecycle({
      id: `command-${highestSeq}`,
      valve: 'V1',
      seq: highestSeq,
      durMs: Math.min(leftMs, profile.capMs),
      litres: null,
      expiresAtMs: serverMs() + MISSED_MS,
    })
    watch?.opened(life)
    stepLife({ type: 'tick' })
  }

  function drain(): void {
    for (let count = 0; !isHeld && (up.length > 0 || down.length > 0); count++) {
      if (count > 500) throw new Broken('the two ends talk without end')
      const heard = up.shift()
      if (heard) hearUp(heard)
      const told = down.shift()
      if (told) hearDown(told)
    }
  }

  function pass(ms: number): void {
    const untilMs = nowMs + ms
    while (nowMs < untilMs) {
      const lookMs = life
        ? lifeTime.nextCheckMs(life, usableLink(link), serverMs(), timing) - skewMs
        : Infinity
      const tickMs = bootMs + devices.nextTickMonoMs(state)
      nowMs = Math.min(untilMs, Math.max(nowMs + 1, Math.min(lookMs, tickMs)))
      if (tickMs <= nowMs) stepDevice({ type: 'tick' })
      checkValve()
      stepLife({ type: 'tick' })
      drain()
      if (life && watch) watch.live(life, serverMs(), isFresh(usableLink(link), serverMs(), timing.freshMs))
    }
  }

  const pick = (bag: readonly unknown[], index: number): number =>
    bag.length === 0 ? -1 : index % bag.length

  function act(action: Action): void {
    switch (action.do) {
      case 'pass':
        pass(action.ms)
        break
      case 'hold':
        isHeld = true
        break
      case 'flow':
        isHeld = false
        break
      case 'deliver': {
        const bag = action.up ? up : down
        const at = pick(bag, action.index)
        if (at < 0) break
        const word = bag[at]!
        if (!action.again) bag.splice(at, 1)
        if (action.up) hearUp(word as Up)
        else hearDown(word as Down, action.retained)
        break
      }
      case 'drop': {
        const bag = action.up ? up : down
        const at = pick(bag, action.index)
        if (at >= 0) bag.splice(at, 1)
        break
      }
      case 'replay': {
        // the newest first: the old ones are dead in every way
        const message = everSent.at(-1 - action.index)
        if (message) hearDown({ kind: 'command', message }, action.retained)
        break
      }
      case 'forge': {
        const n = state.heartbeats.at(-1)?.n ?? 0
        const expMonoMs = nowMs - bootMs + 60_000
        const order = {
          op: 'open' as const,
          id: 'forged-order',
          valve: 'V1',
          seq: highestSeq + 1000,
          durMs: 60_000,
        }
        isLawful = false
        const message: OpenCommand = {
          ...order,
          sess: state.sess ?? 'none',
          n,
          expMonoMs,
          mac: '0'.repeat(32),
        }
        hearDown({ kind: 'command', message })
        break
      }
      case 'cap':
        stepDevice({ type: 'config', config: { v: 1, version: 1, capMs: action.ms } })
        break
      case 'reconnect':
        connect()
        break
      case 'disconnect':
        up = []
        stepDevice({ type: 'disconnected' })
        break
      case 'cut':
        cut()
        break
      case 'cut-during':
        effectsLeft = action.effects
        break
      case 'clock':
        skewMs += action.jumpMs
        break
      case 'restart':
        restart()
        break
      case 'restart-before-send':
        losesSends = true
        break
      case 'stop':
        stepLife({ type: 'stop' })
        break
      case 'fence':
        if (life?.state === 'sent' || life?.state === 'running')
          life = { ...life, state: 'unknown', unknownReason: 'overdue', unknownAtMs: serverMs() }
        stepLife({ type: 'tick' })
        break
      case 'break-flash':
        isFlashBroken = action.broken
        break
      case 'leak':
        stepDevice({ type: 'meter', litres: 500 })
        pass(LEAK_MS)
        break
      case 'clear':
      case 'forge-clear': {
        const { fault, faultNo } = link.state ?? {}
        if (link.sess === null || fault == null || !faultNo) break
        const order = { op: 'clear' as const, of: faultNo, sess: link.sess }
        if (action.do === 'clear') {
          putRight.add(faultNo)
          send(order)
          break
        }
        isLawful = false
        hearDown({ kind: 'command', message: { ...order, mac: '0'.repeat(32) } })
      }
    }
    drain()
  }

  return {
    act,
    start: connect,
    /** The faults are over: every command must come to its end, and every run stay within its dose. */
    heal(): void {
      isHeld = false
      losesSends = false
      effectsLeft = Infinity
      if (isFlashBroken) cut()
      stepDevice({ type: 'clear-fault' })
      stepDevice({ type: 'config', config: { v: 1, version: 2, capMs: profile.capMs } })
      if (state.sess === null) connect()
      drain()
      for (let minutes = 0; minutes < 90 && (life || run || runCount < dosesMs.length); minutes++)
        pass(60_000)
      if (life) broken(`I10: number ${life.seq} is ${life.state} for ever`)
      account()
      for (const { seq, ranMs } of ended)
        if ((openMs.get(seq) ?? 0) > ranMs! + SLACK_MS)
          broken(`I6: number ${seq} is on record with ${ranMs} ms, it ran ${openMs.get(seq)} ms`)
      for (const [index, doseMs] of dosesMs.entries()) {
        const mine = [...openMs].filter(([seq]) => runOfSeq.get(seq) === `run-${index}`)
        const waterMs = mine.reduce((sum, [, ms]) => sum + ms, 0)
        if (waterMs > doseMs + SLACK_MS) broken(`I6: ${waterMs} ms of water for a dose of ${doseMs} ms`)
      }
    },
    openedCount: () => openedSeqs.size,
  }
}
