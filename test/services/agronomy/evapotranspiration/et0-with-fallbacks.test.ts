/** Golden numbers: FAO-56 (Allen et al. 1998) worked examples; all of them run in vectors.test.ts. */
import { describe, expect, it } from 'vitest'
import { clearSkyMJm2 } from '../../../../services/agronomy/evapotranspiration/clear-sky.ts'
import {
  et0Best,
  hargreavesMm,
  type PartialWeather,
} from '../../../../services/agronomy/evapotranspiration/et0-with-fallbacks.ts'
import {
  meanSaturationKPa,
  pressureKPa,
  saturationKPa,
  vapourFromMeanKPa,
  vapourFromPsychrometerKPa,
  vapourFromRangeKPa,
} from '../../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import {
  daylightHours,
  declination,
  extraterrestrialMJm2,
  inverseDistance,
  netLongwaveMJm2,
  netShortwaveMJm2,
  radiationMJm2,
  radiationShare,
  relativeShortwave,
  solarFromSunshineMJm2,
  solarFromTemperatureMJm2,
  sunsetAngle,
} from '../../../../services/agronomy/evapotranspiration/radiation.ts'
import { et0Mm } from '../../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { wind2mMps } from '../../../../services/agronomy/evapotranspiration/wind.ts'

/** Equal to the last printed digit of the source. */
const near = (value: number, printed: number, tolerance: number) =>
  expect(Math.abs(value - printed), `${value} against ${printed}`).toBeLessThanOrEqual(tolerance)

describe('vapour in the air', () => {
  it('the pressure at 1800 m is 81.8 kPa (FAO-56 Example 2)', () => near(pressureKPa(1800), 81.8, 0.05))
  it('saturation of 24.5 and 15 degrees is 2.39 kPa on average (FAO-56 Example 3)', () => {
    near(saturationKPa(24.5), 3.075, 0.001)
    near(saturationKPa(15), 1.705, 0.001)
    near(meanSaturationKPa(24.5, 15), 2.39, 0.005)
  })
  it('a psychrometer at 1200 m reads 1.91 kPa (FAO-56 Example 4)', () =>
    near(vapourFromPsychrometerKPa(25.6, 19.5, 1200), 1.91, 0.005))
  it('humidity of 54-82 % at 18-25 degrees is 1.70 kPa (FAO-56 Example 5)', () => {
    const day = { tempMinC: 18, tempMaxC: 25, humidityMaxPct: 82, humidityMinPct: 54 }
    near(vapourFromRangeKPa(day), 1.7, 0.005)
    near(vapourFromMeanKPa(25, 18, 68), 1.78, 0.005)
  })
})

describe('sunlight', () => {
  it('3 September at 20 degrees south (FAO-56 Example 8)', () => {
    near(inverseDistance(246), 0.985, 0.0005)
    near(declination(246), 0.12, 0.0005)
    near(sunsetAngle(-20, 246), 1.527, 0.0006)
    near(extraterrestrialMJm2(-20, 246), 32.2, 0.06)
  })
  it('15 May at Rio de Janeiro: 10.9 h of day and 14.5 MJ/m2 from 7.1 h of sun (FAO-56 Example 10)', () => {
    near(extraterrestrialMJm2(-22.9, 135), 25.1, 0.06)
    near(daylightHours(-22.9, 135), 10.9, 0.05)
    near(solarFromSunshineMJm2(7.1, 10.9, 25.1), 14.5, 0.06)
  })
  it('net radiation at Rio de Janeiro is 7.6 MJ/m2 (FAO-56 Examples 11 and 12)', () => {
    const Rnl = netLongwaveMJm2(
      { tempMaxC: 25.1, tempMinC: 19.1, vapourKPa: 2.1 },
      relativeShortwave(14.5, 18.8),
    )
    near(Rnl, 3.5, 0.06)
    near(netShortwaveMJm2(14.5) - Rnl, 7.6, 0.1)
  })
  it('Rs/Rso counts as 0.3 to 1: a dense cloud still lets light through, and no sky is clearer than clear (Eq. 39)', () => {
    expect(relativeShortwave(1, 20)).toBe(0.3)
    expect(relativeShortwave(15, 20)).toBe(0.75)
    expect(relativeShortwave(24, 20)).toBe(1)
  })
  it('radiation at Bangkok from temperatures near a coast leaves 13.9 MJ/m2 net (FAO-56 Example 16)', () => {
    const day = { tempMaxC: 34.8, tempMinC: 25.6, vapourKPa: 2.85 }
    const Ra = extraterrestrialMJm2(13.73, 105)
    const Rso = clearSkyMJm2(Ra, 2)
    const Rs = solarFromTemperatureMJm2(day, Ra, Rso, 0.19)
    near(netShortwaveMJm2(Rs) - netLongwaveMJm2(day, relativeShortwave(Rs, Rso)), 13.9, 0.15)
  })
  it('1 W/m2 all day is 0.0864 MJ/m2 (FAO-56 Table 3)', () => near(radiationMJm2(1), 0.0864, 1e-9))
  it('beyond the polar circle the sun stays up in June and away in December', () => {
    near(daylightHours(75, 172), 24, 1e-9)
    near(extraterrestrialMJm2(75, 355), 0, 1e-9)
  })
  it('half of the light of a day has come by solar noon, all of it by sunset', () => {
    const tokyo = { latDeg: 35.7, lonDeg: 139.7 } // 135/15 = 9 h ahead: noon near 02:41 UTC
    near(radiationShare(tokyo, 187, 12 - 139.7 / 15 + 0.08), 0.5, 0.01)
    expect(radiationShare(tokyo, 187, -9)).toBe(0)
    near(radiationShare(tokyo, 187, 15), 1, 1e-12)
  })
})

