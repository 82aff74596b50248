/** What a driver reports of its valve, as the machine of its controller records it. */
import type { JournalEntry } from '../../broker/contract/messages.ts'
import { createDraft, orderEffects, type Draft } from '../../broker/contract/valve-device/draft.ts'
import { publishAck, publishDueReports } from '../../broker/contract/valve-device/reports.ts'
import { stopRun } from '../../broker/contract/valve-device/runs.ts'
import type { DriverReport } from '../drivers/driver-state.ts'
import type { NotOpenedCode } from '../drivers/message-keys.ts'
import type { ControllerDraft, ForeignOutput } from './controller-types.ts'
import { useNumber } from './run-numbers.ts'

type Of<Is extends DriverReport['is']> = Extract<DriverReport, { is: Is }>

/** A valve that closes by itself this much before its time has run for its time: its word and ours are late. */
const EARLY_MS = 15_000

/** Applies a report. `before`: the valve as it was before it. */
export function applyReport(
  draft: ControllerDraft,
  id: string,
  before: ForeignOutput,
  report: DriverReport,
): void {
  if (report.is === 'opened') return opened(draft, id, report)
  if (report.is === 'not-opened') return notOpened(draft, id, report)
  if (report.is === 'closed') return closed(draft, id, before, report)
}

/** Changes the machine of the controller outside its own events; its outputs have moved already. */
function change(draft: ControllerDraft, run: (device: Draft) => void): void {
  const changed = createDraft(draft.device, draft.monoMs)
  run(changed)
  publishDueReports(changed)
  draft.device = changed.device
  for (const effect of orderEffects(changed)) if (effect.type === 'publish') draft.published.push(effect)
}

/** The run counts from the valve's own word, for the time that it was given. */
function opened(draft: ControllerDraft, id: string, { seq, durMs }: Of<'opened'>): void {
  change(draft, (changed) => {
    const { valves, flash, monoMs } = changed.device
    const valve = valves[id]
    if (valve?.isOpen !== true || valve.seq !== seq) return
    valves[id] = { ...valve, openedMonoMs: monoMs, durMs }
    flash.open[id] = { ...flash.open[id]!, durMs }
    changed.hasChanged = true
    publishAck(changed, id, seq, 'running', { ranMs: 0, litres: valve.litres })
  })
}

/** Nothing flowed: the run ends with 0 ms. */
function notOpened(draft: ControllerDraft, id: string, { seq, code }: Of<'not-opened'>): void {
  change(draft, (changed) => {
    const { valves, monoMs } = changed.device
    const valve = valves[id]
    if (valve?.isOpen === true && valve.seq === seq) {
      valves[id] = { ...valve, openedMonoMs: monoMs, litres: valve.litres === null ? null : 0 }
      stopRun(changed, id, whyOf(code))
    } else
      amend(changed, id, seq, (entry) => ({ ...entry, ranMs: 0, litres: 0, why: neverRan(entry.why, code) }))
  })
}

const whyOf = (code: NotOpenedCode): string =>
  code === 'EXPIRED' ? 'expired' : code === 'BUSY' ? 'busy' : 'interlock'
/** A run that was cut off by a restart before its open had left has not run at all. */
const neverRan = (why: string, code: NotOpenedCode): string => (why === 'power' ? whyOf(code) : why)

/** The closing is proved: the run ends now, or its record is completed. */
function closed(draft: ControllerDraft, id: string, before: ForeignOutput, report: Of<'closed'>): void {
  const { seq, by } = report
  if (seq === null) return unordered(draft, id, before, report)
  change(draft, (changed) => {
    const valve = changed.device.valves[id]
    if (valve?.isOpen === true && valve.seq === seq) return stopRun(changed, id, endOf(draft, id, before, by))
    const isBounded = by === 'itself' || before.setup.driver.bound?.isTrusted === true
    amend(changed, id, seq, (entry) => {
      // after a restart the longest possible time stands there already
      if (entry.why === 'power' || valve === undefined) return entry
      const openMs = changed.device.monoMs - valve.openedMonoMs
      const ranMs = Math.max(entry.ranMs, isBounded ? Math.min(openMs, valve.durMs) : openMs)
      return { ...entry, ranMs, litres: valve.litres }
    })
  })
}

/** Why a run ended before its time was over by our clock. */
function endOf(
  { device, monoMs }: ControllerDraft,
  id: string,
  { valve }: ForeignOutput,
  by: string,
): string {
  // never reported open: what flowed is unknown, up to its bound, as after a power cut
  if (valve.run?.openedMonoMs == null) return 'power'
  if (by !== 'itself') return 'sensor'
  const { openedMonoMs, durMs } = device.valves[id]!
  return monoMs - openedMonoMs >= durMs - EARLY_MS ? 'timer' : 'local'
}

/** A run that others started is recorded under a number of its own. */
function unordered(draft: ControllerDraft, id: string, before: ForeignOutput, { ranMs }: Of<'closed'>): void {
  if (before.valve.run?.openedMonoMs == null || before.valve.said !== 'open') return
  const seq = useNumber(draft, id)
  const entry: JournalEntry = { valve: id, seq, ranMs, litres: null, why: 'local' }
  change(draft, (changed) => {
    changed.device.flash.journal.push(entry)
    changed.hasChanged = true
  })
}

function amend(
  { device }: Draft,
  id: string,
  seq: number,
  replace: (entry: JournalEntry) => JournalEntry,
): void {
  const i = device.flash.journal.findLastIndex((entry) => entry.valve === id && entry.seq === seq)
  const entry = device.flash.journal[i]
  if (entry === undefined) return
  const amended = replace(entry)
  device.flash.journal[i] = amended
  const valve = device.valves[id]
  if (valve?.seq === seq && !valve.isOpen)
    device.valves[id] = { ...valve, ranMs: amended.ranMs, litres: amended.litres ?? null, why: amended.why }
}
