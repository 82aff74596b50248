/** What controllers say, taken one at a time. */
import type {
  Ack,
  Heartbeat,
  JournalEntry,
  State as StateMessage,
} from '../../../broker/contract/messages.ts'
import { hearCleared, seeCleared } from './clear-fault.ts'
import { keyOf, linkTo, livesOf, type Desk, type Live } from '../dispatch-state.ts'
import { beatFlow, seeValves } from '../flow/flow-supervision.ts'
import { hearForced } from './forced-close.ts'
import { watchWord } from '../protocol-monitor/monitor.ts'
import { hearAgain, hearHeartbeat, hearState, saidAtMs, type DeviceLink } from './connections.ts'
import { compareNumbers } from './sequence-numbers.ts'
import type { Address } from '../outbox.ts'
import { correctRecord, stepDevice } from '../runs/supervise-run.ts'

/** The lease goes out first: nothing that is open waits for our bookkeeping. */
export async function takeHeartbeat(
  desk: Desk,
  { org, device }: Address,
  heartbeat: Heartbeat,
): Promise<void> {
  const link = linkTo(desk, org, device)
  const truth = hearHeartbeat(link, heartbeat, desk.clock.now())
  if (truth === false) return
  const saidMs = saidAtMs(link, heartbeat.monoMs, desk.clock.now())
  // of a session whose state is not known, it does not speak for what an older one said of its valves
  if (link.state !== null) desk.reports.hear(device, saidMs)
  await watchWord(desk, { org, device }, { type: 'heartbeat', heartbeat, atMs: desk.clock.now() })
  const lives = livesOf(desk, device)
  const mayStayOpen = lives.some(
    ({ life }) =>
      !life.isStopped && (life.state === 'sent' || life.state === 'running' || life.state === 'unknown'),
  )
  if (mayStayOpen) {
    const key = await keyOf(desk, org, device)
    if (key !== null) desk.out.lease({ org, device }, key, { sess: heartbeat.sess, n: heartbeat.n })
    await stepDevice(desk, device, { type: 'leased' })
  }
  await beatFlow(desk, { org, device }, heartbeat)
  if (truth) await takeTruth(desk, link, truth)
  else if (lives.length > 0) await stepDevice(desk, device, { type: 'tick' })
}

export async function takeState(
  desk: Desk,
  { org, device }: Address,
  state: StateMessage,
  retained: boolean,
): Promise<void> {
  const link = linkTo(desk, org, device)
  if (hearState(link, state, retained)) await takeTruth(desk, link, state)
}

async function takeTruth(desk: Desk, link: DeviceLink, state: StateMessage): Promise<void> {
  try {
    await takeIn(desk, link, state)
  } catch (error) {
    hearAgain(link, state)
    throw error
  }
}

async function takeIn(desk: Desk, link: DeviceLink, state: StateMessage): Promise<void> {
  const { org, device } = link
  if ((await keyOf(desk, org, device)) === null) return
  const nowMs = desk.clock.now()
  seeCleared(desk, device, state)
  // before anything that may fail with the store: what it shuts must not wait for a disk
  await seeValves(desk, { org, device }, state)
  const lives = livesOf(desk, device)
  await watchWord(
    desk,
    { org, device },
    { type: 'state', state, atMs: nowMs, isOrdered: await ordersOf(desk, device, state, lives) },
    lives,
  )
  await compareNumbers(desk, org, device)
  await stepDevice(desk, device, { type: 'state', state })
  await takeJournal(desk, { org, device }, state.sess, state.jr)
  const boundOf = (id: string) => {
    const live = livesOf(desk, device).find(({ row }) => row.valve === id)
    const valve = state.valves.find((own) => own.id === id)
    return live?.life.boundAtMs ?? nowMs + Math.max(0, state.capMs - (valve?.ranMs ?? 0))
  }
  const changed = desk.reports.report(org, device, state, saidAtMs(link, state.monoMs, nowMs), boundOf)
  for (const { id, pos, seq } of state.valves)
    if (pos === 'open' && changed.includes(id))
      await watchWord(desk, { org, device }, { type: 'shown', valve: id, seq, boundMs: boundOf(id) })
  const subject = { org, device, valve: null, fieldId: null }
  if (state.fault != null) await desk.alerts.raise('valve-fault', subject, nowMs, { fault: state.fault })
  else await desk.alerts.clear('valve-fault', subject, nowMs)
}

/** Which openings stand on record; asked of the store only for those that are not alive. */
async function ordersOf(
  desk: Desk,
  device: string,
  { valves }: StateMessage,
  lives: readonly Live[],
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

export async function takeAck(desk: Desk, { org, device }: Address, ack: Ack): Promise<void> {
  if ((await keyOf(desk, org, device)) === null) return
  hearForced(desk, device, ack)
  hearCleared(desk, device, ack)
  await watchWord(desk, { org, device }, { type: 'ack', ack })
  await stepDevice(desk, device, { type: 'ack', ack })
  await takeJournal(desk, { org, device }, ack.sess, ack.jr)
}

/** Entries whose order has its end on record may be forgotten by the device. */
async function takeJournal(desk: Desk, to: Address, sess: string, entries: JournalEntry[]): Promise<void> {
  if (entries.length === 0) return
  const lives = livesOf(desk, to.device)
  const isPending = ({ valve, seq }: JournalEntry) =>
    lives.some(({ row }) => row.valve === valve && row.seq === seq)
  const stored = entries.filter((entry) => !isPending(entry))
  if (stored.length === 0) return
  for (const entry of stored) await correctRecord(desk, to.device, entry)
  const key = await keyOf(desk, to.org, to.device)
  if (key === null) return
  desk.out.command(to, key, {
    op: 'journal-ack',
    sess,
    entries: stored.map(({ valve, seq }) => ({ valve, seq })),
  })
}
