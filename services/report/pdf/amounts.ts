/** Printed amounts of a report: few digits, in the requested unit. Null is unknown. */
import type { Unit } from '../text/units.ts'

const HYO_KG = 60 // a bale (hyo) of brown rice

export interface Amounts {
  yieldUnit: string
  waterUnit: string
  areaUnit: string
  area: (m2: number) => string
  yieldIn: (kgHa: number) => number // in the unit
  waterIn: (m3Ha: number) => number
  yield: (kgHa: number) => string
  water: (m3Ha: number) => string
  /** bales per 10 a, where rice is measured so; otherwise null */
  bales: ((kgHa: number) => string) | null
}

/**
 * Takes m2, kg/ha and m3/ha. `kg/10a` prints a and m³/10a, `t/ha` prints ha and m³/ha; bales only for rice in kg/10a.
 */
export function amountsOf(unit: Unit, crop: string): Amounts {
  const by10a = unit === 'kg/10a'
  const yieldIn = (kgHa: number) => kgHa / (by10a ? 10 : 1000)
  const waterIn = (m3Ha: number) => m3Ha / (by10a ? 10 : 1)
  return {
    yieldUnit: unit,
    waterUnit: by10a ? 'm³/10a' : 'm³/ha',
    areaUnit: by10a ? 'a' : 'ha',
    area: (m2) => (by10a ? fixed(m2 / 100, 1) : fixed(m2 / 10_000, 2)),
    yieldIn,
    waterIn,
    yield: (kgHa) => fixed(yieldIn(kgHa), by10a ? 0 : 2),
    water: (m3Ha) => fixed(waterIn(m3Ha), 0),
    bales: by10a && crop === 'rice' ? (kgHa) => fixed(kgHa / 10 / HYO_KG, 1) : null,
  }
}

/** 1,234.50, in both languages. */
export const fixed = (value: number, decimals: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })

/** +3 %, −12 %, ±0 %. */
export function changeText(share: number): string {
  const percent = Math.round(100 * share)
  return percent === 0 ? '±0 %' : `${percent < 0 ? '−' : '+'}${Math.abs(percent)} %`
}

/** `share` is 0-1; whole percent. */
export const percentText = (share: number): string => `${Math.round(100 * share)} %`
