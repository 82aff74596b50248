/** Yields made by a known law must be found; yields of chance must not be believed. */
import { describe, expect, it } from 'vitest'
import { bestMethod } from '../../../../services/learn/fitting/learner.ts'
import { valueOfTerms } from '../../../../services/learn/fitting/regression.ts'
import { fitYield, crossValidatedSkill, type Harvest } from '../../../../services/learn/yield/regression.ts'

/** Numbers from -1 to 1 that look like chance and are the same each time (Park & Miller 1988). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return (2 * state) / 2147483647 - 1
  }
}

const places = ['north', 'south', 'hill']

/** Three fields, twenty years; best at 500 mm, a trend of 0.1 t/ha a year, each field with its own level. */
function harvestsBy(law: (waterMm: number, heatC: number, noise: number) => number): Harvest[] {
  const next = chance(7)
  return Array.from({ length: 20 }, (_, i) => 2001 + i).flatMap((year) => {
    const [wet, warm] = [next(), next()] // a year is wet for all
    return places.map((place, p) => {
      const waterMm = 450 + 200 * wet + 20 * next()
      const heatC = 22 + 3 * warm + 0.3 * next()
      return {
        place,
        year,
        fold: String(year),
        yield: 6 + p + 0.1 * (year - 2000) + law(waterMm, heatC, next()),
        features: { water: waterMm, heat: heatC },
      }
    })
  })
}

describe('yield', () => {
  const optimum = harvestsBy((water, _, noise) => -((water - 500) ** 2) / 20_000 + 0.2 * noise)
  it('that has an optimum of water is learned as a curve, and proves it on years it has not seen', () => {
    expect(fitYield(optimum).shape).toBe('curved')
    const skill = crossValidatedSkill(optimum, 't/ha')!
    expect(bestMethod(skill)).toBe('model')
    expect(skill.rmse).toBeLessThan(0.5 * skill.physics!)
  })
  it('of 500 mm is better than of 300 mm and of 700 mm, by the 2 t/ha of the law', () => {
    const model = fitYield(optimum)
    const at = (water: number) => model.predict({ place: 'hill', year: 2020, features: { water, heat: 22 } })
    expect(at(500) - at(300)).toBeCloseTo(2, 0)
    expect(at(500) - at(700)).toBeCloseTo(2, 0)
    expect(at(500)).toBeCloseTo(6 + 2 + 2, 0)
  })
  it('that only falls with heat is learned as a line', () => {
    const hot = harvestsBy((_, heat, noise) => -0.5 * (heat - 22) + 0.2 * noise)
    expect(fitYield(hot).shape).toBe('linear')
  })
  it('of chance is left to the trend', () => {
    const idle = harvestsBy((_water, _heat, noise) => noise)
    expect(fitYield(idle).shape).toBe('trend')
    expect(crossValidatedSkill(idle, 't/ha')!.skill).toBeGreaterThan(-0.05)
  })
  it('is the same from its stored terms', () => {
    const model = fitYield(optimum)
    for (const { place, year, features } of optimum) {
      const row = Object.fromEntries(
        Object.entries(features).flatMap(([key, x]) => [
          [key, x],
          [`${key}-squared`, x * x],
        ]),
      )
      expect(valueOfTerms(model.termsOf(place), { year, ...row })).toBeCloseTo(
        model.predict({ place, year, features }),
        6,
      )
    }
  })
  it('of two years cannot be judged, of one is its own level', () => {
    const [first] = optimum as [Harvest]
    expect(crossValidatedSkill(optimum.slice(0, 6), 't/ha')).toBeNull()
    expect(fitYield([first]).predict(first)).toBe(first.yield)
  })
  it('without features is the trend', () => {
    const bare = optimum.map((one) => ({ ...one, features: {} }))
    expect(fitYield(bare).shape).toBe('trend')
  })
})
