/**
 * A column of soil in layers: ponding, infiltration, drainage, capillary rise and root uptake. Richards' equation for
 * Campbell soils, solved without iteration by linearising the fluxes at the end of a sub-step (Ross 2003, Agron. J.
 * 95:1352); the outflow of one layer enters the next, so water is conserved. Lengths in m inside, mm outside.
 */
import { vwcAtSuction, type Soil } from './soils.ts'

export interface Horizon {
  toM: number // lower edge
  soil: Soil
}

/** The demand of the air and the plant in one step. */
export interface Demand {
  waterMm: number // rain and irrigation that reach the ground
  evaporationMm: number // potential evaporation of a wet surface
  transpirationMm: number // potential transpiration of a plant without water stress
  rootDepthM: number
  /** suction at which a root takes up half, m (van Genuchten 1987) */
  halfSuctionM: number
}

/** Water fluxes of a step, mm. */
export interface Fluxes {
  waterMm: number
  runoffMm: number
  drainageMm: number
  evaporationMm: number
  transpirationMm: number
}

export interface SoilColumn {
  step(seconds: number, demand: Demand): Fluxes
  /** m3/m3 at a depth, between the layers' middles. */
  vwcAt(depthM: number): number
  /** Suction at a depth, kPa. */
  tensionKPaAt(depthM: number): number
  /** Water in the column and on it, mm. */
  storageMm(): number
  pondMm(): number
}

/** 14 layers to 1.6 m: thin near the surface, where moisture changes fast. */
const THICKNESS_M = [0.05, 0.05, 0.05, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2]
const COUNT = THICKNESS_M.length
/** largest change of saturation that one sub-step may plan */
const STEP_SATURATION = 0.04
const SHORTEST_S = 0.5
/** a plant with this share of its roots in wet soil meets its full demand (Jarvis 1989) */
const COMPENSATION = 0.6
const KPA_PER_M = 9.81
const AIR_DRY_M = 1500

const middlesM = THICKNESS_M.map((dx, i) => THICKNESS_M.slice(0, i).reduce((a, b) => a + b, 0) + dx / 2)

/**
 * A column that starts at a suction in every layer (default 3.4 m, field capacity). `pondLimitMm`: depth of ponding
 * before runoff. RangeError when the horizons do not reach the bottom.
 */
