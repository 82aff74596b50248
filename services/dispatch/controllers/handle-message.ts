/** Handles the messages of controllers, one at a time. */
import { MAX_RUN_MS } from '../../../broker/contract/bounds.ts'
import type {
  Ack,
  Heartbeat,
  JournalEntry,
  State as StateMessage,
} from '../../../broker/contract/messages.ts'
import { handleClearAck, confirmFaultCleared } from './clear-fault.ts'
import {
  commandKeyOf,
  connectionTo,
  activeCommandsOf,
  type DispatchState,
  type OpenCommand,
  type DispatchServices,
  type CommandState,
} from '../dispatch-state.ts'
import { superviseHeartbeat, superviseState } from '../flow/flow-supervision.ts'
import { handleForcedCloseAck } from './forced-close.ts'
import { observeMessage } from '../protocol-monitor/monitor.ts'
import {
  revertToUnconfirmed,
  acceptHeartbeat,
  acceptState,
  estimateSentAtMs,
  type Connection,
} from './connections.ts'
import { shownBoundMs } from '../notify.ts'
import { reconcileSequence } from './sequence-numbers.ts'
import type { Address } from '../outbox.ts'
import { correctRecord } from '../runs/correct-record.ts'
import { advanceDeviceCommands } from '../runs/supervise-run.ts'

/** The lease is sent first: an open valve must not wait for the store. */
export async function handleHeartbeat(
  dispatch: DispatchState,
  { org, device }: Address,
  heartbeat: Heartbeat,
): Promise<void> {
  const link = connectionTo(dispatch, org, device)
  const truth = acceptHeartbeat(link, heartbeat, dispatch.clock.now())
  if (truth === false) return
  const sentAtMs = estimateSentAtMs(link, heartbeat.monoMs, dispatch.clock.now())
  // a heartbeat of a session without a known state does not confirm the valve states of an older session
  if (link.state !== null) dispatch.valveStates.noteHeartbeat(org, device, sentAtMs)
  await observeMessage(
    dispatch,
    { org, device },
    { type: 'heartbeat', heartbeat, atMs: dispatch.clock.now() },
  )
  const commands = activeCommandsOf(dispatch, device)
  const mayStayOpen = commands.some(
    ({ lifecycle }) =>
      !lifecycle.isStopped &&
      (lifecycle.state === 'sent' || lifecycle.state === 'running' || lifecycle.state === 'unknown'),
  )
  if (mayStayOpen) {
    const key = await commandKeyOf(dispatch, org, device)
    if (key !== null) dispatch.outbox.lease({ org, device }, key, { sess: heartbeat.sess, n: heartbeat.n })
    await advanceDeviceCommands(dispatch, device, { type: 'leased' })
  }
  await superviseHeartbeat(dispatch, { org, device }, heartbeat)
  if (truth) await applyState(dispatch, link, truth)
  else if (commands.length > 0) await advanceDeviceCommands(dispatch, device, { type: 'tick' })
}

/** Handles a state; one that is not current yet is applied with the next heartbeat of its session. */
export async function handleState(
  dispatch: DispatchState,
  { org, device }: Address,
  state: StateMessage,
  retained: boolean,
): Promise<void> {
  const link = connectionTo(dispatch, org, device)
  if (acceptState(link, state, retained)) await applyState(dispatch, link, state)
}

async function applyState(dispatch: DispatchState, link: Connection, state: StateMessage): Promise<void> {
  try {
    await processState(dispatch, link, state)
  } catch (error) {
    revertToUnconfirmed(link, state)
    throw error
  }
}

