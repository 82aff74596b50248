/**
 * Whether a run may open its valve now. Pure: rows and reports in, a verdict with its catalogue key out. The same
 * rules apply to the plan and to people; when the plan would wait, a person gets the refusal at once.
 */
import type { State } from '../../../broker/contract/messages.ts'
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { PumpRow, RunRow, ZoneRow } from '../../tables.ts'

/** Reasons for not opening a valve; stored in `run.endReason` and `request.reason`. */
export const refusalKeys = [
  'no-valve', // the zone has no controller or valve
  'zone-mode', // the zone is off, only advised, or waits for approval
  'paused',
  'locked-out', // three failures in a row: a person must start it
  'too-long',
  'daily-limit',
  'season-quota', // the season quota of a pump or main
  'controller-offline',
  'valve-fault', // the controller has latched a fault
  'flow-alarm', // its flow was out of range and has not been inspected
  'valve-busy',
  'inlet-outlet-conflict', // the inlet and the outlet of a paddy may not be open together
  'inlet-outlet-unknown', // the state of the paired valve is unknown
  'treatment-hold', // a herbicide requires the water to stay in
  'pump-full',
  'pump-too-small', // the zone needs more than the pump delivers
  'not-found',
  'expired',
  'already-running',
  'window-missed', // the run could not open within its time window
  'duration-missing', // a start without minutes
  'no-fault', // no fault is latched
  'local-reset-required', // the fault of this controller can only be cleared at the device
  'sequence-exhausted', // no sequence number is left for the valve: its controller was given to the end of the range
  'not-recorded', // the store rejected the opening
  'stale-request', // the run has changed since the person saw it
  'stopped', // STOP was pressed after it, or at most two seconds before it arrived
] as const
export type Refusal = (typeof refusalKeys)[number]

export type Verdict = { do: 'open' } | { do: 'wait' | 'skip'; why: Refusal }

export interface OpenValve {
  deviceId: string
  valve: string
  pumpId: string | null
  flowLpm: number
}

/** Water of a period that has started, L: recorded use plus open commands. */
export interface Quota {
  why: Extract<Refusal, 'daily-limit' | 'season-quota'>
  litres: number
  usedLitres: number
}

/** A pump or main on the supply chain of the zone, and the open valves below it. */
export interface Source {
  pump: PumpRow
  open: readonly OpenValve[]
  quotas: readonly Quota[]
}

export interface InterlockInputs {
  nowMs: AtMs
  run: Pick<RunRow, 'cause' | 'approvedBy'>
  zone: ZoneRow | null
  /** the pump of the zone first, then its feeders, up to the source */
  sources: readonly Source[]
  /** a pump of the chain does not exist */
  isSourceUnknown: boolean
  /** of the current session; null without a fresh heartbeat */
  report: State | null
  openValves: OpenValve[]
  isLockedOut: boolean
  isFlowAlarmed: boolean
  /** state of the paired inlet or outlet of a paddy; whether a herbicide holds its water */
  pair: 'free' | 'open' | 'unknown'
  isHeld: boolean
  doseLitres: number
  /** since local midnight, open commands included; null without a limit */
  zoneLitresToday: number | null
}

/** Flow of a zone, L/min: 1 mm on 1 m2 is 1 L. */
export const zoneFlowLpm = (zone: Pick<ZoneRow, 'applicationRateMmH' | 'areaM2'>): number =>
  (zone.applicationRateMmH * zone.areaM2) / 60

/** Volume of a zone over a time, L. */
export const zoneLitres = (zone: Pick<ZoneRow, 'applicationRateMmH' | 'areaM2'>, ms: number): number =>
  (zoneFlowLpm(zone) * ms) / MINUTE_MS

/** Whether the run opens, waits or is skipped; the first interlock that applies gives the reason. */
export function checkInterlocks(inputs: InterlockInputs): Verdict {
  const { zone } = inputs
  if (!zone || zone.controllerId === null || zone.valve === null) return { do: 'skip', why: 'no-valve' }
  return findSkip(inputs, zone) ?? findWait(inputs, zone) ?? { do: 'open' }
}

