/**
 * The most water that can have passed a valve, from what is entered about its zone and pump. A meter with a wrong unit
 * or a damaged controller reports more: such a volume is no measurement.
 */
import { quantities } from '../../broker/contract/quantities.ts'
import { MINUTE_MS } from '../../broker/contract/time.ts'
import type { PumpRow, ZoneRow } from '../tables.ts'
import { supplyChain } from './water-supply.ts'

/** What is known of the flow through a valve. */
export interface FlowSetUp extends Pick<ZoneRow, 'applicationRateMmH' | 'areaM2'> {
  /** the smallest pump or main that feeds the zone, L/min; null or absent: unknown */
  supplyLpm?: number | null
}

/** The set-up of a zone with the smallest capacity on its supply chain. `pumps`: of its farm. */
export function flowSetUp(
  zone: Pick<ZoneRow, 'applicationRateMmH' | 'areaM2' | 'pumpId'>,
  pumps: readonly PumpRow[],
): FlowSetUp {
  const path = supplyChain({ pumps }, zone)
  const capacities = pumps.filter(({ id }) => path.includes(id)).map(({ capacityLpm }) => capacityLpm)
  const { applicationRateMmH, areaM2 } = zone
  return { applicationRateMmH, areaM2, supplyLpm: capacities.length > 0 ? Math.min(...capacities) : null }
}

// an entered rate is often a third off, and a burst pipe takes more than its valve
const PLAUSIBLE_TIMES = 3
// a healthy meter pulses at least once in a minute of flow: a count is up to one pulse too high
const PULSE_MINUTES = 1

/** Nominal flow, L/min: of the zone; without a rate, of its pump; otherwise of the largest meter. */
function nominalLpm({ applicationRateMmH, areaM2, supplyLpm }: FlowSetUp): number {
  const zoneLpm = (applicationRateMmH * areaM2) / 60
  return zoneLpm > 0 ? zoneLpm : (supplyLpm ?? quantities['water.flow'].max)
}

/** The most litres that a meter of the zone can have counted in this time. */
export const mostLitres = (ranMs: number, zone: FlowSetUp): number =>
  nominalLpm(zone) * ((PLAUSIBLE_TIMES * ranMs) / MINUTE_MS + PULSE_MINUTES)

/** Whether this can be the flow through the zone, L/min. */
export const isPlausibleFlow = (lpm: number, zone: FlowSetUp): boolean =>
  lpm >= 0 && lpm <= PLAUSIBLE_TIMES * nominalLpm(zone)

/** Whether a meter of the zone can have counted this volume in this time. */
export const isPlausibleVolume = (litres: number, ranMs: number, zone: FlowSetUp): boolean =>
  litres >= 0 && litres <= mostLitres(ranMs, zone)