export function soilColumn(
  horizons: readonly Horizon[],
  { startSuctionM = 3.37, pondLimitMm = 10 }: { startSuctionM?: number; pondLimitMm?: number } = {},
): SoilColumn {
  const soils = middlesM.map((z) => {
    const horizon = horizons.find(({ toM }) => z <= toM) ?? horizons.at(-1)
    if (!horizon) throw new RangeError('a soil column needs at least one horizon, got none')
    return horizon.soil
  })
  const theta = soils.map((soil) => vwcAtSuction(soil, startSuctionM))
  const dryest = vwcAtSuction(soils[0]!, AIR_DRY_M)
  const moist = vwcAtSuction(soils[0]!, 3.37)
  let pondM = 0

  // work arrays, allocated once: a season takes a million sub-steps
  const suction = new Float64Array(COUNT)
  const conduct = new Float64Array(COUNT)
  const conductSlope = new Float64Array(COUNT)
  const flow = new Float64Array(COUNT) // matric flux potential, m2/s
  const flowSlope = new Float64Array(COUNT)
  const q = new Float64Array(COUNT + 1) // m/s down through the top of layer i
  const qAbove = new Float64Array(COUNT + 1) // its slope with the layer above
  const qBelow = new Float64Array(COUNT + 1) // and with the layer below
  const sink = new Float64Array(COUNT)
  const change = new Float64Array(COUNT)
  const scratch = new Float64Array(COUNT)
  const next = new Float64Array(COUNT)
  const roots = new Float64Array(COUNT)
  let rootsToM = -1

  function computeHydraulics(): void {
    for (let i = 0; i < COUNT; i++) {
      const { saturation, airEntryM, b, kSatMps } = soils[i]!
      const S = Math.min(1, theta[i]! / saturation)
      const Sb = S ** b
      suction[i] = airEntryM / Sb
      conduct[i] = kSatMps * Sb * Sb * S * S * S // Campbell 1974: K = Ks S^(2b+3)
      conductSlope[i] = (kSatMps * (2 * b + 3) * Sb * Sb * S * S) / saturation
      const flowSat = (kSatMps * airEntryM * b) / (b + 3)
      flow[i] = flowSat * Sb * S * S * S // integral of K over suction: S^(b+3)
      flowSlope[i] = (flowSat * (b + 3) * Sb * S * S) / saturation
    }
  }

  /** Fluxes between layers and out of the bottom, with their slopes. */
  function computeFluxes(): void {
    for (let j = 1; j < COUNT; j++) {
      const i = j - 1
      const dz = middlesM[j]! - middlesM[i]!
      const [upper, lower] = [soils[i]!, soils[j]!]
      const gravity = Math.min(conduct[i]!, lower.kSatMps) // upstream weighting: downward flow comes from the layer above
      const gravitySlope = conduct[i]! < lower.kSatMps ? conductSlope[i]! : 0
      if (upper === lower) {
        q[j] = (flow[i]! - flow[j]!) / dz + gravity
        qAbove[j] = flowSlope[i]! / dz + gravitySlope
        qBelow[j] = -flowSlope[j]! / dz
      } else {
        // at a change of soil the two sides' potentials are averaged at the suctions of both
        const [hi, hj] = [suction[i]!, suction[j]!]
        const drop = potential(upper, hi) - potential(upper, hj) + potential(lower, hi) - potential(lower, hj)
        const slope = (soil: Soil, h: number, layerSoil: Soil, vwc: number) =>
          ((conductivity(upper, h) + conductivity(lower, h)) * layerSoil.b * h) / vwc / 2 / dz
        q[j] = drop / 2 / dz + gravity
        qAbove[j] = slope(upper, hi, upper, theta[i]!) + gravitySlope
        qBelow[j] = -slope(lower, hj, lower, theta[j]!)
      }
    }
    // free drainage: no water table in reach, gravity alone
    q[COUNT] = conduct[COUNT - 1]!
    qAbove[COUNT] = conductSlope[COUNT - 1]!
    qBelow[COUNT] = 0
  }

  /** Computes root uptake and evaporation of each layer, m/s; returns both sums. */
  function computeSinks(
    demand: Demand,
    perS: number,
    fromPond: boolean,
  ): { transpired: number; evaporated: number } {
    if (demand.rootDepthM !== rootsToM) distributeRoots(demand.rootDepthM)
    let easedSum = 0
    for (let i = 0; i < COUNT; i++) {
      const eased = roots[i]! / (1 + (suction[i]! / demand.halfSuctionM) ** 3)
      sink[i] = eased
      easedSum += eased
    }
    const transpiration = (demand.transpirationMm / 1000) * perS
    const scale = easedSum > 0 ? transpiration / Math.max(easedSum, COMPENSATION) : 0
    for (let i = 0; i < COUNT; i++) sink[i] = sink[i]! * scale
    const transpired = easedSum * scale
    if (fromPond) return { transpired, evaporated: 0 }
    // second-stage evaporation: a drying surface evaporates less and less
    const wetness = Math.min(1, Math.max(0, (theta[0]! - dryest) / (moist - dryest)))
    const evaporated = (demand.evaporationMm / 1000) * perS * wetness * wetness
    sink[0] = sink[0]! + evaporated
    return { transpired, evaporated }
  }

  function distributeRoots(depthM: number): void {
    rootsToM = depthM
    // density falls to e^-2.5 of the surface's at the tips
    const cumulative = (z: number) =>
      depthM > 0 ? (1 - Math.exp((-2.5 * Math.min(z, depthM)) / depthM)) / (1 - Math.exp(-2.5)) : 0
    for (let i = 0; i < COUNT; i++)
      roots[i] =
        cumulative(middlesM[i]! + THICKNESS_M[i]! / 2) - cumulative(middlesM[i]! - THICKNESS_M[i]! / 2)
  }

  /** Solves the changes of all layers over `dt` (Thomas algorithm), then the fluxes that make them. */
  function solve(dt: number): void {
    let lower = 0
    let beta = 0
    for (let i = 0; i < COUNT; i++) {
      const diagonal = THICKNESS_M[i]! / dt + qAbove[i + 1]! - qBelow[i]!
      const rhs = q[i]! - q[i + 1]! - sink[i]!
      lower = i === 0 ? 0 : -qAbove[i]!
      beta = diagonal - (i === 0 ? 0 : lower * scratch[i - 1]!)
      scratch[i] = qBelow[i + 1]! / beta
      change[i] = (rhs - (i === 0 ? 0 : lower * change[i - 1]!)) / beta
    }
    for (let i = COUNT - 2; i >= 0; i--) change[i] = change[i]! - scratch[i]! * change[i + 1]!
  }

  function fluxAt(j: number): number {
    if (j === 0) return q[0]! + qBelow[0]! * change[0]!
    const fromAbove = q[j]! + qAbove[j]! * change[j - 1]!
    // a line through K(θ) passes below 0 where K itself does not: nothing rises from below the column
    return j === COUNT ? Math.max(0, fromAbove) : fromAbove + qBelow[j]! * change[j]!
  }

  function step(seconds: number, demand: Demand): Fluxes {
    const out: Fluxes = {
      waterMm: demand.waterMm,
      runoffMm: 0,
      drainageMm: 0,
      evaporationMm: 0,
      transpirationMm: 0,
    }
    const rain = demand.waterMm / 1000 / seconds
    for (let remainingS = seconds; remainingS > 1e-9;) {
      computeHydraulics()
      computeFluxes()
      const fromPond = pondM > 0
      const { transpired: uptake, evaporated } = computeSinks(demand, 1 / seconds, fromPond)
      const half = THICKNESS_M[0]! / 2
      const { kSatMps, airEntryM, b } = soils[0]!
      const capacity = ((kSatMps * airEntryM * b) / (b + 3) - flow[0]!) / half + kSatMps

      let dt = Math.min(remainingS, longestStep(Math.min(capacity, rain + pondM / remainingS)))
      for (;;) {
        const supply = rain + pondM / dt
        const isPonded = supply > capacity
        q[0] = isPonded ? capacity : supply
        qBelow[0] = isPonded ? -flowSlope[0]! / half : 0
        solve(dt)
        const top = Math.min(supply, Math.max(0, fluxAt(0)))
        if (applyFluxes(dt, top) || dt <= SHORTEST_S) {
          pondM = Math.max(0, pondM + (rain - top) * dt) // rounding may leave -1e-18
          break
        }
        dt = Math.max(dt / 2, SHORTEST_S)
      }
      out.drainageMm += fluxAt(COUNT) * dt * 1000
      out.transpirationMm += uptake * dt * 1000
      out.evaporationMm += evaporated * dt * 1000
      for (let i = 0; i < COUNT; i++) theta[i] = next[i]!
      redistributeExcess()
      if (fromPond) {
        const evaporatedM = Math.min(pondM, (demand.evaporationMm / 1000 / seconds) * dt)
        pondM -= evaporatedM
        out.evaporationMm += evaporatedM * 1000
      }
      const excessM = Math.max(0, pondM - pondLimitMm / 1000)
      pondM -= excessM
      out.runoffMm += excessM * 1000
      remainingS -= dt
    }
    return out
  }

  function longestStep(top: number): number {
    let fastest = 0
    q[0] = top
    for (let i = 0; i < COUNT; i++) {
      const rate = Math.abs(q[i]! - q[i + 1]! - sink[i]!) / THICKNESS_M[i]! / soils[i]!.saturation
      if (rate > fastest) fastest = rate
    }
    return fastest > 0 ? Math.max(SHORTEST_S, STEP_SATURATION / fastest) : Infinity
  }

  /** Writes `next` from the fluxes; false when a layer would be drained below a third of its water. */
  function applyFluxes(dt: number, top: number): boolean {
    let above = top
    let isSafe = true
    for (let i = 0; i < COUNT; i++) {
      const below = fluxAt(i + 1)
      next[i] = theta[i]! + (dt * (above - below - sink[i]!)) / THICKNESS_M[i]!
      if (next[i]! < theta[i]! / 3) isSafe = false
      above = below
    }
    return isSafe
  }

  /** Moves the excess of a full layer to the layer above, and of the top layer to the pond. */
  function redistributeExcess(): void {
    for (let i = COUNT - 1; i >= 0; i--) {
      const excessM = (theta[i]! - soils[i]!.saturation) * THICKNESS_M[i]!
      if (excessM <= 0) continue
      theta[i] = soils[i]!.saturation
      if (i === 0) pondM += excessM
      else theta[i - 1] = theta[i - 1]! + excessM / THICKNESS_M[i - 1]!
    }
  }

  /** A quantity of the layers at a depth, by linear interpolation between their middles. */
  function interpolate(values: (i: number) => number, depthM: number): number {
    const j = middlesM.findIndex((z) => z >= depthM)
    if (j <= 0) return values(j === 0 ? 0 : COUNT - 1)
    const share = (depthM - middlesM[j - 1]!) / (middlesM[j]! - middlesM[j - 1]!)
    return values(j - 1) * (1 - share) + values(j) * share
  }

  return {
    step,
    vwcAt: (depthM) => interpolate((i) => theta[i]!, depthM),
    tensionKPaAt(depthM) {
      const suctionM = (i: number) => soils[i]!.airEntryM * (theta[i]! / soils[i]!.saturation) ** -soils[i]!.b
      // suctions span decades: the line is drawn between their logarithms
      return Math.exp(interpolate((i) => Math.log(suctionM(i)), depthM)) * KPA_PER_M
    },
    storageMm: () => 1000 * (pondM + theta.reduce((sum, vwc, i) => sum + vwc * THICKNESS_M[i]!, 0)),
    pondMm: () => pondM * 1000,
  }
}

const conductivity = (s: Soil, h: number): number =>
  h <= s.airEntryM ? s.kSatMps : s.kSatMps * (s.airEntryM / h) ** (2 + 3 / s.b)

/** Matric flux potential: the integral of conductivity from bone dry to suction `h`, m2/s. */
function potential(s: Soil, h: number): number {
  const wettest = Math.min(h, s.airEntryM)
  const unsaturated = (conductivity(s, Math.max(h, s.airEntryM)) * Math.max(h, s.airEntryM) * s.b) / (s.b + 3)
  return unsaturated + s.kSatMps * (s.airEntryM - wettest)
}
