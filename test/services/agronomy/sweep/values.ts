/** Building blocks of the sweep's domains: numbers in their range, days, soils, crops. */
import fc from 'fast-check'
import { heatMethods, type HeatModel } from '../../../../services/agronomy/crops/degree-days.ts'
import { soils } from '../../../../services/agronomy/water/soils.ts'

export const n = (min: number, max: number) => fc.double({ min, max, noNaN: true })
export const int = (min: number, max: number) => fc.integer({ min, max })
export const or = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null })
export const list = <T>(one: fc.Arbitrary<T>, minLength: number, maxLength: number) =>
  fc.array(one, { minLength, maxLength })
export const t = fc.tuple
export const of = fc.constantFrom

/**
 * Values that are not broken: rows of Tilth's own tables (checked separately), and results of one function that are
 * inputs of the next (broken at their own inputs).
 */
export const whole = new WeakSet<object>()
export const wholly = <T extends object>(one: fc.Arbitrary<T>) => one.map((made) => (whole.add(made), made))

export const tempC = n(-40, 45)
export const share = n(0, 1)
export const mm = n(0, 100)
export const percent = n(1, 100)
export const latDeg = n(-90, 90)
export const elevationM = n(-400, 5000)
export const place = fc.record({ latDeg, elevationM, lonDeg: n(-180, 180) })
export const extremes = t(tempC, n(0, 25)).map(([tempMinC, range]) => ({
  tempMinC,
  tempMaxC: tempMinC + range,
}))

export const texture = of(...Object.keys(soils), 'Sandy Loam', 'moon dust')
export const limits = t(n(0.1, 0.45), n(0.3, 0.8)).map(([fieldCapacity, part]) => ({
  fieldCapacity,
  wiltingPoint: fieldCapacity * part,
}))
export const rootM = n(0.1, 2)

export const heatModel: fc.Arbitrary<HeatModel> = fc.record({
  method: of(...heatMethods),
  cutoff: of('none', 'horizontal', 'intermediate', 'vertical'),
  lowerC: n(0, 12),
  upperC: or(n(25, 35)),
})
export const day = int(1, 28).map((d) => `2026-05-${String(d).padStart(2, '0')}`)

export const vwc = n(0.02, 0.55)
export const probe = fc.record({
  rawMm: n(-50, 250),
  mm: n(0, 200),
  sdMm: n(1, 50),
  noiseMm: n(1, 30),
  biasSd: n(0.005, 0.06),
})

/** By file, the arguments of each function. */
export type Domains = Record<string, Record<string, fc.Arbitrary<unknown[]>>>
