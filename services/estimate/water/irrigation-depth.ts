/**
 * Irrigation of a field, net mm over the area that its zones wet: from the meter where there is one, otherwise from
 * the reports of the finished runs. A run that ended after the meter's last reading is credited with the volume that
 * the meter had not counted. A run with only an upper bound (a power cut, a lost connection) counts with that bound
 * and a large uncertainty: uncounted water would be applied a second time, and cannot be removed. Manually reported
 * irrigation did not pass the valve: it counts in addition to the meter, except for the volume that the meter counted
 * at the same time. A meter that counts more than its zone can take is ignored.
 */
import { HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { MANUAL_ENTRY, type WateredZone } from '../../domain/manual-water.ts'
import { mostLitres } from '../../domain/plausible-water.ts'
import { sumBy } from '../../runtime/math.ts'
import type { IrrigationRow, ZoneRow } from '../../tables.ts'
import type { Span } from '../days/hours.ts'
import { note, type Note } from '../days/data-quality-notes.ts'

/** Readings of one meter, in time order. */
export interface MeterPoints {
  atMs: readonly number[]
  litres: readonly number[]
}

export type RunWater = Pick<
  IrrigationRow,
  | 'fieldId'
  | 'zoneId'
  | 'openedAtMs'
  | 'closedAtMs'
  | 'commandedAtMs'
  | 'ranMs'
  | 'litres'
  | 'volumeSource'
  | 'cause'
>

export interface IrrigationDepth {
  irrigationMm: number
  irrigationSdMm: number
  irrigationSource: 'metered' | 'rate' | 'reported' | 'none' | 'unknown'
  notes: Note[]
}

/** How irrigation reaches a field's surface. */
export interface Wetting {
  wettedFraction: number // of the surface, 0-1: fw of FAO-56 Table 20
  isUnderCanopy: boolean // drip: the wetted part is shaded
  isBunded: boolean // flood: rain does not run off
  efficiency: number // of the application, 0-1
}

/** Of all zones of a field, weighted by area; a field without a zone is wetted by rain only. */
export function wettingOf(
  zones: readonly Pick<ZoneRow, 'areaM2' | 'method' | 'wettedFraction' | 'efficiency'>[],
): Wetting {
  const areaOf = (subset: typeof zones) => sumBy(subset, (zone) => zone.areaM2)
  const areaM2 = areaOf(zones)
  if (!(areaM2 > 0)) return { wettedFraction: 1, isUnderCanopy: false, isBunded: false, efficiency: 1 }
  const depthBy = (method: ZoneRow['method']) =>
    areaOf(zones.filter((zone) => zone.method === method)) > areaM2 / 2
  return {
    wettedFraction: sumBy(zones, (zone) => zone.areaM2 * zone.wettedFraction) / areaM2,
    isUnderCanopy: depthBy('drip'),
    isBunded: depthBy('flood'),
    efficiency: sumBy(zones, (zone) => zone.areaM2 * zone.efficiency) / areaM2,
  }
}

// error of the depth that reaches the roots, one standard deviation: uneven distribution; a nominal rate; a person's
// report. Unconfirmed
const METERED_SHARE = 0.1
const RATE_SHARE = 0.25
const REPORTED_SHARE = 0.25
const UNKNOWN_RUN_SD_MM = 10
// meter readings within this time after a run belong to it: a controller that reports when a valve has closed does so
// within
const METER_REPORT_MS = MINUTE_MS

/**
 * `runs`: finished runs of the field; a run counts in the span in which it ended. `voided`: runs that do not count,
 * nor does the volume that the meter counted during them.
 */
export function irrigationDepth(
  zones: readonly WateredZone[],
  span: Span,
  meterOf: (zone: WateredZone) => MeterPoints | undefined,
  runs: readonly RunWater[],
  voided: readonly RunWater[] = [],
): IrrigationDepth {
  const areaM2 = sumBy(zones, (zone) => zone.areaM2)
  let meteredL = 0
  let ratedL = 0
  let reportedL = 0
  let unknownRuns = 0
  for (const zone of zones) {
    const meter = plausibleMeter(meterOf(zone), zone, span)
    meteredL += zone.efficiency * litresBetween(meter, span.fromMs, span.toMs)
    for (const run of voided)
      if (run.zoneId === zone.id && run.cause !== MANUAL_ENTRY)
        meteredL -= zone.efficiency * meteredLitres(run, meter, span)
    for (const run of runs) {
      const endedMs = run.closedAtMs ?? run.commandedAtMs
      // irrigation reported for the whole field before it had a zone stays with the field
      const isOfAll = run.zoneId === run.fieldId && zone === zones[0]
      if (run.zoneId !== zone.id && !isOfAll) continue
      if (endedMs < span.fromMs || endedMs >= span.toMs) continue
      const meteredUntilMs = run.cause === MANUAL_ENTRY ? null : lastBefore(meter, span.toMs)
      if (meteredUntilMs !== null && meteredUntilMs >= endedMs) continue
      const netL = zone.efficiency * unmeteredLitres(run, zone, meter, span)
      if (run.litres === null && run.volumeSource !== 'rate') unknownRuns++
      if (run.litres !== null && run.volumeSource === 'metered') meteredL += netL
      else if (run.volumeSource === 'reported') reportedL += netL
      else ratedL += netL
    }
  }
  meteredL = Math.max(0, meteredL)
  const mm = (litres: number) => (areaM2 > 0 ? litres / areaM2 : 0)
  const notes: Note[] = []
  if (unknownRuns > 0) notes.push(note('irrigation-unknown', { runs: unknownRuns }))
  else {
    if (ratedL > 0) notes.push(note('irrigation-rate'))
    if (reportedL > 0) notes.push(note('irrigation-reported'))
  }
  return {
    irrigationMm: mm(meteredL + ratedL + reportedL),
    irrigationSdMm: Math.hypot(
      METERED_SHARE * mm(meteredL),
      RATE_SHARE * mm(ratedL),
      REPORTED_SHARE * mm(reportedL),
      UNKNOWN_RUN_SD_MM * Math.sqrt(unknownRuns),
    ),
    irrigationSource:
      unknownRuns > 0
        ? 'unknown'
        : leastCertainSource({ rate: ratedL, reported: reportedL, metered: meteredL }),
    notes,
  }
}

/**
 * The meter, unless one of its steps in the span is more than the zone can have taken: the records of its runs, which
 * are bounded by the same limit, then count alone.
 */
function plausibleMeter(
  meter: MeterPoints | undefined,
  zone: WateredZone,
  { fromMs, toMs }: Span,
): MeterPoints | undefined {
  const isPossible = meter?.atMs.every((atMs, i) => {
    if (i === 0 || atMs < fromMs || atMs >= toMs) return true
    const litres = meter.litres[i]! - meter.litres[i - 1]!
    return litres <= mostLitres(atMs - meter.atMs[i - 1]!, zone)
  })
  return isPossible ? meter : undefined
}

const leastCertainSource = (
  litres: Record<'rate' | 'reported' | 'metered', number>,
): IrrigationDepth['irrigationSource'] =>
  (['rate', 'reported', 'metered'] as const).find((source) => litres[source] > 0) ?? 'none'

/** Litres within the span that the meter counted during a run, and until its next reading. */
function meteredLitres(run: RunWater, meter: MeterPoints | undefined, span: Span): number {
  const fromMs = run.openedAtMs ?? run.commandedAtMs
  const toMs = (run.closedAtMs ?? fromMs + run.ranMs) + METER_REPORT_MS
  return litresBetween(meter, Math.max(fromMs, span.fromMs), Math.min(toMs, span.toMs))
}

/**
 * Litres of a run that the meter has not counted: the reported volume, otherwise its duration (or its bound) at the
 * zone's rate.
 */
function unmeteredLitres(
  run: RunWater,
  zone: WateredZone,
  meter: MeterPoints | undefined,
  span: Span,
): number {
  const atRateL = ((zone.applicationRateMmH * run.ranMs) / HOUR_MS) * zone.areaM2
  const appliedL = run.litres ?? atRateL
  const fromMs = run.openedAtMs ?? run.commandedAtMs
  const toMs = run.cause === MANUAL_ENTRY ? (run.closedAtMs ?? fromMs) : span.toMs
  return Math.max(0, appliedL - litresBetween(meter, fromMs, toMs))
}

/**
 * Volume of a meter from the last reading before `fromMs` (otherwise the first after it) to the last before `toMs`.
 */
export function litresBetween(meter: MeterPoints | undefined, fromMs: AtMs, toMs: AtMs): number {
  if (!meter) return 0
  let first: number | null = null
  let last: number | null = null
  for (let i = 0; i < meter.atMs.length && meter.atMs[i]! < toMs; i++) {
    if (first === null || meter.atMs[i]! <= fromMs) first = meter.litres[i]!
    last = meter.litres[i]!
  }
  // a decoded total never decreases; if it does, the meter is ignored
  return first === null || last === null ? 0 : Math.max(0, last - first)
}

function lastBefore(meter: MeterPoints | undefined, toMs: AtMs): AtMs | null {
  if (!meter) return null
  for (let i = meter.atMs.length - 1; i >= 0; i--) if (meter.atMs[i]! < toMs) return meter.atMs[i]!
  return null
}
