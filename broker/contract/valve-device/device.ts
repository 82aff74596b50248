/**
 * A valve controller as a pure machine: `(device, event) -> device and effects`. The reference firmware and the
 * simulator run this very code. The device owns safety: it opens at most once for a sequence number, for a bounded
 * time, under a lease that the server renews; closing always wins; after a power cut nothing resumes.
 *
 * Time is `monoMs`, the device's own monotonic clock since boot; no wall clock decides anything here.
 */
import type { Ack, Command, Config, Heartbeat, JournalEntry, Lease, State } from '../messages.ts'
import { clearFault, handleCommand, renewLease } from './commands.ts'
import { createDraft, orderEffects, type Draft } from './draft.ts'
import {
  closesAtMonoMs,
  endDueRuns,
  FLOW_WINDOW_MS,
  meterWater,
  stopAll,
  stopRun,
  superviseFlow,
} from './runs.ts'
import { isAnyOpen, publishDueReports } from './reports.ts'

/** What is built into a controller. */
export interface DeviceProfile {
  /** `kind`: an output that lets no water flow, and what it drives; absent: a water valve */
  valves: readonly { id: string; ratedLpm: number | null; kind?: string }[]
  /** a valve upstream of all others, open only while a water valve is */
  master: string | null
  commandKeyHex: string
  /** the longest run the device allows, whatever it is told */
  capMs: number
  /** timed: it sleeps and holds no lease, so its duration is the bound (battery, LoRaWAN) */
  kind: 'leased' | 'timed'
  /** null: no meter */
  litresPerPulse: number | null
  fw: string
}

/** Without a lease the duration is the only bound: it is kept short, whatever the device was built with. */
export const TIMED_CAP_MS = 1_800_000

const maxRunMs = ({ kind, capMs }: DeviceProfile): number =>
  kind === 'timed' ? Math.min(capMs, TIMED_CAP_MS) : capMs

/** What survives a power cut. */
export interface Flash {
  boot: number
  /** highest sequence number that was used up, by valve */
  last: Record<string, number>
  /** runs that were begun; what stands here at boot was cut off */
  open: Record<string, { seq: number; durMs: number; litres: number | null }>
  /** outcome of every number that was used up, until the server has stored it */
  journal: JournalEntry[]
  /** 'leak', 'overflow', 'no-flow': nothing opens until a person clears it, at the device or from afar */
  fault: string | null
  /** faults latched so far: a clear names the one that the person saw, so that a late copy clears no later one */
  faultNo: number
}
export const emptyFlash: Flash = { boot: 0, last: {}, open: {}, journal: [], fault: null, faultNo: 0 }

export interface Valve {
  isOpen: boolean
  feedback: 'open' | 'closed' | null
  seq: number
  openedMonoMs: number
  durMs: number
  doseLitres: number | null
  ranMs: number
  litres: number | null // null without a meter
  why: string // how the last run ended
}

export interface DeviceTiming {
  heartbeatIdleMs: number
  heartbeatOpenMs: number
  leaseMs: number
  stateMs: number
}

export interface ValveDevice {
  profile: DeviceProfile
  flash: Flash
  timing: DeviceTiming
  capMs: number
  monoMs: number
  sess: string | null // null while not connected
  connects: number
  sv: number
  valves: Record<string, Valve>
  /** of this session, young enough to carry a lease */
  heartbeats: { n: number; monoMs: number }[]
  n: number
  heartbeatDueMonoMs: number
  stateDueMonoMs: number
  leaseUntilMonoMs: number
  /** litres since the valves last changed or were last judged, and when to judge them */
  flow: { sinceMonoMs: number; litres: number; dueMonoMs: number }
  canWriteFlash: boolean
}

export type DeviceEvent = { monoMs: number } & (
  | { type: 'connected'; nonce: string }
  | { type: 'disconnected' }
  | { type: 'command'; command: Command; retained: boolean }
  | { type: 'lease'; lease: Lease }
  | { type: 'config'; config: Config }
  | { type: 'tick' }
  /** water since the last such event: of one valve's own meter, or of the main meter when no valve is named */
  | { type: 'meter'; litres: number; valve?: string }
  | { type: 'feedback'; valve: string; feedback: 'open' | 'closed' | null }
  | { type: 'local-close'; valve?: string } // a person at the device
  | { type: 'clear-fault' } // a person at the device
)

/** To be done in this order; stepDevice does it. */
export type DeviceEffect =
  | { type: 'drive'; valve: string; open: boolean }
  | { type: 'write-flash'; flash: Flash }
  | { type: 'say'; kind: 'state'; message: State }
  | { type: 'say'; kind: 'heartbeat'; message: Heartbeat }
  | { type: 'say'; kind: 'ack'; message: Ack }

export interface Stepped {
  device: ValveDevice
  effects: DeviceEffect[]
}

const DEFAULT_TIMING: DeviceTiming = {
  heartbeatIdleMs: 10_000,
  heartbeatOpenMs: 5_000,
  leaseMs: 120_000,
  stateMs: 60_000,
}

