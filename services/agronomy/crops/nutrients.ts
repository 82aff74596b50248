/** Nutrients that a fertiliser adds to a field, from its grade. */
import { finite } from '../finite.ts'

/** Per cent by mass of N, P2O5 and K2O, as a label states them (guaranteed analysis). Null: not known. */
export interface Grade {
  nPct: number | null
  p2o5Pct: number | null
  k2oPct: number | null
}

/** kg/ha; null where the mass or that part of the grade is unknown. */
export interface Nutrients {
  nKgHa: number | null
  p2o5KgHa: number | null
  k2oKgHa: number | null
}

/** Nutrients of `massKg` of a fertiliser on `areaM2`, kg/ha. RangeError for an input that is not a number. */
export function nutrientsKgHa(massKg: number | null, areaM2: number, grade: Grade): Nutrients {
  if (!(areaM2 > 0)) throw new RangeError(`areaM2 must be above 0, got ${areaM2}`)
  const share = (pct: number | null): number | null =>
    massKg === null || pct === null
      ? null
      : finite((massKg * (pct / 100)) / (areaM2 / 10_000), { massKg, areaM2, pct })
  return { nKgHa: share(grade.nPct), p2o5KgHa: share(grade.p2o5Pct), k2oKgHa: share(grade.k2oPct) }
}
