/** A soil-moisture probe: its estimate of the root-zone depletion, and the uncertainty. Water contents in m³/m³. */
import { assertNumbers, finite } from '../finite.ts'
import type { Soil } from './soils.ts'

export interface ProbeReading {
  depthCm: number
  vwc: number
  /** field capacity calibrated by this sensor at its own depth: its offset then cancels */
  fieldCapacity?: { v: number; sd: number } | undefined
}

/** A value with its standard deviation, mm. */
export interface Estimate {
  mm: number
  sdMm: number
}

/**
 * The estimate of a probe. Part of its error lasts (`biasSd`), the rest is new each day (`noiseMm`); `sdMm` includes
 * both.
 */
export interface ProbeEstimate extends Estimate {
  rawMm: number // Dr before limiting it to 0..TAW
  noiseMm: number
  biasSd: number // m³/m³
}

// the manufacturer's calibration of one sensor, constant in time; unconfirmed for any one manufacturer
const SENSOR_SD = 0.03
// the soil of one spot against its surroundings, constant in time: Famiglietti et al. 2008, Water Resour. Res. 44,
// W01423 (0.036 over 2.5 m)
const SPOT_SD = 0.03
// depletion of one spot against the field's, with a calibrated field capacity of the sensor. Unconfirmed
const SPOT_DEPLETION_SD = 0.02
// a reading against the layer it represents, new each day: root uptake, wetting depth. Unconfirmed
const LAYER_SD = 0.02
// soil without a sensor, against the nearest one with a sensor. Unconfirmed
const UNSEEN_SD = 0.03
const SEEN_CM = 10 // below the deepest sensor

/**
 * Root-zone depletion from a profile of readings: the deficit to field capacity is interpolated linearly between
 * sensors and constant beyond the first and the last; Dr = 1000 ∫(thetaFC - theta)dz over the roots, limited to
 * 0..TAW. Null without a reading.
 */
export function probeDepletion(
  readings: readonly ProbeReading[],
  soil: Pick<Soil, 'fieldCapacity' | 'wiltingPoint'>,
  rootDepthM: number,
): ProbeEstimate | null {
  const profile = readings
    .filter((reading) => Number.isFinite(reading.vwc) && reading.depthCm >= 0)
    .toSorted((a, b) => a.depthCm - b.depthCm)
  if (profile.length === 0 || !(rootDepthM > 0)) return null
  const rootsCm = rootDepthM * 100
  const tawMm = 1000 * (soil.fieldCapacity - soil.wiltingPoint) * rootDepthM
  assertNumbers({ ...soil, rootDepthM, profile })
  const rawMm = finite(10 * integral(profile, rootsCm, soil.fieldCapacity), { rootDepthM })
  const inRoots = Math.max(1, profile.filter(({ depthCm }) => depthCm <= rootsCm).length)
  const unseen = Math.max(0, 1 - (profile.at(-1)!.depthCm + SEEN_CM) / rootsCm)
  const noiseMm = 1000 * rootDepthM * Math.hypot(LAYER_SD / Math.sqrt(inRoots), UNSEEN_SD * unseen)
  const learnedCapacities = profile.map(({ fieldCapacity }) => fieldCapacity)
  const biasSd = learnedCapacities.every((limit) => limit !== undefined)
    ? Math.hypot(
        SPOT_DEPLETION_SD,
        ...learnedCapacities.map(({ sd }) => sd / Math.sqrt(learnedCapacities.length)),
      )
    : Math.hypot(SENSOR_SD / Math.sqrt(inRoots), SPOT_SD)
  return withUncertainty({ rawMm, noiseMm, biasSd }, rootDepthM, tawMm)
}

/** ∫(thetaFC - theta)dz from 0 to `toCm`, cm. */
function integral(profile: readonly ProbeReading[], toCm: number, fieldCapacity: number): number {
  const lacks = (reading: ProbeReading) => (reading.fieldCapacity?.v ?? fieldCapacity) - reading.vwc
  const first = profile[0]!
  const last = profile.at(-1)!
  let sum = lacks(first) * Math.min(first.depthCm, toCm)
  for (let i = 1; i < profile.length; i++) {
    const upper = profile[i - 1]!
    const lower = profile[i]!
    const endCm = Math.min(lower.depthCm, toCm)
    if (endCm <= upper.depthCm) continue // below the roots, or two sensors at one depth
    const share = (endCm - upper.depthCm) / (lower.depthCm - upper.depthCm)
    const atEnd = lacks(upper) + share * (lacks(lower) - lacks(upper))
    sum += ((lacks(upper) + atEnd) / 2) * (endCm - upper.depthCm)
  }
  return sum + lacks(last) * Math.max(0, toCm - last.depthCm)
}

/** The mean of several probes of one field: each represents its own spot. Null for none. */
export function meanOfProbes(
  probes: readonly ProbeEstimate[],
  soil: Pick<Soil, 'fieldCapacity' | 'wiltingPoint'>,
  rootDepthM: number,
): ProbeEstimate | null {
  const n = probes.length
  if (n === 0) return null
  assertNumbers({ probes, ...soil, rootDepthM })
  const tawMm = 1000 * (soil.fieldCapacity - soil.wiltingPoint) * rootDepthM
  return withUncertainty(
    {
      rawMm: probes.reduce((sum, probe) => sum + probe.rawMm, 0) / n,
      noiseMm: Math.hypot(...probes.map((probe) => probe.noiseMm)) / n,
      biasSd: Math.hypot(...probes.map((probe) => probe.biasSd)) / n,
    },
    rootDepthM,
    tawMm,
  )
}

/** Uncertainty is at most that of complete ignorance, 0 <= Dr <= TAW. */
const withUncertainty = (
  estimate: Pick<ProbeEstimate, 'rawMm' | 'noiseMm' | 'biasSd'>,
  rootDepthM: number,
  tawMm: number,
): ProbeEstimate => ({
  ...estimate,
  mm: Math.min(tawMm, Math.max(0, estimate.rawMm)),
  sdMm: Math.min(Math.hypot(estimate.noiseMm, 1000 * rootDepthM * estimate.biasSd), tawMm / Math.sqrt(12)),
})
