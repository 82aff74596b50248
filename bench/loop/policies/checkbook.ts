/**
 * A careful farmer with a table and without sensors: FAO-56 single crop coefficient, depletion recorded each evening,
 * refilled when the readily available water is used (Allen et al. 1998, Eqs 58, 66, 82-88). A simple implementation
 * of its own.
 */
import { sum } from '../../../services/runtime/math.ts'
import { LIMITS, type Policy, type Season } from '../season.ts'

export function checkbook({ climate, reportedStartVwc: toldStartVwc }: Season): Policy {
  const { table, soil } = climate
  const perM = 1000 * (soil.fieldCapacity - soil.wiltingPoint)
  const startShare = Math.min(1, Math.max(0, (soil.fieldCapacity - toldStartVwc) * 1000) / perM)
  const seasonD = sum(table.stagesD)
  let rootM = table.rootStartM
  let depletionMm = startShare * perM * rootM
  let orderedMm = 0
  return ({ index, weather, appliedMm }) => {
    const deeperM = rootDepth(table, index) - rootM
    // roots grow into soil with the water content at sowing
    depletionMm += deeperM * perM * startShare
    rootM += deeperM
    const tawMm = perM * rootM
    const etcMm = kcOf(table, index) * weather.et0Mm
    const p = Math.min(0.8, Math.max(0.1, table.p + 0.04 * (5 - etcMm)))
    const ks = Math.min(1, Math.max(0, (tawMm - depletionMm) / ((1 - p) * tawMm)))
    const inMm = weather.rainMm + LIMITS.nominalEfficiency * (appliedMm ?? orderedMm)
    depletionMm = Math.min(tawMm, Math.max(0, depletionMm + ks * etcMm - inMm))
    const isDue = index < seasonD - 1 && depletionMm >= p * tawMm
    orderedMm = isDue ? Math.min(LIMITS.mostMm, depletionMm / LIMITS.nominalEfficiency) : 0
    return orderedMm
  }
}

type Table = Season['climate']['table']

function kcOf({ stagesD: [a, b, c, d], kc: [start, mid, end] }: Table, day: number): number {
  if (day < a) return start
  if (day < a + b) return start + ((mid - start) * (day - a)) / b
  if (day < a + b + c) return mid
  return mid + (end - mid) * Math.min(1, (day - a - b - c) / d)
}

function rootDepth({ stagesD: [a, b], rootStartM, rootMaxM }: Table, day: number): number {
  return rootStartM + (rootMaxM - rootStartM) * Math.min(1, day / (a + b))
}
