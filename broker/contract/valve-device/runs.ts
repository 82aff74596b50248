/** Start and end of a run in a controller, with metering and flow supervision. */
import type { JournalEntry } from '../messages.ts'
import type { Draft } from './draft.ts'
import type { ValveDevice } from './types.ts'
import { kindOf, openForWater, ranMs, publishAck } from './reports.ts'

/** Flow is checked over this time with the same valves open. */
export const FLOW_WINDOW_MS = 30_000
// a pipe that fills or drains, or a meter of one pulse per 10 L, must not look like a fault
const OVERFLOW_RATIO = 1.5
const NO_FLOW_RATIO = 0.1
const SLACK_PULSES = 2
const SLACK_LITRES = 10

export interface RunRequest {
  seq: number
  durMs: number
  litres: number | null
}

/** Consumes the number and opens: the flash is written before the output is driven. */
export function startRun(draft: Draft, id: string, { seq, durMs, litres }: RunRequest): void {
  const { device } = draft
  const needsMaster = device.profile.master !== null && kindOf(device, id) === null
  const wasMasterOpen = openForWater(device).length > 0
  device.flash.last[id] = seq
  device.flash.open[id] = { seq, durMs, litres }
  device.valves[id] = {
    ...device.valves[id]!,
    isOpen: true,
    seq,
    openedMonoMs: device.monoMs,
    durMs,
    doseLitres: litres,
    ranMs: 0,
    litres: device.profile.litresPerPulse === null ? null : 0,
    why: 'open',
  }
  if (needsMaster && !wasMasterOpen) draft.open.push(device.profile.master!)
  draft.open.push(id)
  markChanged(draft)
}

/** Closes a valve, records the run in the journal and publishes an ack. Does nothing if it is closed already. */
export function stopRun(draft: Draft, id: string, reason: string): void {
  const { device } = draft
  const valve = device.valves[id]
  if (!valve?.isOpen) return
  const entry: JournalEntry = {
    valve: id,
    seq: valve.seq,
    ranMs: ranMs(device, id),
    litres: valve.litres,
    why: reason,
  }
  device.valves[id] = { ...valve, isOpen: false, ranMs: entry.ranMs, why: reason }
  delete device.flash.open[id]
  device.flash.journal.push(entry)
  draft.shut.push(id)
  if (device.profile.master !== null && openForWater(device).length === 0)
    draft.shut.push(device.profile.master)
  markChanged(draft)
  publishAck(draft, id, entry.seq, reason === 'timer' || reason === 'litres' ? 'done' : 'aborted', entry)
}

/**
 * Each open output gets its own journal entry and ack with this reason; the master closes with the last water valve.
 */
export function stopAll(draft: Draft, reason: string): void {
  for (const id of Object.keys(draft.device.valves)) stopRun(draft, id, reason)
}

/** Consumes a number without a run: its outcome is as final as that of a run. */
export function consumeSequence(draft: Draft, id: string, seq: number): void {
  draft.device.flash.last[id] = Math.max(seq, draft.device.flash.last[id] ?? 0)
  draft.isDirty = true
}

/** Time at which the valve closes by itself, on the device's clock; Infinity if it is closed. */
export function closesAtMonoMs(device: ValveDevice, id: string): number {
  const valve = device.valves[id]!
  if (!valve.isOpen) return Infinity
  const ownMs = valve.openedMonoMs + Math.min(valve.durMs, device.capMs)
  return device.profile.kind === 'timed' ? ownMs : Math.min(ownMs, device.leaseUntilMonoMs)
}

/** Ends the runs that have passed their duration, their litres, the cap or the lease. */
export function endDueRuns(draft: Draft, ids = Object.keys(draft.device.valves)): void {
  const { device } = draft
  for (const id of ids) {
    const valve = device.valves[id]!
    if (!valve.isOpen) continue
    const openMs = ranMs(device, id)
    if (openMs >= valve.durMs) stopRun(draft, id, 'timer')
    else if (openMs >= device.capMs) stopRun(draft, id, 'cap')
    else if (device.profile.kind === 'leased' && device.monoMs >= device.leaseUntilMonoMs)
      stopRun(draft, id, 'lease')
    else if (valve.doseLitres !== null && valve.litres !== null && valve.litres >= valve.doseLitres)
      stopRun(draft, id, 'litres')
  }
}

/** Adds metered litres. Those of the main meter are divided among the open valves by their rated flow. */
export function meterWater(draft: Draft, litres: number, valve?: string): void {
  const { device } = draft
  if (!Number.isFinite(litres) || litres < 0) return
  // a reading at the instant of a change is water from before it, through the valves that were open then
  if (device.monoMs > device.flow.sinceMonoMs) device.flow.litres += litres
  const openIds = openForWater(device)
  const sharing = valve === undefined ? openIds : openIds.filter((id) => id === valve)
  const rated = (id: string) => device.profile.valves.find((valve) => valve.id === id)?.ratedLpm ?? 1
  const totalLpm = sharing.reduce((sum, id) => sum + rated(id), 0)
  for (const id of sharing) {
    const before = device.valves[id]!
    device.valves[id] = { ...before, litres: (before.litres ?? 0) + (litres * rated(id)) / totalLpm }
  }
  // the other meters may not have been read at this instant: each run ends by its own reading
  endDueRuns(draft, sharing)
}

/** Leak, overflow or no flow: closes every valve and the master, and latches the fault until a person clears it. */
export function superviseFlow(draft: Draft): void {
  const { device } = draft
  if (device.profile.litresPerPulse === null || device.monoMs < device.flow.dueMonoMs) return
  const verdict = judgeFlow(device, SLACK_PULSES * device.profile.litresPerPulse + SLACK_LITRES)
  if (verdict === 'too early') device.flow.dueMonoMs = device.monoMs + FLOW_WINDOW_MS
  else restartFlowWindow(device)
  if (verdict === 'too early' || verdict === 'fine' || device.flash.fault !== null) return
  device.flash.fault = verdict
  device.flash.faultNo += 1
  stopAll(draft, 'sensor')
  if (device.profile.master !== null) draft.shut.push(device.profile.master)
  draft.isDirty = draft.hasChanged = true
}

function judgeFlow(
  device: ValveDevice,
  slackLitres: number,
): 'fine' | 'too early' | 'leak' | 'overflow' | 'no-flow' {
  const openIds = openForWater(device)
  const openValves = device.profile.valves.filter(({ id }) => openIds.includes(id))
  if (openValves.length === 0) return device.flow.litres > slackLitres ? 'leak' : 'fine'
  // without rated flows there is nothing to compare with: a meter qualifies a run, it never rejects one
  if (openValves.some(({ ratedLpm }) => ratedLpm === null)) return 'fine'
  const minutes = (device.monoMs - device.flow.sinceMonoMs) / 60_000
  const expectedLitres = openValves.reduce((sum, { ratedLpm }) => sum + ratedLpm! * minutes, 0)
  if (device.flow.litres > OVERFLOW_RATIO * expectedLitres + slackLitres) return 'overflow'
  if (expectedLitres < 2 * slackLitres) return 'too early'
  return device.flow.litres < NO_FLOW_RATIO * expectedLitres ? 'no-flow' : 'fine'
}

function restartFlowWindow(device: ValveDevice): void {
  device.flow = { sinceMonoMs: device.monoMs, litres: 0, dueMonoMs: device.monoMs + FLOW_WINDOW_MS }
}

function markChanged(draft: Draft): void {
  draft.isDirty = draft.hasChanged = true
  // other open valves mean another expected flow: the window starts again
  restartFlowWindow(draft.device)
}