describe('reference evapotranspiration', () => {
  it('3.2 m/s at 10 m is 2.4 m/s at 2 m (FAO-56 Example 14)', () => near(wind2mMps(3.2, 10), 2.4, 0.05))
  it('ET0 at Uccle on 6 July is 3.9 mm (FAO-56 Example 18)', () => {
    const Ra = extraterrestrialMJm2(50.8, 187)
    const day = {
      dayOfYear: 187,
      tempMinC: 12.3,
      tempMaxC: 21.5,
      vapourKPa: vapourFromRangeKPa({
        tempMinC: 12.3,
        tempMaxC: 21.5,
        humidityMaxPct: 84,
        humidityMinPct: 63,
      }),
      windMps: wind2mMps(10 / 3.6, 10),
      radiationMJm2: solarFromSunshineMJm2(9.25, daylightHours(50.8, 187), Ra),
    }
    near(et0Mm(day, { latDeg: 50.8, elevationM: 100 }), 3.9, 0.05)
  })
  it('temperatures alone give 5.0 mm near Lyon in July (FAO-56 Example 20, Eq. 52)', () =>
    near(hargreavesMm({ dayOfYear: 196, tempMinC: 14.8, tempMaxC: 26.6 }, 45.72), 5.0, 0.06))
})

describe('a station that lacks sensors', () => {
  const site = { latDeg: 50.8, elevationM: 100 }
  const uccle: PartialWeather = {
    dayOfYear: 187,
    tempMinC: 12.3,
    tempMaxC: 21.5,
    vapourKPa: 1.409,
    windMps: 2.078,
    radiationMJm2: 22.07,
  }
  it('has its method, and a larger error the more inputs are replaced', () => {
    const full = et0Best(uccle, site)
    const calm = et0Best({ ...uccle, windMps: null }, site)
    const poor = et0Best({ ...uccle, windMps: null, vapourKPa: null, radiationMJm2: null }, site)
    expect([full.method, calm.method, poor.method]).toEqual(['fao56-pm', 'fao56-pm-reduced', 'hargreaves'])
    expect(calm.replaced).toEqual(['wind'])
    expect(full.sdMm).toBeLessThan(calm.sdMm)
    expect(calm.sdMm).toBeLessThan(poor.sdMm)
  })
  it('wind of 2 m/s replaces a lost anemometer (FAO-56 page 63)', () => {
    const calm = et0Best({ ...uccle, windMps: null }, site).et0Mm
    expect(calm).toBeCloseTo(et0Best({ ...uccle, windMps: 2 }, site).et0Mm, 12)
  })
  it('hours of sunshine are worth more than the range of temperature (FAO-56 Eq. 35)', () => {
    const { radiationMJm2: _, ...rest } = uccle
    const sunny = et0Best({ ...rest, radiationMJm2: null, sunshineH: 9.25 }, site)
    near(sunny.et0Mm, 3.9, 0.05)
    expect(sunny).toMatchObject({ method: 'fao56-pm-reduced', replaced: ['solar-by-sunshine'] })
  })
  it('rejects a day whose maximum is below its minimum, and an input that is not a number', () => {
    expect(() => et0Best({ ...uccle, tempMaxC: 5 }, site)).toThrow(RangeError)
    expect(() => et0Best({ ...uccle, windMps: Number.NaN }, site)).toThrow(/windMps/)
    expect(() => et0Best({ ...uccle, vapourKPa: -0.1 }, site)).toThrow(/vapourKPa/)
    expect(() => et0Best(uccle, { latDeg: 91, elevationM: 0 })).toThrow(/latDeg/)
  })
})
