/** Checks the commands of dispatch against the invariants that it must keep. Pure. */
import type { CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'
import type { Timing } from '../../../broker/contract/command-lifecycle/timing.ts'
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { CommandRow, PumpRow, RunRow } from '../../tables.ts'
import { supplyChain } from '../../domain/water-supply.ts'
import type { OpenValve } from '../interlocks/interlocks.ts'
import type { Violation } from './rules.ts'

const LATE_MS = MINUTE_MS

type Opened = Pick<CommandRow, 'valve' | 'seq' | 'actor' | 'requestId'>

/** I13: the person or plan behind an opening; null: none. */
export function openingOrigin({ actor, requestId }: Pick<Opened, 'actor' | 'requestId'>): string | null {
  if (actor.startsWith('plan:')) return actor.length > 'plan:'.length ? actor : null
  // a manual start is a request; dispatch opens the rest of it in that person's name
  return actor === '' || actor === 'plan' ? null : (requestId ?? actor)
}

/**
 * I11, I13, when an opening is written. `pumps`: all of the farm, from the same transaction; `openValves`: all valves
 * that are or may be open, this one included. The supply chain is resolved again from the rows, independently of the
 * interlocks.
 */
export function checkOpening(
  opening: Opened & Pick<OpenValve, 'pumpId'>,
  pumps: readonly PumpRow[],
  openValves: readonly OpenValve[],
): Violation[] {
  const { valve, seq, actor } = opening
  const violations: Violation[] = []
  if (openingOrigin(opening) === null) violations.push({ rule: 'I13', valve, seq, detail: { actor } })
  for (const id of supplyChain({ pumps }, opening)) {
    const pump = pumps.find((row) => row.id === id)
    const below = openValves.filter((open) => supplyChain({ pumps }, open).includes(id))
    const flowLpm = below.reduce((sum, item) => sum + item.flowLpm, 0)
    // a person may start a run alone that needs more than the pump delivers, also on an unknown pump
    const isByPlan = actor.startsWith('plan:')
    const isTooMuch = (below.length > 1 || isByPlan) && flowLpm > (pump?.capacityLpm ?? Infinity) * 1.01
    if (pump ? below.length > pump.maxOpenValves || isTooMuch : isByPlan)
      violations.push({ rule: 'I11', valve, seq, detail: { open: below.length, flowLpm, pump: id } })
  }
  return violations
}

/** I9: an opening is sent only after its row is written. */
export const checkSending = (valve: string, seq: number, isWritten: boolean): Violation[] =>
  isWritten ? [] : [{ rule: 'I9', valve, seq, detail: { why: 'sent before it was written' } }]

/** I6: all openings of a run together, as recorded. */
export function checkRunDose(
  { valve, seq }: Pick<Opened, 'valve' | 'seq'>,
  run: Pick<RunRow, 'id' | 'minutes'>,
  openings: readonly { ranMs: number | null }[],
  { slackMs }: Pick<Timing, 'slackMs'>,
): Violation[] {
  const doseMs = run.minutes * MINUTE_MS
  const ranMs = openings.reduce((sum, opening) => sum + (opening.ranMs ?? 0), 0)
  if (ranMs <= doseMs + slackMs * openings.length) return []
  return [{ rule: 'I6', valve, seq, detail: { run: run.id, ranMs, doseMs } }]
}

/** I9, I10, for an open command: reconciled after the hello, and ended eventually. */
export function checkOpenCommand(
  lifecycle: CommandLifecycle,
  now: { atMs: AtMs; helloAtMs: AtMs | null; isFresh: boolean },
  timing: Timing,
): Violation[] {
  const { valve, seq, state } = lifecycle
  const { atMs, helloAtMs, isFresh } = now
  const violations: Violation[] = []
  const doubtSinceMs =
    state === 'unknown' ? lifecycle.unknownAtMs : state === 'fencing' ? lifecycle.fencedAtMs : null
  const isSinceHello = helloAtMs !== null && doubtSinceMs !== null && doubtSinceMs <= helloAtMs
  if (isFresh && isSinceHello && atMs > helloAtMs + timing.reconcileMs + timing.resendMs)
    violations.push({ rule: 'I9', valve, seq, detail: { state, sinceHelloMs: atMs - helloAtMs } })
  const endMs =
    state === 'new'
      ? lifecycle.expiresAtMs
      : (lifecycle.boundAtMs ??
          Math.max(lifecycle.sentAtMs ?? 0, lifecycle.expiresAtMs) + lifecycle.durMs + timing.expiryMs) +
        timing.reconcileMs +
        timing.unconfirmedMs
  // after a clock jump no time has passed: it must have been in doubt for as long as a restart waits for a lease to
  // end
  const waitedMs = doubtSinceMs === null ? Infinity : atMs - doubtSinceMs
  if (atMs > endMs + LATE_MS && waitedMs > timing.leaseMs + timing.reconcileMs + LATE_MS)
    violations.push({ rule: 'I10', valve, seq, detail: { state, lateMs: atMs - endMs } })
  return violations
}
