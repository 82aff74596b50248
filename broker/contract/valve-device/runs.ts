/** How a run begins and ends in a controller, and how its water is counted and judged. */
import type { JournalEntry } from '../messages.ts'
import type { Draft } from './draft.ts'
import type { ValveDevice } from './device.ts'
import { kindOf, openForWater, ranMs, publishAck } from './reports.ts'

/** Flow is judged over this long with the same valves open. */
export const FLOW_WINDOW_MS = 30_000
// a pipe that fills or drains, and a meter of one pulse in 10 L, must not look like a fault
const OVERFLOW_RATIO = 1.5
const NO_FLOW_RATIO = 0.1
const SLACK_PULSES = 2
const SLACK_LITRES = 10

export interface RunRequest {
  seq: number
  durMs: number
  litres: number | null
}

/** Uses the number up and opens: the flash is written before the output is driven. */
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

/** Shuts a valve, puts the run into the journal and tells it. Nothing happens when it is shut already. */
export function stopRun(draft: Draft, id: string, why: string): void {
  const { device } = draft
  const valve = device.valves[id]
  if (!valve?.isOpen) return
  const entry: JournalEntry = {
    valve: id,
    seq: valve.seq,
    ranMs: ranMs(device, id),
    litres: valve.litres,
    why,
  }
  device.valves[id] = { ...valve, isOpen: false, ranMs: entry.ranMs, why }
  delete device.flash.open[id]
  device.flash.journal.push(entry)
  draft.shut.push(id)
  if (device.profile.master !== null && openForWater(device).length === 0)
    draft.shut.push(device.profile.master)
  markChanged(draft)
  publishAck(draft, id, entry.seq, why === 'timer' || why === 'litres' ? 'done' : 'aborted', entry)
}

export function stopAll(draft: Draft, why: string): void {
  for (const id of Object.keys(draft.device.valves)) stopRun(draft, id, why)
}

/** A number that was used up without a run: its outcome is as certain as that of a run. */
export function consumeSequence(draft: Draft, id: string, seq: number): void {
  draft.device.flash.last[id] = Math.max(seq, draft.device.flash.last[id] ?? 0)
  draft.isDirty = true
}

/** The instant at which the valve shuts by itself; Infinity when it is shut. */
export function closesAtMonoMs(device: ValveDevice, id: string): number {
  const valve = device.valves[id]!
  if (!valve.isOpen) return Infinity
  const ownMs = valve.openedMonoMs + Math.min(valve.durMs, device.capMs)
  return device.profile.kind === 'timed' ? ownMs : Math.min(ownMs, device.leaseUntilMonoMs)
}

/** Ends what is past its duration, its litres, the cap or the lease. */
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

/** Water that a meter counted. The main meter's is shared among the open valves by their rated flow. */
export function meterWater(draft: Draft, litres: number, valve?: string): void {
  const { device } = draft
  if (!Number.isFinite(litres) || litres < 0) return
  // what is read at the instant of a change flowed before it, through the valves as they stood then
  if (device.monoMs > device.flow.sinceMonoMs) device.flow.litres += litres
  const open = openForWater(device)
  const sharing = valve === undefined ? open : open.filter((id) => id === valve)
  const rated = (id: string) => device.profile.valves.find((own) => own.id === id)?.ratedLpm ?? 1
  const whole = sharing.reduce((sum, id) => sum + rated(id), 0)
  for (const id of sharing) {
    const own = device.valves[id]!
    device.valves[id] = { ...own, litres: (own.litres ?? 0) + (litres * rated(id)) / whole }
  }
  // the other valves' meters of this instant may not be read yet: their runs end with their own water
  endDueRuns(draft, sharing)
}

/** Leak, over-flow and no flow: everything shut, master too, and latched until a person clears it. */
export function superviseFlow(draft: Draft): void {
  const { device } = draft
  if (device.profile.litresPerPulse === null || device.monoMs < device.flow.dueMonoMs) return
  const judged = judgeFlow(device, SLACK_PULSES * device.profile.litresPerPulse + SLACK_LITRES)
  if (judged === 'too early') device.flow.dueMonoMs = device.monoMs + FLOW_WINDOW_MS
  else restartFlowWindow(device)
  if (judged === 'too early' || judged === 'fine' || device.flash.fault !== null) return
  device.flash.fault = judged
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
  const open = device.profile.valves.filter(({ id }) => openIds.includes(id))
  if (open.length === 0) return device.flow.litres > slackLitres ? 'leak' : 'fine'
  // without rated flows there is nothing to compare with: a meter qualifies a run, it never refuses one
  if (open.some(({ ratedLpm }) => ratedLpm === null)) return 'fine'
  const minutes = (device.monoMs - device.flow.sinceMonoMs) / 60_000
  const expectedLitres = open.reduce((sum, { ratedLpm }) => sum + ratedLpm! * minutes, 0)
  if (device.flow.litres > OVERFLOW_RATIO * expectedLitres + slackLitres) return 'overflow'
  if (expectedLitres < 2 * slackLitres) return 'too early'
  return device.flow.litres < NO_FLOW_RATIO * expectedLitres ? 'no-flow' : 'fine'
}

function restartFlowWindow(device: ValveDevice): void {
  device.flow = { sinceMonoMs: device.monoMs, litres: 0, dueMonoMs: device.monoMs + FLOW_WINDOW_MS }
}

function markChanged(draft: Draft): void {
  draft.isDirty = draft.hasChanged = true
  // with other valves open, other water is expected: counting begins again
  restartFlowWindow(draft.device)
}
