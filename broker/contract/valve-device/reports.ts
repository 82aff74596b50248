/** Messages of a controller: the state of its outputs, its heartbeat, and acks of commands and runs. */
import type { Ack, JournalEntry, State } from '../messages.ts'
import type { Draft } from './draft.ts'
import type { ValveDevice } from './types.ts'

// a message stays within 1 KiB; the remaining entries follow when the server has stored the first
const ENTRIES_IN_STATE = 8
const ENTRIES_IN_ACK = 6

/** Includes outputs without water, such as a siren: they need the short heartbeat interval too. */
export const isAnyOpen = (device: ValveDevice): boolean =>
  Object.values(device.valves).some((valve) => valve.isOpen)

/** The load of an output without water, such as a siren; null: a water valve. */
export const kindOf = (device: ValveDevice, id: string): string | null =>
  device.profile.valves.find((output) => output.id === id)?.kind ?? null

/** The valves through which water can flow now: an output such as a siren does not explain a flow. */
export const openForWater = (device: ValveDevice): string[] =>
  Object.keys(device.valves).filter((id) => device.valves[id]!.isOpen && kindOf(device, id) === null)

/** Open time of the valve in its current or last run, ms. */
export function ranMs(device: ValveDevice, id: string): number {
  const valve = device.valves[id]!
  return valve.isOpen ? device.monoMs - valve.openedMonoMs : valve.ranMs
}

/** A state on every change and at its interval, a heartbeat at its interval; nothing while not connected. */
export function publishDueReports(draft: Draft): void {
  const { device } = draft
  if (draft.hasChanged) device.sv += 1
  // a valve that opens shortens the interval at once, so that the lease is renewed from the first seconds
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
  draft.reports.push({ type: 'publish', kind: 'state', message })
}

function publishHeartbeat(draft: Draft, everyMs: number): void {
  const { device } = draft
  device.n += 1
  device.heartbeatDueMonoMs = device.monoMs + everyMs
  const oldestMonoMs = device.monoMs - device.timing.leaseMs
  device.heartbeats = device.heartbeats.filter(({ monoMs }) => monoMs > oldestMonoMs)
  device.heartbeats.push({ n: device.n, monoMs: device.monoMs })
  const message = { sess: device.sess!, n: device.n, monoMs: device.monoMs }
  draft.reports.push({ type: 'publish', kind: 'heartbeat', message })
}

/** Acknowledges a command or reports a run, with the journal entries of the valve: those of `seq` and `of` always. */
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
  const ofValve = device.flash.journal.filter((entry) => valve === '*' || entry.valve === valve)
  const isNamed = (entry: JournalEntry) => entry.seq === seq || entry.seq === of
  const required = ofValve.filter(isNamed)
  const newest = ofValve.filter((entry) => !isNamed(entry)).slice(-ENTRIES_IN_ACK)
  const message: Ack = {
    sess: device.sess,
    valve,
    seq,
    st,
    ...(run.why === undefined ? {} : { why: run.why as NonNullable<Ack['why']> }),
    ranMs: run.ranMs ?? 0,
    litres: run.litres ?? null,
    last: device.flash.last[valve] ?? 0,
    jr: [...newest, ...required],
    sv: device.sv,
  }
  draft.reports.push({ type: 'publish', kind: 'ack', message })
}
