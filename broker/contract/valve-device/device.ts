/**
 * A valve controller as a pure machine: `(device, event) -> device and effects`. The reference firmware and the
 * simulator run this code. The device is responsible for safety: it opens at most once for each sequence number, for a
 * bounded time, under a lease that the server renews; closing always wins; after a power cut nothing resumes.
 *
 * Time is `monoMs`, the device's own monotonic clock since boot; no wall clock decides anything here.
 */
import type { Config, JournalEntry } from '../messages.ts'
import { clearFault, handleCommand, renewLease } from './commands.ts'
import { createDraft, orderEffects, type Draft } from './draft.ts'
import { isAnyOpen, publishDueReports } from './reports.ts'
import {
  closesAtMonoMs,
  endDueRuns,
  FLOW_WINDOW_MS,
  meterWater,
  stopAll,
  stopRun,
  superviseFlow,
} from './runs.ts'
import type {
  DeviceEffect,
  DeviceEvent,
  DeviceIo,
  DeviceProfile,
  DeviceTiming,
  Flash,
  Stepped,
  Valve,
  ValveDevice,
} from './types.ts'

/** Without a lease the duration is the only bound: it is short, whatever the profile allows. */
export const TIMED_CAP_MS = 1_800_000

const maxRunMs = ({ kind, capMs }: DeviceProfile): number =>
  kind === 'timed' ? Math.min(capMs, TIMED_CAP_MS) : capMs

/** The flash of a new device. */
export const emptyFlash: Flash = { boot: 0, last: {}, open: {}, journal: [], fault: null, faultNo: 0 }

const DEFAULT_TIMING: DeviceTiming = {
  heartbeatIdleMs: 10_000,
  heartbeatOpenMs: 5_000,
  leaseMs: 120_000,
  stateMs: 60_000,
}

/** Power on: every valve is driven shut first; a run that was cut off becomes a journal entry. */
export function bootDevice(profile: DeviceProfile, stored: Flash | null, canWriteFlash = true): Stepped {
  const flash = { ...emptyFlash, ...stored }
  const cutOff = Object.entries(flash.open).map(([valve, run]): JournalEntry => ({
    valve,
    seq: run.seq,
    // the run time before the power cut is unknown: the longest possible is assumed
    ranMs: Math.min(run.durMs, maxRunMs(profile)),
    litres: run.litres,
    why: 'power',
  }))
  const device: ValveDevice = {
    profile,
    flash: { ...flash, boot: flash.boot + 1, open: {}, journal: [...flash.journal, ...cutOff] },
    timing: DEFAULT_TIMING,
    capMs: maxRunMs(profile),
    monoMs: 0,
    sess: null,
    connects: 0,
    sv: 0,
    valves: Object.fromEntries(profile.valves.map(({ id }) => [id, closedValve(id, flash, cutOff)])),
    heartbeats: [],
    n: 0,
    heartbeatDueMonoMs: 0,
    stateDueMonoMs: 0,
    leaseUntilMonoMs: 0,
    flow: { sinceMonoMs: 0, litres: 0, dueMonoMs: FLOW_WINDOW_MS },
    canWriteFlash,
  }
  const outputs = [...profile.valves.map(({ id }) => id), ...(profile.master ? [profile.master] : [])]
  const driveShut = outputs.map((valve): DeviceEffect => ({ type: 'drive', valve, open: false }))
  const flashWrite: DeviceEffect[] = canWriteFlash ? [{ type: 'write-flash', flash: device.flash }] : []
  return { device, effects: [...driveShut, ...flashWrite] }
}

function closedValve(id: string, flash: Flash, cutOff: JournalEntry[]): Valve {
  const lastEntry = [...flash.journal, ...cutOff].findLast((entry) => entry.valve === id)
  return {
    isOpen: false,
    feedback: null,
    seq: lastEntry?.seq ?? flash.last[id] ?? 0,
    openedMonoMs: 0,
    durMs: 0,
    doseLitres: null,
    ranMs: lastEntry?.ranMs ?? 0,
    litres: lastEntry?.litres ?? null,
    why: lastEntry?.why ?? 'boot',
  }
}

/** Applies one event. Closing comes before the flash write, opening after it: a number is consumed before water flows. */
export function reduceDevice(before: ValveDevice, event: DeviceEvent): Stepped {
  const draft = createDraft(before, event.monoMs)
  // water of the last seconds belongs to the run that ends now
  if (event.type !== 'meter') endDueRuns(draft)
  applyEvent(draft, event)
  // only after all meters of an instant have been read: otherwise one valve's water is compared with the other's time
  if (event.type !== 'meter') superviseFlow(draft)
  if (!draft.device.canWriteFlash) stopAll(draft, 'sensor')
  publishDueReports(draft)
  return { device: draft.device, effects: orderEffects(draft) }
}

