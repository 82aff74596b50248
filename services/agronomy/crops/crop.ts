/** A crop: stages, coefficients, roots and heat sums, with their source. */
import type { Cover } from '../water/runoff.ts'
import type { HeatModel } from './degree-days.ts'

export interface Crop {
  id: string
  /** days: initial, development, mid-season, late (Table 11) */
  lengthsD: readonly [number, number, number, number]
  kcIni: number
  kcMid: number
  kcEnd: number
  /** basal: initial, mid-season, end (Table 17); null: Table 17 has none, and the single Kc is used */
  kcb: readonly [number, number, number] | null
  heightM: number
  rootMinM: number // at planting: FAO-56 Annex 8 names 0.15-0.20 m
  rootMaxM: number
  p: number // fraction of TAW before stress, at ETc = 5 mm/d
  ky: number | null // yield response of a season (Table 24)
  cover: Cover // of the curve number
  heat: HeatModel // of its development
  /** heat sums from planting, °C·d; empty where no sum is known well enough */
  heatStages: readonly HeatStage[]
  heatSource: string
  source: string
}

export interface HeatStage {
  stage: string
  sumCd: number
  /** the stage of Table 11 that ends with it: full cover comes with flowering, late season with maturity (chapter 6) */
  ends?: 'development' | 'mid-season' | 'late-season'
}
