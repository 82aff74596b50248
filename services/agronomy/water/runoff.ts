/**
 * Run-off of rain by the NRCS curve number (USDA National Engineering Handbook 630, chapters 9-10), with the
 * antecedent moisture from the evaporating layer (Hawkins et al. 1985; ASCE Manual 70, 2016, chapter 14).
 */
import { finite } from '../finite.ts'

/** Run-off of a day's rain, mm. Equations 10-9 and 10-11 of the handbook. */
export function runoffMm(rainMm: number, curveNumber: number): number {
  if (rainMm <= 0 || curveNumber <= 0) return 0
  const S = 250 * (100 / Math.min(100, curveNumber) - 1) // potential retention, mm
  if (rainMm <= 0.2 * S) return 0
  return finite((rainMm - 0.2 * S) ** 2 / (rainMm + 0.8 * S), { rainMm, curveNumber })
}

/** The curve number of a day: CN I for a dry surface, CN III for a wet one, linear between. */
export function curveNumberToday(CN2: number, surfaceDepletionMm: number, TEW: number, REW: number): number {
  const dry = 0.7 * REW + 0.3 * TEW
  const wet = 0.5 * REW
  const CN1 = CN2 / (2.281 - 0.01281 * CN2)
  const CN3 = CN2 / (0.427 + 0.00573 * CN2)
  if (surfaceDepletionMm <= wet) return finite(CN3, { CN2 })
  if (surfaceDepletionMm >= dry) return finite(CN1, { CN2 })
  const CN = ((surfaceDepletionMm - wet) * CN1 + (dry - surfaceDepletionMm) * CN3) / (dry - wet)
  return finite(CN, { CN2, surfaceDepletionMm, TEW, REW })
}

export type Cover = 'row' | 'grain' | 'orchard'

/**
 * CN II of a field by its texture and its crop: hydrologic soil group by texture (USDA TR-55 1986, Appendix A), curve
 * numbers of TR-55 Table 2-2 in good condition: row crops and small grain in straight rows, orchards on grass.
 * Unconfirmed for a given field: terraces, contour furrows and bunds retain more.
 */
export function curveNumberOf(texture: string, cover: Cover): number {
  return curveNumbers[cover][groups[texture] ?? 'B']
}

const curveNumbers = {
  row: { A: 67, B: 78, C: 85, D: 89 },
  grain: { A: 63, B: 75, C: 83, D: 87 },
  orchard: { A: 32, B: 58, C: 72, D: 79 },
}

const groups: Readonly<Record<string, 'A' | 'B' | 'C' | 'D'>> = {
  sand: 'A',
  'loamy-sand': 'A',
  'sandy-loam': 'A',
  'silt-loam': 'B',
  silt: 'B',
  loam: 'B',
  'sandy-clay-loam': 'C',
  'clay-loam': 'D',
  'silty-clay-loam': 'D',
  'sandy-clay': 'D',
  'silty-clay': 'D',
  clay: 'D',
}
