/** How the life of a command ends, and how much water can have flowed. */
import type { CommandLifecycle, CommandState, Timing } from './reduce.ts'
import type { AtMs } from '../time.ts'

export interface RunResult {
  ranMs: number
  litres: number | null
  isBound: boolean
}

/**
 * The most that the run can have lasted, ms: its duration, or the lease that was last given, counted on the device's
 * own clock from the heartbeat that the first sending answered. A controller that holds no lease runs its duration.
 */
export function worstCaseRunMs(life: CommandLifecycle, timing: Timing): number {
  if (life.sentAtMs === null && life.sess === null) return 0
  const { firstMonoMs, leaseMonoMs } = life
  if (life.isTimed || firstMonoMs === null || leaseMonoMs === null) return life.durMs
  return Math.min(life.durMs, Math.max(0, leaseMonoMs + timing.leaseMs - firstMonoMs))
}

const COMPLETED = new Set(['timer', 'litres'])
const REJECTED = new Set(['busy', 'interlock', 'flash', 'cap', 'mac', 'valve', 'retained', 'sess', 'expired'])

/** The device's own record of this number: certain, but after a power cut only an upper bound. */
export function endByJournal(
  life: CommandLifecycle,
  entry: { ranMs: number; litres?: number | null; why: string },
  atMs: AtMs,
  timing: Timing,
): CommandLifecycle {
  const litres = entry.litres ?? null
  if (entry.why === 'power') {
    const ranMs = Math.min(entry.ranMs, worstCaseRunMs(life, timing))
    return end(life, 'resolved', 'power', atMs, { ranMs, litres: null, isBound: true })
  }
  const ran = { ranMs: entry.ranMs, litres, isBound: false }
  if (entry.ranMs === 0 && REJECTED.has(entry.why)) return end(life, 'rejected', entry.why, atMs, ran)
  if (COMPLETED.has(entry.why)) return end(life, 'done', entry.why, atMs, ran)
  const isFenced = life.state === 'fencing' && !life.isStopped && entry.why === 'command'
  return end(life, isFenced ? 'resolved' : 'aborted', isFenced ? 'fenced' : entry.why, atMs, ran)
}

/** Certain that it never ran and never will. */
export function endNeverRun(life: CommandLifecycle, atMs: AtMs): CommandLifecycle {
  const ran = { ranMs: 0, litres: 0, isBound: false }
  if (life.isStopped) return end(life, 'aborted', 'command', atMs, ran)
  if (life.rejectReason !== null) return end(life, 'rejected', life.rejectReason, atMs, ran)
  return end(life, life.state === 'fencing' ? 'resolved' : 'expired', 'expired', atMs, ran)
}

export const end = (
  life: CommandLifecycle,
  state: CommandState,
  outcome: string,
  atMs: AtMs,
  { ranMs, litres, isBound }: RunResult,
): CommandLifecycle => ({
  ...life,
  state,
  outcome,
  ranMs,
  ranLitres: litres,
  isBound,
  endedAtMs: atMs,
})

/** From here only the device's own word leads back; otherwise it is fenced. */
export function toUnknown(
  life: CommandLifecycle,
  why: NonNullable<CommandLifecycle['unknownReason']>,
  atMs: AtMs,
): CommandLifecycle {
  if (life.state === 'fencing') return life
  return { ...life, state: 'unknown', unknownReason: why, unknownAtMs: life.unknownAtMs ?? atMs }
}