/** Power comes on: every valve is driven shut before anything else; a run that was cut off becomes a journal entry. */
export function bootDevice(profile: DeviceProfile, stored: Flash | null, canWriteFlash = true): Stepped {
  const flash = { ...emptyFlash, ...stored }
  const cutOff = Object.entries(flash.open).map(([valve, run]): JournalEntry => ({
    valve,
    seq: run.seq,
    // how long it ran before the power went is not known: the most it can have been
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
  const shut = outputs.map((valve): DeviceEffect => ({ type: 'drive', valve, open: false }))
  const burn: DeviceEffect[] = canWriteFlash ? [{ type: 'write-flash', flash: device.flash }] : []
  return { device, effects: [...shut, ...burn] }
}

function closedValve(id: string, flash: Flash, cutOff: JournalEntry[]): Valve {
  const remembered = [...flash.journal, ...cutOff].findLast((entry) => entry.valve === id)
  return {
    isOpen: false,
    feedback: null,
    seq: remembered?.seq ?? flash.last[id] ?? 0,
    openedMonoMs: 0,
    durMs: 0,
    doseLitres: null,
    ranMs: remembered?.ranMs ?? 0,
    litres: remembered?.litres ?? null,
    why: remembered?.why ?? 'boot',
  }
}

/** One event. Shutting comes before the flash write, opening after it: a number is burnt before water flows. */
export function reduceDevice(before: ValveDevice, event: DeviceEvent): Stepped {
  const draft = createDraft(before, event.monoMs)
  // water of the last seconds belongs to the run that they end
  if (event.type !== 'meter') endDueRuns(draft)
  applyEvent(draft, event)
  // judged when all meters of an instant have been read, or one valve's water would be held against the other's time
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
      // a heartbeat of an earlier session renews nothing in this one
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

/** Configuration may shorten the cap that is built in, never lengthen it. */
function applyConfig(device: ValveDevice, config: Config): void {
  device.capMs = Math.min(maxRunMs(device.profile), config.capMs ?? Infinity)
  device.timing = {
    heartbeatIdleMs: config.heartbeatIdleMs ?? device.timing.heartbeatIdleMs,
    heartbeatOpenMs: config.heartbeatOpenMs ?? device.timing.heartbeatOpenMs,
    leaseMs: config.leaseMs ?? device.timing.leaseMs,
    stateMs: config.stateMs ?? device.timing.stateMs,
  }
  // shorter intervals count from now, not after the last long one
  const { heartbeatIdleMs, heartbeatOpenMs, stateMs } = device.timing
  const beatMs = isAnyOpen(device) ? heartbeatOpenMs : heartbeatIdleMs
  device.heartbeatDueMonoMs = Math.min(device.heartbeatDueMonoMs, device.monoMs + beatMs)
  device.stateDueMonoMs = Math.min(device.stateDueMonoMs, device.monoMs + stateMs)
}

/** When the device must look again without being told anything; Infinity when it need not. */
export function nextTickMonoMs(device: ValveDevice): number {
  const ends = Object.keys(device.valves).map((id) => closesAtMonoMs(device, id))
  const says = device.sess === null ? [] : [device.heartbeatDueMonoMs, device.stateDueMonoMs]
  const judges = device.profile.litresPerPulse !== null && isAnyOpen(device) ? [device.flow.dueMonoMs] : []
  return Math.min(Infinity, ...ends, ...says, ...judges)
}

/** The outside of a controller. */
export interface DeviceIo {
  drive(valve: string, open: boolean): void
  /** returns when it is in flash; throws when it cannot be */
  writeFlash(flash: Flash): void
  publish(effect: Extract<DeviceEffect, { type: 'say' }>): void
}

/**
 * One event, carried out. When the flash cannot be written the event is taken again by a device that knows it: whatever
 * is open is shut, nothing opens, and the server is told.
 */
export function stepDevice(device: ValveDevice, event: DeviceEvent, io: DeviceIo): ValveDevice {
  const stepped = reduceDevice(device, event)
  if (performEffects(stepped.effects, io)) return stepped.device
  const again = reduceDevice({ ...device, canWriteFlash: false }, event)
  performEffects(again.effects, io)
  return again.device
}

/** Power on, carried out. `stored` is what the flash holds, or null when it is new. */
export function startDevice(profile: DeviceProfile, stored: Flash | null, io: DeviceIo): ValveDevice {
  const booted = bootDevice(profile, stored)
  if (performEffects(booted.effects, io)) return booted.device
  return bootDevice(profile, stored, false).device
}

/** False when the flash could not be written; what comes after the write is then not done. */
function performEffects(effects: DeviceEffect[], io: DeviceIo): boolean {
  for (const effect of effects) {
    if (effect.type === 'drive') io.drive(effect.valve, effect.open)
    else if (effect.type === 'say') io.publish(effect)
    else
      try {
        io.writeFlash(effect.flash)
      } catch {
        return false
      }
  }
  return true
}
