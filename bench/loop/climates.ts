/**
 * The five places of the closed loop: weather normals, crop, soil, what water and harvest are worth, and the FAO-56 table
 * that a careful farmer there would use. Prices are round figures of the order of producer prices and pumping costs of
 * 2015-2023, $/ha: they set how dear a mm is against a tonne, no more.
 */
import { maize, type LoopCrop } from './crops.ts'
import type { LoopSoil } from './soil.ts'
import type { Normals } from './weather.ts'

export interface Economics {
  /** a tonne of dry yield */
  cropPricePerT: number
  /** a mm over a hectare, at the meter: water and energy */
  waterCostPerMm: number
  /** labour and wear of one application, a hectare */
  costPerApplication: number
}

/** FAO-56 single crop coefficients for the place (Tables 11, 12 and 22), stages fitted to its calendar. */
export interface CheckbookTable {
  stagesD: readonly [number, number, number, number]
  kc: readonly [number, number, number] // initial, mid, end
  rootStartM: number
  rootMaxM: number
  p: number
}

export interface Climate {
  name: string
  about: string
  normals: Normals
  elevM: number
  timeZone: string
  crop: LoopCrop
  sowing: string // MM-DD
  soil: LoopSoil
  texture: string
  /** share of TAW that the soil holds at sowing, mean; it differs by a tenth from year to year */
  startShare: number
  economics: Economics
  table: CheckbookTable
}

const sandyLoam: LoopSoil = {
  saturation: 0.41,
  fieldCapacity: 0.22,
  wiltingPoint: 0.1,
  kSatMmD: 1200,
  curveNumber: 61,
}
export const climates: readonly Climate[] = [
  {
    name: 'champion-maize',
    about: 'Champion NE, maize on sandy loam: hot dry summers with thunderstorms',
    // monthly statistics of the record 1990-2010 that comes with AquaCrop
    normals: {
      latDeg: 40.4,
      tMinC: [-10.8, -9, -4.9, 0.1, 6.8, 12.3, 15.1, 14.1, 8, 0.8, -5.8, -10.4],
      tMaxC: [5.3, 7.3, 12.4, 16.9, 22.6, 28.3, 31.9, 30.6, 26.5, 19, 11.2, 5.6],
      et0Mm: [1.56, 1.94, 2.81, 3.71, 4.67, 5.87, 6.4, 5.72, 4.74, 3.27, 2.11, 1.51],
      wetAfterDry: [0.03, 0.05, 0.07, 0.16, 0.22, 0.22, 0.23, 0.19, 0.11, 0.12, 0.05, 0.03],
      wetAfterWet: [0.24, 0.24, 0.39, 0.46, 0.41, 0.47, 0.43, 0.34, 0.34, 0.37, 0.28, 0.39],
      wetDayMm: [6.3, 6.4, 6.4, 6.5, 7.3, 7.7, 9.6, 8.8, 7.4, 8.3, 6.1, 7.2],
      wetDayShape: [2.1, 2.6, 1.3, 1.2, 0.6, 0.57, 0.7, 0.62, 0.76, 0.5, 1.8, 2.1],
      ...{ dayC: 4.5, wetCoolerC: 3, yearC: 0.8, yearRain: 0.25 },
    },
    elevM: 1040,
    timeZone: 'America/Chicago',
    crop: maize,
    sowing: '05-01',
    soil: sandyLoam,
    texture: 'sandy-loam',
    startShare: 0.6,
    economics: { cropPricePerT: 180, waterCostPerMm: 1, costPerApplication: 5 },
    table: {
      stagesD: [30, 40, 50, 30],
      kc: [0.3, 1.2, 0.5],
      ...{ rootStartM: 0.3, rootMaxM: 1.4, p: 0.55 },
    },
  },
]
