/** The end of a command, and the upper bound of its water. */
import type { AtMs } from '../time.ts'
import type { Timing } from './timing.ts'
import type { CommandLifecycle, CommandState } from './types.ts'

export interface RunResult {
  ranMs: number
  litres: number | null
  isBound: boolean
}

/**
 * The most that the run can have lasted, ms: its duration, or until the end of the last lease, counted on the device's
 * own clock from the heartbeat that the first copy refers to. A controller that holds no lease runs for its duration.
 */
export function worstCaseRunMs(command: CommandLifecycle, timing: Timing): number {
  if (command.sentAtMs === null && command.sess === null) return 0
  const { firstMonoMs, leaseMonoMs } = command
  if (command.isTimed || firstMonoMs === null || leaseMonoMs === null) return command.durMs
  return Math.min(command.durMs, Math.max(0, leaseMonoMs + timing.leaseMs - firstMonoMs))
}

/**
 * When the valve opened, by the run time that the device reports: a message that was delayed, or that met a restarting
 * server, does not move it beyond the last instant at which the command could open.
 */
export function openedAtMs(
  { sentAtMs, boundAtMs, durMs, confirmedAtMs, unknownReason }: CommandLifecycle,
  ranMs: number,
  atMs: AtMs,
): AtMs {
  // after a restart only the device's report counts: the clock may have been set meanwhile
  const isUnbounded = boundAtMs === null || unknownReason === 'restart'
  const latestMs = confirmedAtMs ?? (isUnbounded ? atMs : Math.min(atMs, boundAtMs - durMs))
  return Math.min(latestMs, Math.max(sentAtMs ?? -Infinity, atMs - ranMs))
}

/** A reported run time, ms, up to what was ordered: a longer report is an error of the device, which a monitor raises. */
export const boundedRunMs = (
  { durMs }: Pick<CommandLifecycle, 'durMs'>,
  ranMs: number,
  { slackMs }: Pick<Timing, 'slackMs'>,
): number => Math.min(ranMs, durMs + slackMs)

const COMPLETED = new Set(['timer', 'litres'])
const REJECTED = new Set(['busy', 'interlock', 'flash', 'cap', 'mac', 'valve', 'retained', 'sess', 'expired'])

/** Ends by the device's own record of this number: exact, but after a power cut only an upper bound. */
export function endByJournal(
  reported: CommandLifecycle,
  entry: { ranMs: number; litres?: number | null; why: string },
  atMs: AtMs,
  timing: Timing,
): CommandLifecycle {
  const litres = entry.litres ?? null
  // as reported: the monitors see a run beyond its order, and its record is bounded
  const { ranMs } = entry
  const command =
    reported.openedAtMs == null && ranMs > 0
      ? { ...reported, openedAtMs: openedAtMs(reported, boundedRunMs(reported, ranMs, timing), atMs) }
      : reported
  if (entry.why === 'power') {
    const mostMs = Math.min(ranMs, worstCaseRunMs(command, timing))
    return end(reported, 'resolved', 'power', atMs, { ranMs: mostMs, litres: null, isBound: true })
  }
  const actualRun = { ranMs, litres, isBound: false }
  if (entry.ranMs === 0 && REJECTED.has(entry.why))
    return end(command, 'rejected', entry.why, atMs, actualRun)
  if (COMPLETED.has(entry.why)) return end(command, 'done', entry.why, atMs, actualRun)
  const isFenced = command.state === 'fencing' && !command.isStopped && entry.why === 'command'
  return end(command, isFenced ? 'resolved' : 'aborted', isFenced ? 'fenced' : entry.why, atMs, actualRun)
}

/** Ends a command that has not run and cannot run any more. */
export function endNeverRun(command: CommandLifecycle, atMs: AtMs): CommandLifecycle {
  const actualRun = { ranMs: 0, litres: 0, isBound: false }
  if (command.isStopped) return end(command, 'aborted', 'command', atMs, actualRun)
  if (command.rejectReason !== null) return end(command, 'rejected', command.rejectReason, atMs, actualRun)
  return end(command, command.state === 'fencing' ? 'resolved' : 'expired', 'expired', atMs, actualRun)
}

/** The lifecycle in a final state. */
export const end = (
  command: CommandLifecycle,
  state: CommandState,
  outcome: string,
  atMs: AtMs,
  { ranMs, litres, isBound }: RunResult,
): CommandLifecycle => ({
  ...command,
  state,
  outcome,
  ranMs,
  ranLitres: litres,
  isBound,
  endedAtMs: atMs,
})

/** Marks the command as unknown. Only a report of the device leads back to `running`; otherwise it is fenced. */
export function toUnknown(
  command: CommandLifecycle,
  reason: NonNullable<CommandLifecycle['unknownReason']>,
  atMs: AtMs,
): CommandLifecycle {
  if (command.state === 'fencing') return command
  return { ...command, state: 'unknown', unknownReason: reason, unknownAtMs: command.unknownAtMs ?? atMs }
}
