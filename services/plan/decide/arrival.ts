/**
 * Whether the water of an order arrived: by the meter, without one by a probe that the water must have wetted. One run that does
 * not start is common, so it is ordered again; after two in a row the order is repeated at intervals, until water arrives.
 */
import { deficitBetween } from '../../irrigation-model/ensemble-members.ts'
import type { DayLine } from './json-lines.ts'
import type { FieldWater } from '../../irrigation-model/field-water.ts'

export interface Arrival {
  /** orders one after another whose water did not arrive */
  missedRuns: number
  /** days since the last order */
  sinceOrderD: number
}

export const noOrderYet: Arrival = { missedRuns: 0, sinceOrderD: 0 }

/** A meter that counts less than this share counts a leak or a flush. */
const ARRIVED = 0.1
/** Share of an order that surely reaches the soil, where it reaches it at all. */
const SURELY = 0.6
/** A probe rises by less than this without water, m³/m³. */
const RISES = 0.02
/** A dry probe lacks at least this much water, m³/m³. */
const LACKS = 0.05
const MAX_MISSED = 2
const RETRY_DAYS = 3

/** Null: unknown, so it is assumed to have arrived. `netMm`: the order. Before the readings of the day are assimilated. */
export function hasArrived(
  water: FieldWater,
  line: DayLine,
  orderedMm: number,
  netMm: number,
): boolean | null {
  if (line.appliedMm != null) return line.appliedMm >= ARRIVED * orderedMm
  const { ensemble, sensors } = water
  for (const [i, { id, last, isSilent, probe }] of sensors.entries()) {
    const vwc = line.soilMoisture?.[id]
    const depthM = ensemble.sensorDepthsM[i]!
    const { fieldCapacity } = ensemble.layers.find(({ toM }) => depthM <= toM) ?? ensemble.layers.at(-1)!
    if (vwc == null || last === null || isSilent || probe.contradicts !== null) continue
    const wasDry = last - probe.bias <= fieldCapacity - LACKS
    if (wasDry && SURELY * netMm > deficitBetween(ensemble, 0, depthM + 0.05)) return vwc - last >= RISES
  }
  return null
}

/** After a day with an order. */
export const afterOrder = (before: Arrival, arrived: boolean | null): Arrival => ({
  missedRuns: arrived === null ? before.missedRuns : arrived ? 0 : before.missedRuns + 1,
  sinceOrderD: 0,
})

/** Whether a new order waits for the next attempt. */
export const isOrderWithheld = ({ missedRuns, sinceOrderD }: Arrival): boolean =>
  missedRuns >= MAX_MISSED && sinceOrderD < RETRY_DAYS - 1
