/** The wet bulb and Delta T: FAO-56's own example inverted, and consequences of the definitions. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  saturationKPa,
  vapourFromPsychrometerKPa,
} from '../../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import { deltaTC, wetBulbC } from '../../../../services/agronomy/evapotranspiration/wet-bulb.ts'
import '../../../support/seed.ts'

describe('the wet bulb', () => {
  it('of 25.6 °C and 1.91 kPa at 1,200 m reads 19.5 °C (FAO-56 Example 4)', () => {
    const humidityPct = (100 * 1.91) / saturationKPa(25.6)
    expect(wetBulbC(25.6, humidityPct, 1200)).toBeCloseTo(19.5, 1)
  })

  it('is consistent with the vapour pressure it was calculated from', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -10, max: 45, noNaN: true }),
        fc.double({ min: 5, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 3000, noNaN: true }),
        (tempC, humidityPct, elevationM) => {
          const ea = (saturationKPa(tempC) * humidityPct) / 100
          const back = vapourFromPsychrometerKPa(tempC, wetBulbC(tempC, humidityPct, elevationM), elevationM)
          expect(back).toBeCloseTo(ea, 6)
        },
      ),
    )
  })

  it('is below the air temperature, by 0 where the air is saturated and by more the drier it is', () => {
    expect(deltaTC(20, 100, 0)).toBeCloseTo(0, 6)
    expect(deltaTC(25, 30, 0)).toBeGreaterThan(deltaTC(25, 60, 0))
    expect(deltaTC(30, 20, 0)).toBeGreaterThan(10) // a dry afternoon does not suit spraying
  })
})
