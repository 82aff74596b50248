/**
 * Supervises every open command from its row to its record: handles events, commits changes (commit-command.ts), and only
 * then sends the resulting commands. A close is sent even when the store fails: closing must not wait for a disk.
 */
import { reduceLifecycle } from '../../../broker/contract/command-lifecycle/reduce.ts'
import {
  activeStates,
  isActiveState,
  type CommandLifecycle,
  type LifecycleEvent,
} from '../../../broker/contract/command-lifecycle/types.ts'
import { nextCheckMs } from '../../../broker/contract/command-lifecycle/timers.ts'
import type { UnsignedCommand } from '../../../broker/contract/mac.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import { readLifecycle, unlessInvalid } from '../../tables.ts'
import {
  commandKeyOf,
  usableLinkTo,
  activeCommandsOf,
  type DispatchServices,
  type DispatchState,
  type OpenCommand,
} from '../dispatch-state.ts'
import { outcomeByLatch } from '../flow/flow-latch.ts'
import { observeMessage, reportViolations } from '../protocol-monitor/monitor.ts'
import { checkSending } from '../protocol-monitor/watch-order.ts'
import { commitCommand } from './commit-command.ts'
import { notifyUnconfirmed, publishCommandEvent, shownBoundMs } from '../notify.ts'

type CommandEvent = LifecycleEvent extends infer E
  ? E extends unknown
    ? Omit<E, 'atMs' | 'link'>
    : never
  : never

/** Loads open commands of the previous process. Each one waits for a report of its device. */
export async function loadOpenCommands(dispatch: DispatchState): Promise<void> {
  const rows = await dispatch.state
    .selectFrom('command')
    .selectAll()
    .where('op', '=', 'open')
    .where('state', 'in', activeStates)
    .execute()
  for (const row of rows) {
    const lifecycle = unlessInvalid(
      () => readLifecycle(row.lifecycle),
      // a valve that is open without a supervised command is closed when its controller reports it
      (error) => dispatch.log.error({ error, command: row.id }, 'an open command cannot be read'),
    )
    if (lifecycle === null) continue
    const run =
      row.runId === null
        ? undefined
        : await dispatch.state.selectFrom('run').selectAll().where('id', '=', row.runId).executeTakeFirst()
    const zone =
      run &&
      (await dispatch.state.selectFrom('zone').selectAll().where('id', '=', run.zoneId).executeTakeFirst())
    const openCommand: OpenCommand = {
      row,
      lifecycle,
      zone: zone ?? null,
      fieldId: run?.fieldId ?? null,
      stoppedBy: null,
      stoppedBySupervision: null,
      retryAtMs: 0,
      silentBoundMs: null,
      checkAtMs: 0,
    }
    if (openCommand.lifecycle.isStopped)
      openCommand.stoppedBySupervision = outcomeByLatch(dispatch, row.deviceId, row.valve)
    dispatch.openCommands.set(row.id, openCommand)
    await advanceCommand(dispatch, openCommand, { type: 'restart' })
  }
}

/** Applies an event of a controller to all its open commands. */
export async function advanceDeviceCommands(
  dispatch: DispatchState,
  device: string,
  event: CommandEvent,
): Promise<void> {
  for (const openCommand of activeCommandsOf(dispatch, device))
    await advanceCommand(dispatch, openCommand, event)
}

/** Handles an event or the passing of time, and sets the next check. */
export async function advanceCommand(
  dispatch: DispatchState,
  openCommand: OpenCommand,
  event: CommandEvent,
): Promise<void> {
  const atMs = dispatch.clock.now()
  try {
    await applyEvent(dispatch, openCommand, event, atMs)
    await showClosing(dispatch, openCommand)
  } finally {
    // also after a failed send: the next check depends on the current state
    const link = usableLinkTo(dispatch, openCommand.row.deviceId)
    openCommand.checkAtMs =
      openCommand.retryAtMs > 0
        ? openCommand.retryAtMs
        : nextCheckMs(openCommand.lifecycle, link, atMs, dispatch.timing)
  }
}

