/** Feeds the monitors of the running farm with the messages and actions of the model's server, in dispatch's order. */
import type { CommandLifecycle } from '../../../../broker/contract/command-lifecycle/types.ts'
import { standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'
import type { Ack, Heartbeat, State } from '../../../../broker/contract/messages.ts'
import type { Violation } from '../../../../services/dispatch/protocol-monitor/rules.ts'
import {
  newObservedState,
  type ObservedMessage,
  type ObservedState,
} from '../../../../services/dispatch/protocol-monitor/observed-state.ts'
import { observeDevice } from '../../../../services/dispatch/protocol-monitor/watch-device.ts'
import {
  checkOpenCommand,
  checkOpening,
  checkRunDose,
} from '../../../../services/dispatch/protocol-monitor/watch-order.ts'
import type { RunRow } from '../../../../services/tables.ts'

export interface TraceWatch {
  /** The model does not report its own findings: the monitors work alone, as on a farm. */
  isAlone: boolean
  heartbeat(heartbeat: Heartbeat, atMs: number, life: CommandLifecycle | null): void
  state(state: State, atMs: number, life: CommandLifecycle | null, isOrdered: (seq: number) => boolean): void
  /** What phones are shown after it. */
  shown(state: State, atMs: number, life: CommandLifecycle | null): void
  ack(ack: Ack, life: CommandLifecycle | null): void
  live(life: CommandLifecycle, atMs: number, isFresh: boolean): void
  opened(life: CommandLifecycle): void
  runEnded(life: CommandLifecycle, run: RunRow, openings: { ranMs: number | null }[]): void
  /** The server dies: what its monitors remember is gone. */
  restart(): void
  found(): readonly Violation[]
}

export function watchTrace(isAlone = false): TraceWatch {
  const found: Violation[] = []
  let seen: ObservedState = newObservedState()
  let hello: { sess: string; atMs: number } | null = null

  function word(said: ObservedMessage, life: CommandLifecycle | null): void {
    const watched = observeDevice(seen, said, life ? [life] : [], standardTiming)
    seen = watched.observed
    found.push(...watched.violations)
  }

  return {
    isAlone,
    heartbeat: (heartbeat, atMs, life) => word({ type: 'heartbeat', heartbeat, atMs }, life),
    state(state, atMs, life, isOrdered) {
      word({ type: 'state', state, atMs, isOrdered: (_, seq) => isOrdered(seq) }, life)
      if (hello?.sess !== state.sess) hello = { sess: state.sess, atMs }
    },
    shown(state, atMs, life) {
      for (const { id, pos, seq, ranMs } of state.valves) {
        const boundMs = life?.boundAtMs ?? atMs + Math.max(0, state.capMs - ranMs)
        if (pos === 'open') word({ type: 'shown', valve: id, seq, boundMs }, life)
      }
    },
    ack: (ack, life) => word({ type: 'ack', ack }, life),
    live: (life, atMs, isFresh) =>
      void found.push(
        ...checkOpenCommand(life, { atMs, helloAtMs: hello?.atMs ?? null, isFresh }, standardTiming),
      ),
    opened: ({ valve, seq }) =>
      void found.push(
        ...checkOpening({ valve, seq, actor: 'plan:p1', requestId: null, pumpId: null }, [], []),
      ),
    runEnded: (life, run, openings) => void found.push(...checkRunDose(life, run, openings, standardTiming)),
    restart() {
      seen = newObservedState()
      hello = null
    },
    found: () => found,
  }
}
