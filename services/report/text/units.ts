/** Units of a report's amounts, and their rounding. */
export const units = ['kg/10a', 't/ha'] as const
export type Unit = (typeof units)[number]

/** Unit scale of a report: Japanese growers use kg per 10 a, others t per ha. */
export interface Scale {
  area: string
  yield: string
  water: string
  areaOf: (m2: number) => number
  yieldOf: (kgHa: number | null) => number | null
  waterOf: (m3Ha: number | null) => number | null
}

/** The units and conversions of a report. */
export const scaleOf = (unit: Unit): Scale =>
  unit === 'kg/10a'
    ? {
        area: 'a',
        yield: 'kg/10a',
        water: 'm3/10a',
        areaOf: (m2) => round(m2 / 100, 2),
        yieldOf: (kgHa) => round(kgHa, 1, 10),
        waterOf: (m3Ha) => round(m3Ha, 1, 10),
      }
    : {
        area: 'ha',
        yield: 't/ha',
        water: 'm3/ha',
        areaOf: (m2) => round(m2 / 10_000, 4),
        yieldOf: (kgHa) => round(kgHa, 3, 1000),
        waterOf: (m3Ha) => round(m3Ha, 0),
      }

/** Divides by `per`, then rounds to `decimals` places. */
export function round(value: number, decimals: number, per?: number): number
/** Null, an unknown value, stays null. */
export function round(value: number | null, decimals: number, per?: number): number | null
export function round(value: number | null, decimals: number, per = 1): number | null {
  return value === null ? null : Number((value / per).toFixed(decimals))
}

/** A share in per cent. */
export const percent = (share: number | null): number | null => round(share === null ? null : 100 * share, 1)
