/** One field on one day of its season: the complete state, and the totals so far. Plain numbers, fast to copy. */
import { compartmentsTo } from './soil.ts'

export interface FieldState {
  theta: Float64Array // m3/m3 of each compartment
  /** water on the ground and in the surface layer that evaporates freely, mm */
  skinMm: number
  heatCd: number
  /** days since sowing */
  age: number
  cover: number
  /** maximum cover reached, and the cover at the start of the present decline */
  coverReached: number
  declineFrom: number
  /** days since full cover */
  fullDays: number
  rootM: number
  biomassG: number // g/m2
  /** share of the flowers that were pollinated, including excess flowers */
  pollinated: number
  /** growing degrees of yield formation, and those weighted by the effect of leaf and stomatal stress on the index */
  formedCd: number
  leafSum: number
  leafCd: number
  stomataSum: number
  harvestIndex: number // without stress
  /** days with insufficient aeration */
  wetDays: number
  isRipe: boolean
  // since sowing, mm
  rainMm: number
  irrigationMm: number
  runoffMm: number
  drainageMm: number
  evaporationMm: number
  transpirationMm: number
  /** days with a stomatal closure of more than a tenth */
  stressDays: number
}

/** A field at sowing, with uniform water content down to a depth. */
export const bareField = (vwc: number, depthM: number): FieldState => ({
  theta: new Float64Array(compartmentsTo(depthM)).fill(vwc),
  skinMm: 0,
  heatCd: 0,
  age: 0,
  cover: 0,
  coverReached: 0,
  declineFrom: 0,
  fullDays: 0,
  rootM: 0,
  biomassG: 0,
  pollinated: 0,
  formedCd: 0,
  leafSum: 0,
  leafCd: 0,
  stomataSum: 0,
  harvestIndex: 0,
  wetDays: 0,
  isRipe: false,
  rainMm: 0,
  irrigationMm: 0,
  runoffMm: 0,
  drainageMm: 0,
  evaporationMm: 0,
  transpirationMm: 0,
  stressDays: 0,
})

export const copyOf = (state: FieldState): FieldState => ({
  ...state,
  theta: new Float64Array(state.theta),
})