/** While its controller is silent a valve is shown as closed by the end of its last lease (I8). Retried when it fails. */
async function showClosing(dispatch: DispatchState, openCommand: OpenCommand): Promise<void> {
  const { row, lifecycle } = openCommand
  if (!isActiveState(lifecycle.state)) return
  const boundMs = shownBoundMs(dispatch, openCommand)
  const silentBoundMs = boundMs === lifecycle.boundAtMs ? null : boundMs
  if (silentBoundMs === openCommand.silentBoundMs) return
  try {
    await dispatch.valveStates.setBound(row.deviceId, row.valve, boundMs)
  } catch (error) {
    return dispatch.log.warn({ command: row.id, error }, 'the latest closing of a valve could not be written')
  }
  openCommand.silentBoundMs = silentBoundMs
  await observeMessage(
    dispatch,
    { org: row.org, device: row.deviceId },
    { type: 'shown', valve: row.valve, seq: row.seq, boundMs },
  )
  publishCommandEvent(dispatch, openCommand)
}

async function applyEvent(
  dispatch: DispatchState,
  openCommand: OpenCommand,
  commandEvent: CommandEvent,
  atMs: AtMs,
): Promise<void> {
  const previous = openCommand.lifecycle
  const event = {
    ...commandEvent,
    atMs,
    link: usableLinkTo(dispatch, openCommand.row.deviceId),
  } as LifecycleEvent
  const { lifecycle: next, send } = reduceLifecycle(previous, event, dispatch.timing)
  const lifecycle = withSupervisionOutcome(openCommand, next)
  openCommand.lifecycle = lifecycle
  if (openCommand.retryAtMs > 0 || isWorthCommitting(previous, lifecycle))
    try {
      await commitCommand(dispatch, openCommand, previous)
      openCommand.retryAtMs = 0
    } catch (error) {
      // all events are repeated except a person's stop: no more leases, and the next check fences
      openCommand.lifecycle = { ...previous, isStopped: lifecycle.isStopped }
      openCommand.retryAtMs = atMs + dispatch.timing.resendMs
      dispatch.log.error(
        { command: openCommand.row.id, error },
        'a command could not be written; only closing continues',
      )
      await sendCommands(
        dispatch,
        openCommand,
        send.filter(({ op }) => op === 'close'),
        false,
      )
      return
    }
  await sendCommands(dispatch, openCommand, send, true)
  await notifyUnconfirmed(dispatch, openCommand).catch((error: unknown) =>
    dispatch.log.error({ command: openCommand.row.id, error }, 'an alert could not be written'),
  )
}

/** The controller only reports that it was commanded to close; the reason is known here. */
function withSupervisionOutcome(
  { stoppedBySupervision: cutBy }: OpenCommand,
  lifecycle: CommandLifecycle,
): CommandLifecycle {
  const isCommanded = lifecycle.outcome === 'command' || lifecycle.outcome === 'stopped'
  return cutBy !== null && isCommanded && !isActiveState(lifecycle.state)
    ? { ...lifecycle, outcome: cutBy }
    : lifecycle
}

/**
 * A granted lease and its repetition only change fields that a restart does not trust: not written. Any other change
 * is written, whatever the event: the command may have ended in the same step.
 */
const isWorthCommitting = (previous: CommandLifecycle, lifecycle: CommandLifecycle): boolean =>
  JSON.stringify({ ...previous, ...NOT_PERSISTED }) !== JSON.stringify({ ...lifecycle, ...NOT_PERSISTED })
const NOT_PERSISTED = { leaseMonoMs: null, leaseEndAtMs: null, seenOpenAtMs: null }

async function sendCommands(
  dispatch: DispatchServices & Pick<DispatchState, 'commandKeys' | 'monitor'>,
  { row }: OpenCommand,
  commands: UnsignedCommand[],
  isWritten: boolean,
): Promise<void> {
  if (commands.length === 0) return
  const key = await commandKeyOf(dispatch, row.org, row.deviceId)
  if (key === null)
    return dispatch.log.error({ device: row.deviceId }, 'the controller has no command key any more')
  for (const command of commands) {
    // written before it is sent: a restart loads the row
    if (command.op === 'open')
      await reportViolations(
        dispatch,
        { org: row.org, device: row.deviceId },
        checkSending(row.valve, row.seq, isWritten),
      )
    dispatch.outbox.command({ org: row.org, device: row.deviceId }, key, command)
  }
}
