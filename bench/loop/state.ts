/** One field on one day of its season: all that tomorrow depends on, and what has passed. Plain numbers, copied fast. */
import { compartmentsTo } from './soil.ts'

export interface FieldState {
  theta: Float64Array // m3/m3 of each compartment
  /** water on the ground and in its skin that evaporates freely, mm */
  skinMm: number
  heatCd: number
  /** days since sowing */
  age: number
  cover: number
  /** largest cover reached, and the cover from which the present decline started */
  coverReached: number
  declineFrom: number
  /** days since full cover */
  fullDays: number
  rootM: number
  biomassG: number // g/m2
  /** share of the flowers that were pollinated, with those to spare */
  pollinated: number
  /** growing degrees of yield formation, and those weighted by what leaf and stomatal stress did to the index */
  formedCd: number
  leafSum: number
  leafCd: number
  stomataSum: number
  harvestIndex: number // undisturbed
  /** days without enough air in the roots */
  wetDays: number
  isRipe: boolean
  // since sowing, mm
  rainMm: number
  irrigationMm: number
  runoffMm: number
  drainageMm: number
  evaporationMm: number
  transpirationMm: number
  /** days on which the stomata closed by more than a tenth */
  stressDays: number
}

/** A field at sowing, equally moist down to a depth. */
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