function applyEvent(draft: Draft, event: DeviceEvent): void {
  const { device } = draft
  switch (event.type) {
    case 'connected':
      device.connects += 1
      device.sess = `b${device.flash.boot}.c${device.connects}.${event.nonce}`
      // a heartbeat of an earlier session renews no lease in this one
      device.heartbeats = []
      device.heartbeatDueMonoMs = device.monoMs
      draft.hasChanged = true
      break
    case 'disconnected':
      device.sess = null
      break
    case 'command':
      handleCommand(draft, event.command, event.retained)
      break
    case 'lease':
      renewLease(draft, event.lease)
      break
    case 'config':
      applyConfig(device, event.config)
      break
    case 'meter':
      meterWater(draft, event.litres, event.valve)
      break
    case 'feedback': {
      const valve = device.valves[event.valve]
      if (!valve || valve.feedback === event.feedback) break
      device.valves[event.valve] = { ...valve, feedback: event.feedback }
      draft.hasChanged = true
      break
    }
    case 'local-close':
      if (event.valve === undefined) stopAll(draft, 'local')
      else stopRun(draft, event.valve, 'local')
      break
    case 'clear-fault':
      clearFault(draft)
      break
    case 'tick':
  }
}

/** Configuration may shorten the built-in cap, never lengthen it. */
function applyConfig(device: ValveDevice, config: Config): void {
  device.capMs = Math.min(maxRunMs(device.profile), config.capMs ?? Infinity)
  device.timing = {
    heartbeatIdleMs: config.heartbeatIdleMs ?? device.timing.heartbeatIdleMs,
    heartbeatOpenMs: config.heartbeatOpenMs ?? device.timing.heartbeatOpenMs,
    leaseMs: config.leaseMs ?? device.timing.leaseMs,
    stateMs: config.stateMs ?? device.timing.stateMs,
  }
  // a shorter interval counts from now, not from the end of the last long one
  const { heartbeatIdleMs, heartbeatOpenMs, stateMs } = device.timing
  const beatMs = isAnyOpen(device) ? heartbeatOpenMs : heartbeatIdleMs
  device.heartbeatDueMonoMs = Math.min(device.heartbeatDueMonoMs, device.monoMs + beatMs)
  device.stateDueMonoMs = Math.min(device.stateDueMonoMs, device.monoMs + stateMs)
}

/** When the device needs its next `tick` event, on its own clock; Infinity if it needs none. */
export function nextTickMonoMs(device: ValveDevice): number {
  const runEnds = Object.keys(device.valves).map((id) => closesAtMonoMs(device, id))
  const reports = device.sess === null ? [] : [device.heartbeatDueMonoMs, device.stateDueMonoMs]
  const flowChecks =
    device.profile.litresPerPulse !== null && isAnyOpen(device) ? [device.flow.dueMonoMs] : []
  return Math.min(Infinity, ...runEnds, ...reports, ...flowChecks)
}

/**
 * Applies one event and performs its effects. If the flash cannot be written, the event is applied again with the
 * failure recorded: the device closes every valve, opens none, and reports the fault.
 */
export function stepDevice(device: ValveDevice, event: DeviceEvent, io: DeviceIo): ValveDevice {
  const stepped = reduceDevice(device, event)
  if (performEffects(stepped.effects, io)) return stepped.device
  const withoutFlash = reduceDevice({ ...device, canWriteFlash: false }, event)
  performEffects(withoutFlash.effects, io)
  return withoutFlash.device
}

/** Powers the device on and performs the effects. `stored` is the content of the flash; null if it is new. */
export function startDevice(profile: DeviceProfile, stored: Flash | null, io: DeviceIo): ValveDevice {
  const booted = bootDevice(profile, stored)
  if (performEffects(booted.effects, io)) return booted.device
  return bootDevice(profile, stored, false).device
}

/** False if the flash could not be written; the effects after the write are then not performed. */
function performEffects(effects: DeviceEffect[], io: DeviceIo): boolean {
  for (const effect of effects) {
    if (effect.type === 'drive') io.drive(effect.valve, effect.open)
    else if (effect.type === 'publish') io.publish(effect)
    else
      try {
        io.writeFlash(effect.flash)
      } catch {
        return false
      }
  }
  return true
}
