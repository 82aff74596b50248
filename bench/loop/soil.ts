/**
 * A soil in compartments with the water flow of a day: runoff by curve number, infiltration and drainage by the
 * exponential drainage function of Raes et al. (2009, Agron. J. 101:438; FAO Paper 66, Ch. 3). No capillary rise.
 * Lengths in m inside, mm outside; outflow of one compartment enters the next, so the water balance is closed.
 */
import { clamp } from '../../services/runtime/math.ts'

/** A uniform soil. m3/m3; saturated conductivity in mm a day. */
export interface LoopSoil {
  saturation: number
  fieldCapacity: number
  wiltingPoint: number
  kSatMmD: number
  curveNumber: number
  /** share of the water above field capacity that drains in a day at saturation: Raes et al. 2009, from kSat */
  tau: number
  /** drainable porosity, and its exponential less 1 */
  pores: number
  porePower: number
}

export function loopSoil(
  limits: Pick<LoopSoil, 'saturation' | 'fieldCapacity' | 'wiltingPoint' | 'kSatMmD' | 'curveNumber'>,
): LoopSoil {
  const pores = limits.saturation - limits.fieldCapacity
  return { ...limits, tau: Math.min(1, 0.0866 * limits.kSatMmD ** 0.35), pores, porePower: Math.expm1(pores) }
}

/**
 * At most 14 compartments to 2.3 m; a field has those within the rooting depth, and outflow of the lowest is lost.
 */
export const THICKNESS_M = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.3, 0.4] as const
/** depth of the upper edge of each, and of the bottom */
export const EDGES_M: readonly number[] = THICKNESS_M.reduce<number[]>(
  (edges, dz) => [...edges, edges.at(-1)! + dz],
  [0],
)

export const airDry = (soil: LoopSoil): number => soil.wiltingPoint / 2

/** Number of compartments down to a depth. RangeError below the lowest. */
export function compartmentsTo(depthM: number): number {
  const count = EDGES_M.findIndex((edgeM) => edgeM >= depthM - 1e-9)
  if (count < 1) throw new RangeError(`depth must be in 0-${EDGES_M.at(-1)} m, got ${depthM}`)
  return count
}

/** Water in the column, mm. */
export function storageMm(theta: Float64Array): number {
  let mm = 0
  for (let i = 0; i < theta.length; i++) mm += theta[i]! * THICKNESS_M[i]! * 1000
  return mm
}

/** Depletion below field capacity (negative above) and total available water, over a depth. mm. */
export function rootZone(
  soil: LoopSoil,
  theta: Float64Array,
  depthM: number,
): { depletionMm: number; tawMm: number } {
  let depletionMm = 0
  for (let i = 0; i < theta.length && EDGES_M[i]! < depthM; i++)
    depletionMm += (soil.fieldCapacity - theta[i]!) * 1000 * (Math.min(EDGES_M[i + 1]!, depthM) - EDGES_M[i]!)
  return { depletionMm, tawMm: (soil.fieldCapacity - soil.wiltingPoint) * 1000 * depthM }
}

/** Water content at a depth, m3/m3. */
export function vwcAt(theta: Float64Array, depthM: number): number {
  for (let i = 0; i < theta.length; i++) if (depthM < EDGES_M[i + 1]!) return theta[i]!
  return theta[theta.length - 1]!
}

/**
 * Rain that runs off, mm: the curve number of the USDA with 5 % initial abstraction (Hawkins et al. 2002), adjusted
 * for the wetness of the top 0.3 m between its dry and its wet class (Smedema and Rycroft 1983).
 */
