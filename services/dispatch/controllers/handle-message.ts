/** What controllers say, taken one at a time. */
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
  liveCommandsOf,
  type DispatchState,
  type OpenCommand,
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
import { reconcileSequence } from './sequence-numbers.ts'
import type { Address } from '../outbox.ts'
import { correctRecord, advanceDeviceCommands } from '../runs/supervise-run.ts'

/** The lease goes out first: nothing that is open waits for our bookkeeping. */
export async function handleHeartbeat(
  desk: DispatchState,
  { org, device }: Address,
  heartbeat: Heartbeat,
): Promise<void> {
  const link = connectionTo(desk, org, device)
  const truth = acceptHeartbeat(link, heartbeat, desk.clock.now())
  if (truth === false) return
  const saidMs = estimateSentAtMs(link, heartbeat.monoMs, desk.clock.now())
  // of a session whose state is not known, it does not speak for what an older one said of its valves
  if (link.state !== null) desk.valveStates.noteHeartbeat(device, saidMs)
  await observeMessage(desk, { org, device }, { type: 'heartbeat', heartbeat, atMs: desk.clock.now() })
  const lives = liveCommandsOf(desk, device)
  const mayStayOpen = lives.some(
    ({ life }) =>
      !life.isStopped && (life.state === 'sent' || life.state === 'running' || life.state === 'unknown'),
  )
  if (mayStayOpen) {
    const key = await commandKeyOf(desk, org, device)
    if (key !== null) desk.outbox.lease({ org, device }, key, { sess: heartbeat.sess, n: heartbeat.n })
    await advanceDeviceCommands(desk, device, { type: 'leased' })
  }
  await superviseHeartbeat(desk, { org, device }, heartbeat)
  if (truth) await applyState(desk, link, truth)
  else if (lives.length > 0) await advanceDeviceCommands(desk, device, { type: 'tick' })
}

export async function handleState(
  desk: DispatchState,
  { org, device }: Address,
  state: StateMessage,
  retained: boolean,
): Promise<void> {
  const link = connectionTo(desk, org, device)
  if (acceptState(link, state, retained)) await applyState(desk, link, state)
}

async function applyState(desk: DispatchState, link: Connection, state: StateMessage): Promise<void> {
  try {
    await processState(desk, link, state)
  } catch (error) {
    revertToUnconfirmed(link, state)
    throw error
  }
}

async function processState(desk: DispatchState, link: Connection, state: StateMessage): Promise<void> {
  const { org, device } = link
  if ((await commandKeyOf(desk, org, device)) === null) return
  const nowMs = desk.clock.now()
  confirmFaultCleared(desk, device, state)
  // before anything that may fail with the store: what it shuts must not wait for a disk
  await superviseState(desk, { org, device }, state)
  const lives = liveCommandsOf(desk, device)
  await observeMessage(
    desk,
    { org, device },
    { type: 'state', state, atMs: nowMs, isOrdered: await recordedOpenings(desk, device, state, lives) },
    lives,
  )
  await reconcileSequence(desk, org, device)
  await advanceDeviceCommands(desk, device, { type: 'state', state })
  await handleJournal(desk, { org, device }, state.sess, state.jr)
  const boundOf = (id: string) => {
    const live = liveCommandsOf(desk, device).find(({ row }) => row.valve === id)
    const valve = state.valves.find((own) => own.id === id)
    return live?.life.boundAtMs ?? nowMs + Math.max(0, state.capMs - (valve?.ranMs ?? 0))
  }
  const changed = desk.valveStates.report(
    org,
    device,
    state,
    estimateSentAtMs(link, state.monoMs, nowMs),
    boundOf,
  )
  for (const { id, pos, seq } of state.valves)
    if (pos === 'open' && changed.includes(id))
      await observeMessage(desk, { org, device }, { type: 'shown', valve: id, seq, boundMs: boundOf(id) })
  const subject = { org, device, valve: null, fieldId: null }
  if (state.fault != null) await desk.alerts.raise('valve-fault', subject, nowMs, { fault: state.fault })
  else await desk.alerts.clear('valve-fault', subject, nowMs)
}

/** Which openings stand on record; asked of the store only for those that are not alive. */
async function recordedOpenings(
  desk: DispatchState,
  device: string,
  { valves }: StateMessage,
  lives: readonly OpenCommand[],
): Promise<(valve: string, seq: number) => boolean> {
  const isLive = (id: string, seq: number) => lives.some(({ row }) => row.valve === id && row.seq === seq)
  const strange = valves.filter(({ pos, id, seq }) => pos === 'open' && !isLive(id, seq))
  if (strange.length === 0) return () => true
  const known = await desk.state
    .selectFrom('command')
    .select(['valve', 'seq'])
    .where('deviceId', '=', device)
    .where('op', '=', 'open')
    .where(
      'seq',
      'in',
      strange.map(({ seq }) => seq),
    )
    .execute()
  return (valve, seq) => isLive(valve, seq) || known.some((row) => row.valve === valve && row.seq === seq)
}

export async function handleAck(desk: DispatchState, { org, device }: Address, ack: Ack): Promise<void> {
  if ((await commandKeyOf(desk, org, device)) === null) return
  handleForcedCloseAck(desk, device, ack)
  handleClearAck(desk, device, ack)
  await observeMessage(desk, { org, device }, { type: 'ack', ack })
  await advanceDeviceCommands(desk, device, { type: 'ack', ack })
  await handleJournal(desk, { org, device }, ack.sess, ack.jr)
}

/** Entries whose order has its end on record may be forgotten by the device. */
async function handleJournal(
  desk: DispatchState,
  to: Address,
  sess: string,
  entries: JournalEntry[],
): Promise<void> {
  if (entries.length === 0) return
  const lives = liveCommandsOf(desk, to.device)
  const isPending = ({ valve, seq }: JournalEntry) =>
    lives.some(({ row }) => row.valve === valve && row.seq === seq)
  const stored = entries.filter((entry) => !isPending(entry))
  if (stored.length === 0) return
  for (const entry of stored) await correctRecord(desk, to.device, entry)
  const key = await commandKeyOf(desk, to.org, to.device)
  if (key === null) return
  desk.outbox.command(to, key, {
    op: 'journal-ack',
    sess,
    entries: stored.map(({ valve, seq }) => ({ valve, seq })),
  })
}