function findSkip({ run, nowMs, isLockedOut, ...inputs }: InterlockInputs, zone: ZoneRow): Verdict | null {
  const isByPerson = run.cause === 'manual'
  const isWanted = zone.mode === 'auto' || (zone.mode === 'approve' && run.approvedBy !== null)
  if (!isByPerson && !isWanted) return { do: 'skip', why: 'zone-mode' }
  if (zone.pausedUntilMs !== null && zone.pausedUntilMs > nowMs) return { do: 'skip', why: 'paused' }
  // a person at the valve may try again; success unlocks it
  if (isLockedOut && !isByPerson) return { do: 'skip', why: 'locked-out' }
  if (inputs.isHeld && !isByPerson) return { do: 'skip', why: 'treatment-hold' }
  const isOver = (usedLitres: number, litres: number) => usedLitres + inputs.doseLitres > litres
  const { zoneLitresToday } = inputs
  if (
    zoneLitresToday !== null &&
    zone.dailyMaxLitres !== null &&
    isOver(zoneLitresToday, zone.dailyMaxLitres)
  )
    return { do: 'skip', why: 'daily-limit' }
  const spent = inputs.sources
    .flatMap(({ quotas }) => quotas)
    .find(({ usedLitres, litres }) => isOver(usedLitres, litres))
  if (spent) return { do: 'skip', why: spent.why }
  if (!isByPerson && isPumpTooSmall(inputs, zone)) return { do: 'skip', why: 'pump-too-small' }
  return null
}

/**
 * The plan creates no such run, and an older run does not open after a change of the pump: an unattended pressure drop
 * would go unnoticed. A person may start it, alone on the pump, at their own risk. An unknown pump or main has no
 * capacity.
 */
const isPumpTooSmall = (
  { sources, isSourceUnknown }: Pick<InterlockInputs, 'sources' | 'isSourceUnknown'>,
  zone: ZoneRow,
): boolean =>
  isSourceUnknown || sources.some(({ pump }) => zoneFlowLpm(zone) > pump.capacityLpm * CAPACITY_SLACK)

function findWait(
  { report, openValves: open, sources, isFlowAlarmed, pair }: InterlockInputs,
  zone: ZoneRow,
): Verdict | null {
  const isSame = (open: OpenValve) => open.deviceId === zone.controllerId && open.valve === zone.valve
  if (open.some(isSame)) return { do: 'wait', why: 'valve-busy' }
  if (pair === 'open') return { do: 'wait', why: 'inlet-outlet-conflict' }
  // applies to people too: inspect, then clear the alarm
  if (isFlowAlarmed) return { do: 'wait', why: 'flow-alarm' }
  if (report === null) return { do: 'wait', why: 'controller-offline' }
  if (pair === 'unknown') return { do: 'wait', why: 'inlet-outlet-unknown' }
  const valve = report.valves.find(({ id }) => id === zone.valve)
  // an auxiliary output such as a siren is not a zone valve
  if (!valve || valve.kind !== undefined) return { do: 'skip', why: 'no-valve' }
  if (report.fault != null) return { do: 'wait', why: 'valve-fault' }
  if (valve.pos === 'open' || valve.fb === 'open') return { do: 'wait', why: 'valve-busy' }
  if (sources.some((source) => isPumpFull(source, zone))) return { do: 'wait', why: 'pump-full' }
  return null
}

function isPumpFull({ pump, open }: Source, zone: ZoneRow): boolean {
  const flowLpm = open.reduce((sum, item) => sum + item.flowLpm, zoneFlowLpm(zone))
  // a manual run may need more than the pump delivers, if it is alone
  const isTooMuch = open.length > 0 && flowLpm > pump.capacityLpm * CAPACITY_SLACK
  return open.length >= pump.maxOpenValves || isTooMuch
}

// zones packed to exactly the capacity must not fail because of rounding
const CAPACITY_SLACK = 1.001
