/**
 * The rest of a season as the decision sees it: for every day what the crop takes, how much its roots can hold, and
 * what a shortage on that day costs in yield. Arrays, since a decision runs through them some thousand times.
 */
import type { Crop } from '../../agronomy/crops.ts'
import { coverOf, KC_MIN, kcMaxOf, STANDARD_CLIMATE } from '../../agronomy/dual-kc.ts'
import { heightM, kcbOf, kcOf, seasonLengthD } from '../../agronomy/growth.ts'
import { phaseIndexOf, type CropResponse } from './crop-response.ts'

export interface DaysAhead {
  count: number
  phase: Uint8Array // index into `phases`
  kcb: Float64Array
  kcMax: Float64Array
  exposed: Float64Array // share of the ground that is in the sun
  tawMm: Float64Array
  /** share of the soil below the roots that they reach that day */
  reach: Float64Array
  p: Float64Array // at 5 mm/d
  shape: number
  /** share of the yield that a day without any water loses */
  weight: Float64Array
  tewMm: number
  rewMm: number
}

/** of p: how much earlier leaves feel it. FAO 66 has 0.14-0.25 for the first effect, 0.55-0.75 for the last */
const LEAVES_EARLIER = 0.1

export interface GroundAhead {
  crop: Crop
  response: CropResponse
  /** days of Table 11 by the end of which each day stands, from the first of these days on */
  agesD: readonly number[]
  /** what the soil can hold from the surface to a depth, mm */
  storeMm: (toM: number) => number
  rootDepthM: (ageD: number) => number
  tewMm: number
  rewMm: number
  /** what this crop uses by the tables, as its season has shown */
  use: number
}

export function daysAhead(x: GroundAhead): DaysAhead {
  const { crop, response, agesD } = x
  const endD = seasonLengthD(crop)
  const past = agesD.findIndex((age) => age >= endD)
  const count = past < 0 ? agesD.length : past
  const made = (): Float64Array => new Float64Array(count)
  const out: DaysAhead = {
    count,
    phase: new Uint8Array(count),
    kcb: made(),
    kcMax: made(),
    exposed: made(),
    tawMm: made(),
    reach: made(),
    p: made(),
    shape: response.shape,
    weight: made(),
    tewMm: x.tewMm,
    rewMm: x.rewMm,
  }
  const ofPhase = transpirationOfPhases(crop)
  let beforeD = agesD.length > 1 ? 2 * agesD[0]! - agesD[1]! : 0
  let beforeM = x.rootDepthM(beforeD)
  for (let k = 0; k < count; k++) {
    const age = agesD[k]!
    const phase = phaseIndexOf(crop, age)
    const tabled = basalOf(crop, age)
    const kcb = tabled * x.use
    const height = heightM(crop, age)
    const kcMax = kcMaxOf(tabled, height, STANDARD_CLIMATE)
    const rootM = x.rootDepthM(age)
    const belowM = response.rootM - beforeM
    out.phase[k] = phase
    out.kcb[k] = kcb
    out.kcMax[k] = kcMax
    out.exposed[k] = Math.max(0.01, 1 - coverOf(kcb, KC_MIN, kcMax, height))
    out.tawMm[k] = x.storeMm(rootM)
    out.reach[k] = rootM > beforeM && belowM > 0 ? Math.min(1, (rootM - beforeM) / belowM) : 0
    // leaves stop growing before the stomata close (Hsiao 1973)
    out.p[k] = phase === 0 ? crop.p - LEAVES_EARLIER : response.pStomata
    out.weight[k] = (response.ky[phase]! * tabled * Math.max(0, age - beforeD)) / ofPhase[phase]!
    beforeD = age
    beforeM = Math.max(beforeM, rootM)
  }
  return out
}

/** Kcb; where Table 17 has none, Kc less what bare soil gives. */
export const basalOf = (crop: Crop, ageD: number): number =>
  kcbOf(crop, ageD) ?? Math.max(KC_MIN, kcOf(crop, ageD) - 0.1)

/** Σ Kcb over the days of each phase, by the lengths of Table 11. */
function transpirationOfPhases(crop: Crop): number[] {
  const sums = [0, 0, 0, 0]
  for (let age = 0; age < seasonLengthD(crop); age++) sums[phaseIndexOf(crop, age)]! += basalOf(crop, age)
  return sums.map((sum) => Math.max(sum, 1))
}
