/**
 * Whether the water of an irrigation arrived: by the meter, without one by a probe that the water must have wetted. One run that
 * does not start is common, so it is ordered again; after two in a row the order is repeated at intervals, until water arrives.
 */
import { deficitBetween } from './ensemble-members.ts'
import type { SensedWater, SensorReadings } from './field-sensors.ts'

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

/** The irrigation of a day, net mm. */
export interface IrrigationOrder {
  /** by the decision, or by the time that a valve without a meter was open; 0: none */
  orderedMm: number
  /** by a meter or a person; null: not measured */
  measuredMm: number | null
}

/**
 * Counts the irrigation of a day, before its readings are assimilated. Returns the net mm that count, and whether ordered water did
 * not arrive; `water.arrival` is changed.
 */
export function receiveIrrigation(
  water: SensedWater & { arrival: Arrival },
  { orderedMm, measuredMm }: IrrigationOrder,
  readings: SensorReadings,
): { netMm: number; isMissing: boolean } {
  const { missedRuns, sinceOrderD } = water.arrival
  const before = { missedRuns, sinceOrderD: sinceOrderD + 1 }
  if (orderedMm <= 0) {
    water.arrival = measuredMm ? noOrderYet : before
    return { netMm: measuredMm ?? 0, isMissing: false }
  }
  const arrived = hasArrived(water, { orderedMm, measuredMm }, readings)
  water.arrival = {
    missedRuns: arrived === null ? missedRuns : arrived ? 0 : missedRuns + 1,
    sinceOrderD: 0,
  }
  const isMissing = arrived === false
  return { netMm: measuredMm ?? (isMissing ? 0 : orderedMm), isMissing }
}

/** Null: unknown, so it is assumed to have arrived. */
function hasArrived(
  { ensemble, sensors }: SensedWater,
  { orderedMm, measuredMm }: IrrigationOrder,
  readings: SensorReadings,
): boolean | null {
  if (measuredMm !== null) return measuredMm >= ARRIVED * orderedMm
  for (const [i, { id, last, isSilent, probe }] of sensors.entries()) {
    const vwc = readings?.[id]
    const depthM = ensemble.sensorDepthsM[i]!
    const { fieldCapacity } = ensemble.layers.find(({ toM }) => depthM <= toM) ?? ensemble.layers.at(-1)!
    if (vwc == null || last === null || isSilent || probe.contradicts !== null) continue
    const wasDry = last - probe.bias <= fieldCapacity - LACKS
    if (wasDry && SURELY * orderedMm > deficitBetween(ensemble, 0, depthM + 0.05)) return vwc - last >= RISES
  }
  return null
}

/** Whether a new order waits for the next attempt. */
export const isOrderWithheld = ({ missedRuns, sinceOrderD }: Arrival): boolean =>
  missedRuns >= MAX_MISSED && sinceOrderD < RETRY_DAYS - 1