export function runoffMm(soil: LoopSoil, theta: Float64Array, rainMm: number): number {
  if (rainMm <= 0) return 0
  const cn2 = soil.curveNumber
  const cn1 = 0.507 * cn2 - 0.00374 * cn2 ** 2 + 0.0000867 * cn2 ** 3
  const cn3 = 2.33 * cn2 - 0.0209 * cn2 ** 2 + 0.000076 * cn2 ** 3
  let meanTheta = 0
  for (let i = 0; i < 3; i++) meanTheta += theta[i]! / 3
  const wetness = clamp((meanTheta - soil.wiltingPoint) / (soil.fieldCapacity - soil.wiltingPoint), 0, 1)
  const cn = wetness < 0.5 ? cn1 + 2 * wetness * (cn2 - cn1) : cn2 + (2 * wetness - 1) * (cn3 - cn2)
  const storage = 254 * (100 / clamp(cn, 1, 100) - 1)
  const excess = rainMm - 0.05 * storage
  return excess > 0 ? excess ** 2 / (rainMm + 0.95 * storage) : 0
}

/** Drains the water above field capacity for a day. Changes `theta`; returns the outflow at the bottom, mm. */
export function drain(soil: LoopSoil, theta: Float64Array): number {
  let passing = 0
  for (let i = 0; i < theta.length; i++) {
    const mm = 1000 * THICKNESS_M[i]!
    if (passing > 0) {
      // a compartment passes the drainage of those above it at its own wetness; the rest is retained until then
      const requiredTheta = thetaThatDrains(soil, passing / (1000 * EDGES_M[i]!))
      const storedMm = Math.min(passing, Math.max(0, requiredTheta - theta[i]!) * mm)
      theta[i] = theta[i]! + storedMm / mm
      passing -= storedMm
    }
    const drainedMm = Math.min(drainage(soil, theta[i]!), Math.max(0, theta[i]! - soil.fieldCapacity)) * mm
    theta[i] = theta[i]! - drainedMm / mm
    passing += drainedMm
    const maxMm = Math.min(passing, soil.kSatMmD)
    passing = maxMm + pushBack(soil, theta, i, passing - maxMm)
  }
  return passing
}

/** Infiltrates water from above. Changes `theta`; returns the rejected water and the outflow at the bottom, mm. */
export function infiltrate(
  soil: LoopSoil,
  theta: Float64Array,
  waterMm: number,
): { refusedMm: number; drainageMm: number } {
  let passing = Math.min(waterMm, soil.kSatMmD)
  const refusedMm = waterMm - passing
  for (let i = 0; i < theta.length && passing > 0; i++) {
    const mm = 1000 * THICKNESS_M[i]!
    const requiredTheta = thetaThatPasses(soil, passing)
    const storedMm = Math.min(passing, Math.max(0, requiredTheta - theta[i]!) * mm)
    theta[i] = theta[i]! + storedMm / mm
    passing -= storedMm
  }
  return { refusedMm, drainageMm: passing }
}

/** Fills compartments from `i` upwards with water that cannot pass; returns the excess, mm. */
function pushBack(soil: LoopSoil, theta: Float64Array, i: number, excessMm: number): number {
  for (let j = i; j >= 0 && excessMm > 0; j--) {
    const mm = 1000 * THICKNESS_M[j]!
    const storedMm = Math.min(excessMm, Math.max(0, soil.saturation - theta[j]!) * mm)
    theta[j] = theta[j]! + storedMm / mm
    excessMm -= storedMm
  }
  return excessMm
}

/** Drainage of a compartment in a day, m3/m3. */
function drainage({ tau, saturation, fieldCapacity, pores, porePower }: LoopSoil, theta: number): number {
  const above = Math.min(theta, saturation) - fieldCapacity
  return above <= 0 ? 0 : tau * pores * (Math.expm1(above) / porePower)
}

/** The water content with this `drainage`, saturation at most. */
function thetaThatDrains(
  { tau, saturation, fieldCapacity, pores, porePower }: LoopSoil,
  perDay: number,
): number {
  return Math.min(saturation, fieldCapacity + Math.log1p((perDay * porePower) / (tau * pores)))
}

/** The water content at which a wetted compartment passes this depth a day: Ksat at saturation. */
function thetaThatPasses({ saturation, fieldCapacity, kSatMmD, porePower }: LoopSoil, mm: number): number {
  return Math.min(saturation, fieldCapacity + Math.log1p((mm * porePower) / kSatMmD))
}
