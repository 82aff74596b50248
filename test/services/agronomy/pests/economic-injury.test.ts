import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  economicInjuryLevel,
  economicKeys,
  type EconomicFigures,
} from '../../../../services/agronomy/pests/economic-injury.ts'
import '../../../support/seed.ts'

const figures: EconomicFigures = {
  costPerHa: 60,
  valuePerT: 200,
  injuryPerCount: 0.05,
  lossPerInjury: 0.8,
  shareSaved: 0.75,
}
const level = (changes: Partial<EconomicFigures> = {}) => economicInjuryLevel({ ...figures, ...changes })

describe('the economic injury level (Pedigo 1986, EIL = C / V I D K)', () => {
  it('is where the prevented loss equals the cost of the treatment', () => {
    // 10 insects: 10 x 0.05 injuries x 0.8 t x 0.75 saved x 200 a tonne = 60
    expect(level()).toEqual({ level: expect.closeTo(10, 9) })
  })

  it('falls with the price of the crop, rises with the cost of spraying', () => {
    expect(level({ valuePerT: 400 })).toEqual({ level: expect.closeTo(5, 9) })
    expect(level({ costPerHa: 120 })).toEqual({ level: expect.closeTo(20, 9) })
  })

  it('is unknown with any unknown input, and names it: no default is assumed', () => {
    for (const key of economicKeys) expect(level({ [key]: null })).toEqual({ missing: [key] })
    expect(level({ valuePerT: null, shareSaved: null })).toEqual({ missing: ['valuePerT', 'shareSaved'] })
  })

  it('rejects impossible inputs', () => {
    for (const key of economicKeys) expect(() => level({ [key]: 0 })).toThrow(key)
    expect(() => level({ shareSaved: 1.2 })).toThrow('shareSaved')
  })

  it('balances cost and saving for any figures', () => {
    const figure = fc.double({ min: 0.001, max: 1000, noNaN: true })
    const all = fc.tuple(figure, figure, figure, figure, fc.double({ min: 0.01, max: 1, noNaN: true }))
    fc.assert(
      fc.property(all, ([costPerHa, valuePerT, injuryPerCount, lossPerInjury, shareSaved]) => {
        const x = { costPerHa, valuePerT, injuryPerCount, lossPerInjury, shareSaved }
        const found = economicInjuryLevel(x)
        if (!('level' in found)) throw new Error('all figures are known')
        const saved = found.level * injuryPerCount * lossPerInjury * shareSaved * valuePerT
        expect(saved / costPerHa).toBeCloseTo(1, 9)
      }),
    )
  })
})
