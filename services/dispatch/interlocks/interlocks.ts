/**
 * Whether a run may open its valve now. Pure: rows and reports in, a verdict with its catalogue key out. The plan and a
 * person stand under the same rules; what the plan waits for, a person is told at once.
 */
import type { State } from '../../../broker/contract/messages.ts'
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { PumpRow, RunRow, ZoneRow } from '../../tables.ts'

/** Why a valve is not opened; `run.endReason` and `request.reason` hold these. */
export const refusalKeys = [
  'no-valve', // the zone has no controller or valve
  'zone-mode', // the zone is switched off, only advised, or waits for approval
  'paused',
  'locked-out', // three failures in a row: a person must start it
  'too-long',
  'daily-limit',
  'season-quota', // the water of the season of a pump or main
  'controller-offline',
  'valve-fault', // the controller has latched a fault
  'flow-alarm', // its flow was not as it should be, and nobody has looked yet
  'valve-busy',
  'inlet-outlet-conflict', // the paddy's inlet stands open, or its outlet: one at a time
  'inlet-outlet-unknown', // nobody knows whether the other one stands open
  'treatment-hold', // a herbicide keeps the water in
  'pump-full',
  'pump-too-small', // the zone alone takes more than the pump gives
  'not-found',
  'expired',
  'already-running',
  'window-missed', // nothing could be opened until its time was over
  'duration-missing', // a start without minutes
  'no-fault', // there is nothing to clear
  'local-reset-required', // this controller's fault is cleared by hand alone
  'stale-request', // the run is no longer what the person saw
] as const
export type Refusal = (typeof refusalKeys)[number]

export type Verdict = { do: 'open' } | { do: 'wait' | 'skip'; why: Refusal }

export interface OpenValve {
  deviceId: string
  valve: string
  pumpId: string | null
  flowLpm: number
}

/** Water of a time that has begun, L: used as recorded, with what is ordered and not ended. */
export interface Quota {
  why: Extract<Refusal, 'daily-limit' | 'season-quota'>
  litres: number
  usedLitres: number
}

/** A pump or main that the water of the zone passes, and what is open below it. */
export interface Source {
  pump: PumpRow
  open: readonly OpenValve[]
  quotas: readonly Quota[]
}

export interface InterlockInputs {
  nowMs: AtMs
  run: Pick<RunRow, 'cause' | 'approvedBy'>
  zone: ZoneRow | null
  /** the zone's pump first, then what feeds it, up to the source */
  sources: readonly Source[]
  /** one of them is named and not on record */
  isSourceUnknown: boolean
  /** of the session heard now; null when there is no fresh heartbeat */
  report: State | null
  openValves: OpenValve[]
  isLockedOut: boolean
  isFlowAlarmed: boolean
  /** the other one of a paddy's inlet and outlet stands open, or nobody knows; a herbicide holds its water */
  pair: 'free' | 'open' | 'unknown'
  isHeld: boolean
  doseLitres: number
  /** since local midnight, ordered and not ended included; null where nothing limits it */
  zoneLitresToday: number | null
}

/** L/min that a zone takes: 1 mm on 1 m2 is 1 L. */
export const zoneFlowLpm = (zone: Pick<ZoneRow, 'applicationRateMmH' | 'areaM2'>): number =>
  (zone.applicationRateMmH * zone.areaM2) / 60

export const zoneLitres = (zone: Pick<ZoneRow, 'applicationRateMmH' | 'areaM2'>, ms: number): number =>
  (zoneFlowLpm(zone) * ms) / MINUTE_MS

export function checkInterlocks(facts: InterlockInputs): Verdict {
  const { zone } = facts
  if (!zone || zone.controllerId === null || zone.valve === null) return { do: 'skip', why: 'no-valve' }
  return findSkip(facts, zone) ?? findWait(facts, zone) ?? { do: 'open' }
}

function findSkip({ run, nowMs, isLockedOut, ...facts }: InterlockInputs, zone: ZoneRow): Verdict | null {
  const isByPerson = run.cause === 'manual'
  const isWanted = zone.mode === 'auto' || (zone.mode === 'approve' && run.approvedBy !== null)
  if (!isByPerson && !isWanted) return { do: 'skip', why: 'zone-mode' }
  if (zone.pausedUntilMs !== null && zone.pausedUntilMs > nowMs) return { do: 'skip', why: 'paused' }
  // a person who stands beside it may try again; success unlocks it
  if (isLockedOut && !isByPerson) return { do: 'skip', why: 'locked-out' }
  if (facts.isHeld && !isByPerson) return { do: 'skip', why: 'treatment-hold' }
  const isOver = (usedLitres: number, litres: number) => usedLitres + facts.doseLitres > litres
  const { zoneLitresToday } = facts
  if (
    zoneLitresToday !== null &&
    zone.dailyMaxLitres !== null &&
    isOver(zoneLitresToday, zone.dailyMaxLitres)
  )
    return { do: 'skip', why: 'daily-limit' }
  const spent = facts.sources
    .flatMap(({ quotas }) => quotas)
    .find(({ usedLitres, litres }) => isOver(usedLitres, litres))
  if (spent) return { do: 'skip', why: spent.why }
  if (!isByPerson && isPumpTooSmall(facts, zone)) return { do: 'skip', why: 'pump-too-small' }
  return null
}

/**
 * The plan makes no such run, and one that it made before the pump was changed does not open: pressure falls, and
 * nobody is there to see it. A person may start it, alone on the pump, and stands for what happens. A pump or main that
 * is not known gives nothing.
 */
const isPumpTooSmall = (
  { sources, isSourceUnknown }: Pick<InterlockInputs, 'sources' | 'isSourceUnknown'>,
  zone: ZoneRow,
): boolean =>
  isSourceUnknown || sources.some(({ pump }) => zoneFlowLpm(zone) > pump.capacityLpm * CAPACITY_SLACK)

function findWait(
  { report, openValves: live, sources, isFlowAlarmed, pair }: InterlockInputs,
  zone: ZoneRow,
): Verdict | null {
  const isSame = (open: OpenValve) => open.deviceId === zone.controllerId && open.valve === zone.valve
  if (live.some(isSame)) return { do: 'wait', why: 'valve-busy' }
  if (pair === 'open') return { do: 'wait', why: 'inlet-outlet-conflict' }
  // also for a person: whoever has looked clears it first
  if (isFlowAlarmed) return { do: 'wait', why: 'flow-alarm' }
  if (report === null) return { do: 'wait', why: 'controller-offline' }
  if (pair === 'unknown') return { do: 'wait', why: 'inlet-outlet-unknown' }
  const valve = report.valves.find(({ id }) => id === zone.valve)
  // a siren is no valve of a zone, whatever a form says
  if (!valve || valve.kind !== undefined) return { do: 'skip', why: 'no-valve' }
  if (report.fault != null) return { do: 'wait', why: 'valve-fault' }
  if (valve.pos === 'open' || valve.fb === 'open') return { do: 'wait', why: 'valve-busy' }
  if (sources.some((source) => isPumpFull(source, zone))) return { do: 'wait', why: 'pump-full' }
  return null
}

function isPumpFull({ pump, open }: Source, zone: ZoneRow): boolean {
  const flowLpm = open.reduce((sum, one) => sum + one.flowLpm, zoneFlowLpm(zone))
  // what a person starts may take more than the pump gives, alone
  const isTooMuch = open.length > 0 && flowLpm > pump.capacityLpm * CAPACITY_SLACK
  return open.length >= pump.maxOpenValves || isTooMuch
}

// zones that were packed to exactly the capacity must not fail on the last bit of a sum
const CAPACITY_SLACK = 1.001
