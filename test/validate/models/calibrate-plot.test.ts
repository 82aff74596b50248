import { describe, expect, it } from 'vitest'
import { cropOf } from '../../../services/agronomy/crops/catalogue.ts'
import {
  profileDay,
  profileDepletionMm,
  profileState,
  type ProfileDay,
  type ProfileSoil,
} from './root-zone.ts'
import {
  calibrateField,
  calibrateFields,
  depletions,
  type MeasuredField,
  type Visit,
} from './calibrate-plot.ts'

const cotton = cropOf('cotton')!
const texture: ProfileSoil = {
  fieldCapacity: 0.2,
  wiltingPoint: 0.1,
  surface: { fieldCapacity: 0.2, wiltingPoint: 0.1, layerM: 0.1, rewMm: 8 },
}
const heldSoil = { ...texture, fieldCapacity: 0.26 }
const dayOf = (age: number): ProfileDay => ({
  et0Mm: 6 + 2 * Math.sin(age / 5),
  rainMm: 0,
  irrigationMm: age % 7 === 0 ? 15 : 0,
  wettedFraction: 1,
  climate: { windMps: 2, humidityMinPct: 30 },
})

/** A field whose crop takes `scale` of the table's Kcb, measured every week from field capacity on. */
function grown(scale: number): MeasuredField {
  const visits: Visit[] = []
  let state = profileState((toM) => 1000 * heldSoil.fieldCapacity * toM, heldSoil, cotton, 10)
  for (let age = 10; age <= 70; age++) {
    if (age > 10) state = profileDay(state, dayOf(age), heldSoil, cotton, age, scale)
    const lackMm = profileDepletionMm(state)
    const depth = cotton.rootMaxM
    if (age % 7 === 3)
      visits.push({ age, waterMm: (toM) => (1000 * heldSoil.fieldCapacity - lackMm / depth) * toM })
  }
  return { crop: cotton, soil: texture, dayOf, visits }
}

describe('a balance fitted to measured profiles', () => {
  it('finds the field capacity and the Kcb of the measured field', () => {
    const fit = calibrateField(grown(0.85))!
    expect(fit.soil.fieldCapacity).toBeCloseTo(0.26, 6)
    expect(fit.kcbScale).toBeCloseTo(0.85, 1)
  })

  it('two visits are too few', () => {
    expect(calibrateField({ ...grown(1), visits: grown(1).visits.slice(0, 2) })).toBeNull()
  })

  it('a field with few measurements takes its crop from its neighbours', () => {
    const short = { ...grown(1.2), visits: grown(1.2).visits.slice(0, 3) }
    const alone = calibrateField(short)!
    const fits = calibrateFields([grown(0.8), grown(0.82), grown(0.78), grown(0.81), short])
    expect(fits[4]!.kcbScale).toBeLessThan(alone.kcbScale)
  })

  it('brought forward from a visit without a day between, it is the measured one', () => {
    const field = grown(1)
    const visit = field.visits[4]!
    const lackMm = 1000 * heldSoil.fieldCapacity * cotton.rootMaxM - visit.waterMm(cotton.rootMaxM)
    expect(depletions(visit, field, { soil: heldSoil, kcbScale: 1 }, [visit.age])[0]).toBeCloseTo(lackMm, 9)
  })
})
