/** A soil-moisture probe and the balance: what the probe says of the root zone, and how far to believe it. */
import type { Soil } from './soils.ts'

export interface ProbeReading {
  depthCm: number
  vwc: number // m³/m³
}

/** A value with its standard deviation, mm. */
export interface Estimate {
  mm: number
  sdMm: number
}

// error of one sensor with the maker's calibration; and of one spot standing for a field. m³/m³, unconfirmed
const SENSOR_SD = 0.03
const SPOT_SD = 0.02

/**
 * Root-zone depletion by a profile of readings: theta runs straight from sensor to sensor and on unchanged beyond the
 * first and the last; Dr = 1000 ∫(thetaFC - theta)dz over the roots, inside 0..TAW. Null without a reading.
 */
export function probeDepletion(
  readings: readonly ProbeReading[],
  soil: Pick<Soil, 'fieldCapacity' | 'wiltingPoint'>,
  rootDepthM: number,
): Estimate | null {
  const profile = readings
    .filter((reading) => Number.isFinite(reading.vwc) && reading.depthCm >= 0)
    .toSorted((a, b) => a.depthCm - b.depthCm)
  if (profile.length === 0 || !(rootDepthM > 0)) return null
  const tawMm = 1000 * (soil.fieldCapacity - soil.wiltingPoint) * rootDepthM
  const meanVwc = integral(profile, rootDepthM * 100) / (rootDepthM * 100)
  const depletionMm = 1000 * (soil.fieldCapacity - meanVwc) * rootDepthM
  const inRoots = profile.filter((reading) => reading.depthCm <= rootDepthM * 100).length
  const vwcSd = Math.hypot(SENSOR_SD / Math.sqrt(Math.max(1, inRoots)), SPOT_SD)
  return {
    mm: Math.min(tawMm, Math.max(0, depletionMm)),
    sdMm: Math.min(1000 * vwcSd * rootDepthM, tawMm / Math.sqrt(12)),
  }
}

/** ∫theta dz from 0 to `toCm`, cm. */
function integral(profile: readonly ProbeReading[], toCm: number): number {
  const first = profile[0]!
  const last = profile.at(-1)!
  let sum = first.vwc * Math.min(first.depthCm, toCm)
  for (let i = 1; i < profile.length; i++) {
    const upper = profile[i - 1]!
    const lower = profile[i]!
    const endCm = Math.min(lower.depthCm, toCm)
    if (endCm <= upper.depthCm) break
    const slope = (lower.vwc - upper.vwc) / (lower.depthCm - upper.depthCm)
    const endVwc = upper.vwc + slope * (endCm - upper.depthCm)
    sum += ((upper.vwc + endVwc) / 2) * (endCm - upper.depthCm)
  }
  return sum + last.vwc * Math.max(0, toCm - last.depthCm)
}

/** The mean of several probes of one field: each stands for its own spot. Null for none. */
export function meanOfProbes(probes: readonly Estimate[]): Estimate | null {
  if (probes.length === 0) return null
  const mm = probes.reduce((sum, probe) => sum + probe.mm, 0) / probes.length
  const sdMm = Math.hypot(...probes.map((probe) => probe.sdMm)) / probes.length
  return { mm, sdMm }
}

// a probe that is wrong today is wrong the same way tomorrow: each day counts as this share of a new opinion
const NEW_EACH_DAY = 0.5

/**
 * The model drawn towards the probe: gain K = P / (P + R) of the two variances (scalar Kalman filter; Kalman 1960).
 * R is enlarged, because the error of a probe lasts; and however often one probe is asked, the answer is no surer
 * than two opinions of its quality.
 */
export function nudge(model: Estimate, probe: Estimate): Estimate & { gain: number } {
  const P = model.sdMm ** 2
  const R = probe.sdMm ** 2 / NEW_EACH_DAY
  const gain = P + R > 0 ? P / (P + R) : 0
  const sdMm = Math.sqrt((1 - gain) * P)
  return {
    mm: model.mm + gain * (probe.mm - model.mm),
    sdMm: Math.max(sdMm, Math.min(model.sdMm, probe.sdMm * Math.SQRT1_2)),
    gain,
  }
}