async function processState(dispatch: DispatchState, link: Connection, state: StateMessage): Promise<void> {
  const { org, device } = link
  if ((await commandKeyOf(dispatch, org, device)) === null) return
  const nowMs = dispatch.clock.now()
  confirmFaultCleared(dispatch, device, state)
  // before everything that needs the store: closing must not wait for a disk
  await superviseState(dispatch, { org, device }, state)
  const commands = activeCommandsOf(dispatch, device)
  await observeMessage(
    dispatch,
    { org, device },
    {
      type: 'state',
      state,
      atMs: nowMs,
      isOrdered: await recordedOpenings(dispatch, device, state, commands),
    },
    commands,
  )
  await reconcileSequence(dispatch, org, device)
  await advanceDeviceCommands(dispatch, device, { type: 'state', state })
  await handleJournal(dispatch, { org, device }, state.sess, state.jr)
  const boundOf = (id: string) => {
    const openCommand = activeCommandsOf(dispatch, device).find(({ row }) => row.valve === id)
    const valve = state.valves.find((reported) => reported.id === id)
    const shownMs = openCommand ? shownBoundMs(dispatch, openCommand) : null
    return shownMs ?? nowMs + Math.max(0, Math.min(state.capMs, MAX_RUN_MS) - (valve?.ranMs ?? 0))
  }
  const changed = dispatch.valveStates.report(
    org,
    device,
    state,
    estimateSentAtMs(link, state.monoMs, nowMs),
    boundOf,
  )
  for (const { id, pos, seq } of state.valves)
    if (pos === 'open' && changed.includes(id))
      await observeMessage(dispatch, { org, device }, { type: 'shown', valve: id, seq, boundMs: boundOf(id) })
  const subject = { org, device, valve: null, fieldId: null }
  if (state.fault != null) await dispatch.alerts.raise('valve-fault', subject, nowMs, { fault: state.fault })
  else await dispatch.alerts.clear('valve-fault', subject, nowMs)
}

/** The recorded openings; queries the store only for those that are not open commands. */
async function recordedOpenings(
  dispatch: Pick<DispatchState, 'state'>,
  device: string,
  { valves }: StateMessage,
  commands: readonly OpenCommand[],
): Promise<(valve: string, seq: number) => boolean> {
  const isLive = (id: string, seq: number) => commands.some(({ row }) => row.valve === id && row.seq === seq)
  const unexpected = valves.filter(({ pos, id, seq }) => pos === 'open' && !isLive(id, seq))
  if (unexpected.length === 0) return () => true
  const recorded = await dispatch.state
    .selectFrom('command')
    .select(['valve', 'seq'])
    .where('deviceId', '=', device)
    .where('op', '=', 'open')
    .where(
      'seq',
      'in',
      unexpected.map(({ seq }) => seq),
    )
    .execute()
  return (valve, seq) => isLive(valve, seq) || recorded.some((row) => row.valve === valve && row.seq === seq)
}

/** Handles an ack of a command or of a run, and the journal entries that it contains. */
export async function handleAck(dispatch: DispatchState, { org, device }: Address, ack: Ack): Promise<void> {
  if ((await commandKeyOf(dispatch, org, device)) === null) return
  handleForcedCloseAck(dispatch, device, ack)
  handleClearAck(dispatch, device, ack)
  await observeMessage(dispatch, { org, device }, { type: 'ack', ack })
  await advanceDeviceCommands(dispatch, device, { type: 'ack', ack })
  await handleJournal(dispatch, { org, device }, ack.sess, ack.jr)
}

/** The device may drop journal entries whose command has ended in the records. */
async function handleJournal(
  dispatch: DispatchServices & CommandState & Pick<DispatchState, 'commandKeys'>,
  to: Address,
  sess: string,
  entries: JournalEntry[],
): Promise<void> {
  if (entries.length === 0) return
  const commands = activeCommandsOf(dispatch, to.device)
  const isPending = ({ valve, seq }: JournalEntry) =>
    commands.some(({ row }) => row.valve === valve && row.seq === seq)
  const stored = entries.filter((entry) => !isPending(entry))
  if (stored.length === 0) return
  for (const entry of stored) await correctRecord(dispatch, to.device, entry)
  const key = await commandKeyOf(dispatch, to.org, to.device)
  if (key === null) return
  dispatch.outbox.command(to, key, {
    op: 'journal-ack',
    sess,
    entries: stored.map(({ valve, seq }) => ({ valve, seq })),
  })
}
