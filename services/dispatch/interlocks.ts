/**
 * Whether a run may open its valve now. Pure: rows and reports in, a verdict with its catalogue key out. The plan and a
 * person stand under the same rules; what the plan waits for, a person is told at once.
 */
import type { State } from '../../broker/contract/messages.ts'
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { PumpRow, RunRow, ZoneRow } from '../tables.ts'

/** Why a valve is not opened; `run.endedWhy` and `request.reason` hold these. */
export const refusalKeys = [
  'no-valve', // the zone has no controller or valve
  'mode', // the zone is switched off, only advised, or waits for approval
  'paused',
  'locked-out', // three failures in a row: a person must start it
  'too-long',
  'daily-limit',
  'no-connection',
  'valve-fault', // the controller has latched a fault
  'flow-alarm', // its flow was not as it should be, and nobody has looked yet
  'valve-busy',
  'pair-open', // the paddy's inlet stands open, or its outlet: one at a time
  'held', // a herbicide keeps the water in
  'pump-full',
  'pump-too-small', // the zone alone takes more than the pump gives
  'not-found',
  'too-late',
  'already-running',
  'window-missed', // nothing could be opened until its time was over
  'no-end', // a start without minutes
  'no-fault', // there is nothing to clear
  'at-device', // this controller's fault is cleared by hand alone
] as const
export type Refusal = (typeof refusalKeys)[number]

export type Verdict = { do: 'open' } | { do: 'wait' | 'skip'; why: Refusal }

export interface OpenValve {
  deviceId: string
  valve: string
  pumpId: string | null
  flowLpm: number
}

export interface Facts {
  nowMs: AtMs
  run: Pick<RunRow, 'cause' | 'approvedBy'>
  zone: ZoneRow | null
  pump: PumpRow | null
  /** of the session heard now; null when there is no fresh heartbeat */
  report: State | null
  live: OpenValve[]
  isLockedOut: boolean
  isFlowAlarmed: boolean
  /** the other one of a paddy's inlet and outlet stands open; a herbicide holds its water */
  isPairOpen?: boolean
  isHeld?: boolean
  doseLitres: number
  /** since local midnight, ordered and not ended included; null where nothing limits it */
  zoneLitresToday: number | null
  pumpLitresToday: number | null
}

/** L/min that a zone takes: 1 mm on 1 m2 is 1 L. */
export const flowLpmOf = (zone: Pick<ZoneRow, 'applicationRateMmH' | 'areaM2'>): number =>
  (zone.applicationRateMmH * zone.areaM2) / 60

export const litresOf = (zone: Pick<ZoneRow, 'applicationRateMmH' | 'areaM2'>, ms: number): number =>
  (flowLpmOf(zone) * ms) / MINUTE_MS

export function judge(facts: Facts): Verdict {
  const { zone } = facts
  if (!zone || zone.controllerId === null || zone.valve === null) return { do: 'skip', why: 'no-valve' }
  return whyNever(facts, zone) ?? whyNotNow(facts, zone) ?? { do: 'open' }
}

function whyNever({ run, nowMs, isLockedOut, ...facts }: Facts, zone: ZoneRow): Verdict | null {
  const isByPerson = run.cause === 'manual'
  const isWanted = zone.mode === 'auto' || (zone.mode === 'approve' && run.approvedBy !== null)
  if (!isByPerson && !isWanted) return { do: 'skip', why: 'mode' }
  if (zone.pausedUntilMs !== null && zone.pausedUntilMs > nowMs) return { do: 'skip', why: 'paused' }
  // a person who stands beside it may try again; success unlocks it
  if (isLockedOut && !isByPerson) return { do: 'skip', why: 'locked-out' }
  if (facts.isHeld && !isByPerson) return { do: 'skip', why: 'held' }
  const isOver = (usedLitres: number | null, limitLitres: number | null) =>
    usedLitres !== null && limitLitres !== null && usedLitres + facts.doseLitres > limitLitres
  const pumpLimitLitres = facts.pump?.dailyM3 == null ? null : facts.pump.dailyM3 * 1000
  if (isOver(facts.zoneLitresToday, zone.dailyMaxLitres) || isOver(facts.pumpLitresToday, pumpLimitLitres))
    return { do: 'skip', why: 'daily-limit' }
  if (!isByPerson && isPumpTooSmall(facts.pump, zone)) return { do: 'skip', why: 'pump-too-small' }
  return null
}

/**
 * The plan makes no such run, and one that it made before the pump was changed does not open: pressure falls, and
 * nobody is there to see it. A person may start it, alone on the pump, and stands for what happens. A pump that is not
 * known gives nothing.
 */
const isPumpTooSmall = (pump: PumpRow | null, zone: ZoneRow): boolean =>
  zone.pumpId !== null && flowLpmOf(zone) > (pump?.capacityLpm ?? 0) * CAPACITY_SLACK

function whyNotNow({ report, live, pump, isFlowAlarmed, isPairOpen }: Facts, zone: ZoneRow): Verdict | null {
  const isSame = (open: OpenValve) => open.deviceId === zone.controllerId && open.valve === zone.valve
  if (live.some(isSame)) return { do: 'wait', why: 'valve-busy' }
  if (isPairOpen) return { do: 'wait', why: 'pair-open' }
  // also for a person: whoever has looked clears it first
  if (isFlowAlarmed) return { do: 'wait', why: 'flow-alarm' }
  if (report === null) return { do: 'wait', why: 'no-connection' }
  const valve = report.valves.find(({ id }) => id === zone.valve)
  if (!valve) return { do: 'skip', why: 'no-valve' }
  if (report.fault != null) return { do: 'wait', why: 'valve-fault' }
  if (valve.pos === 'open' || valve.fb === 'open') return { do: 'wait', why: 'valve-busy' }
  if (pump) {
    const onPump = live.filter((open) => open.pumpId === pump.id)
    const flowLpm = onPump.reduce((sum, open) => sum + open.flowLpm, flowLpmOf(zone))
    // what a person starts may take more than the pump gives, alone
    const isTooMuch = onPump.length > 0 && flowLpm > pump.capacityLpm * CAPACITY_SLACK
    if (onPump.length >= pump.maxOpenValves || isTooMuch) return { do: 'wait', why: 'pump-full' }
  }
  return null
}

// zones that were packed to exactly the capacity must not fail on the last bit of a sum
const CAPACITY_SLACK = 1.001
