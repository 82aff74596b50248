/** What a controller says: the whole truth of its outputs, its heartbeat, and the answers to commands. */
import type { Ack, JournalEntry, State } from '../messages.ts'
import type { Draft } from './draft.ts'
import type { ValveDevice } from './device.ts'

// a message keeps within 1 KiB; what does not fit is told when the server has stored the first
const ENTRIES_IN_STATE = 8
const ENTRIES_IN_ACK = 6

export const isAnyOpen = (device: ValveDevice): boolean =>
  Object.values(device.valves).some((valve) => valve.isOpen)

/** What a valve drives where it is no water; null: water. */
export const kindOf = (device: ValveDevice, id: string): string | null =>
  device.profile.valves.find((own) => own.id === id)?.kind ?? null

/** The valves through which water can flow now: a siren that sounds needs no water, and explains none. */
export const openForWater = (device: ValveDevice): string[] =>
  Object.keys(device.valves).filter((id) => device.valves[id]!.isOpen && kindOf(device, id) === null)

/** How long the valve has been open in its present run, or was in its last. */
export function ranMs(device: ValveDevice, id: string): number {
  const valve = device.valves[id]!
  return valve.isOpen ? device.monoMs - valve.openedMonoMs : valve.ranMs
}

/** State on change and every so often, a heartbeat at its time; nothing while not connected. */
export function publishDueReports(draft: Draft): void {
  const { device } = draft
  if (draft.hasChanged) device.sv += 1
  // said at once when a valve opens, so that the lease is renewed from the first seconds
  const everyMs = isAnyOpen(device) ? device.timing.heartbeatOpenMs : device.timing.heartbeatIdleMs
  device.heartbeatDueMonoMs = Math.min(device.heartbeatDueMonoMs, device.monoMs + everyMs)
  if (device.sess === null) {
    draft.reports = []
    return
  }
  if (draft.hasChanged || device.monoMs >= device.stateDueMonoMs) publishState(draft)
  if (device.monoMs >= device.heartbeatDueMonoMs) publishHeartbeat(draft, everyMs)
}

function publishState(draft: Draft): void {
  const { device } = draft
  device.stateDueMonoMs = device.monoMs + device.timing.stateMs
  const message: State = {
    v: 1,
    sess: device.sess!,
    sv: device.sv,
    monoMs: device.monoMs,
    last: { ...device.flash.last },
    valves: Object.entries(device.valves).map(([id, valve]) => ({
      id,
      pos: valve.isOpen ? 'open' : 'closed',
      fb: valve.feedback,
      seq: valve.seq,
      ranMs: ranMs(device, id),
      litres: valve.litres,
      why: valve.isOpen ? 'open' : valve.why,
      ...(kindOf(device, id) === null ? {} : { kind: kindOf(device, id)! }),
    })),
    jr: device.flash.journal.slice(0, ENTRIES_IN_STATE),
    capMs: device.capMs,
    fw: device.profile.fw,
    utcOk: false,
    fault: device.canWriteFlash ? device.flash.fault : 'flash',
    faultNo: device.flash.faultNo,
    ...(device.profile.kind === 'timed' ? { class: 'timed' as const } : {}),
  }
  draft.reports.push({ type: 'say', kind: 'state', message })
}

function publishHeartbeat(draft: Draft, everyMs: number): void {
  const { device } = draft
  device.n += 1
  device.heartbeatDueMonoMs = device.monoMs + everyMs
  const oldestMonoMs = device.monoMs - device.timing.leaseMs
  device.heartbeats = device.heartbeats.filter(({ monoMs }) => monoMs > oldestMonoMs)
  device.heartbeats.push({ n: device.n, monoMs: device.monoMs })
  const message = { sess: device.sess!, n: device.n, monoMs: device.monoMs }
  draft.reports.push({ type: 'say', kind: 'heartbeat', message })
}

/** The answer to a command, or the news of a run, with what the journal holds of that valve: of `seq` and `of` always. */
export function publishAck(
  draft: Draft,
  valve: string,
  seq: number,
  st: Ack['st'],
  run: Partial<JournalEntry>,
  of?: number,
): void {
  const { device } = draft
  if (device.sess === null) return
  const mine = device.flash.journal.filter((entry) => valve === '*' || entry.valve === valve)
  const isAsked = (entry: JournalEntry) => entry.seq === seq || entry.seq === of
  const asked = mine.filter(isAsked)
  const newest = mine.filter((entry) => !isAsked(entry)).slice(-ENTRIES_IN_ACK)
  const message: Ack = {
    sess: device.sess,
    valve,
    seq,
    st,
    ...(run.why === undefined ? {} : { why: run.why as NonNullable<Ack['why']> }),
    ranMs: run.ranMs ?? 0,
    litres: run.litres ?? null,
    last: device.flash.last[valve] ?? 0,
    jr: [...newest, ...asked],
    sv: device.sv,
  }
  draft.reports.push({ type: 'say', kind: 'ack', message })
}
