/**
 * Hotter, drier, windier, sunnier never lowers reference ET: by the day and by the hour, for each surface, over the
 * growing season of any place. Penman-Monteith does not have this property everywhere, so each test states its
 * domain, by the derivative of Eq. 6 (its numerator a + b u2, its denominator c + d u2). Vapour is constant where
 * another input changes.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clearSkyMJm2 } from '../../../../services/agronomy/evapotranspiration/clear-sky.ts'
import { hourEtMm, netRadiationHourMJm2 } from '../../../../services/agronomy/evapotranspiration/hourly-et.ts'
import {
  meanSaturationKPa,
  psychrometricConstant,
  saturationKPa,
  saturationSlope,
} from '../../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import {
  extraterrestrialMJm2,
  netLongwaveHourMJm2,
  netLongwaveMJm2,
  netShortwaveMJm2,
  relativeShortwave,
} from '../../../../services/agronomy/evapotranspiration/radiation.ts'
import {
  et0Mm,
  type DailyWeather,
  type Surface,
} from '../../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { runs } from '../../../support/runs.ts'

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })

/** Weather of a day or of an hour, as the theorems use it. */
interface Weather {
  tempMinC: number
  tempMaxC: number // of an hour: the same
  vapourKPa: number
  windMps: number
  radiationMJm2: number
}
interface Place {
  latDeg: number
  elevationM: number
  clearSkyMJm2: number // Rso
}

/** A time step: its ET, and the competing terms of Eq. 6. */
interface Step {
  et(x: Weather, place: Place, surface: Surface): number
  Rnl(x: Weather, place: Place): number
  Rn(x: Weather, place: Place): number
  Cn: Record<Surface, number>
  Cd: Record<Surface, { day: number; night: number }>
  leftOfRn: Record<Surface, { day: number; night: number }> // (Rn - G) / Rn
}

const cloudOf = (x: Weather, place: Place) => relativeShortwave(x.radiationMJm2, place.clearSkyMJm2)
const both = (value: number) => ({ day: value, night: value })

/** `dayOfYear`: the day of the place's Rso. */
const daily = (dayOfYear: number): Step => ({
  et: (x, { latDeg, elevationM }, surface) => {
    const day: DailyWeather = { dayOfYear, ...x }
    return et0Mm(day, { latDeg, elevationM }, { surface, clearSky: 'simple' })
  },
  Rnl: (x, place) => netLongwaveMJm2(x, cloudOf(x, place)),
  Rn: (x, place) => netShortwaveMJm2(x.radiationMJm2) - netLongwaveMJm2(x, cloudOf(x, place)),
  Cn: { fao56: 900, 'asce-short': 900, 'asce-tall': 1600 },
  Cd: { fao56: both(0.34), 'asce-short': both(0.34), 'asce-tall': both(0.38) },
  leftOfRn: { fao56: both(1), 'asce-short': both(1), 'asce-tall': both(1) },
})

const hourly: Step = {
  et: (x, place, surface) => hourEtMm(hourOf(x), { ...place, lonDeg: 0 }, surface, cloudOf(x, place)),
  Rnl: (x, place) => netLongwaveHourMJm2({ tempC: x.tempMaxC, vapourKPa: x.vapourKPa }, cloudOf(x, place)),
  Rn: (x, place) => netRadiationHourMJm2(hourOf(x), cloudOf(x, place)),
  Cn: { fao56: 37, 'asce-short': 37, 'asce-tall': 66 },
  Cd: {
    fao56: both(0.34),
    'asce-short': { day: 0.24, night: 0.96 },
    'asce-tall': { day: 0.25, night: 1.7 },
  },
  leftOfRn: {
    fao56: { day: 0.9, night: 0.5 },
    'asce-short': { day: 0.9, night: 0.5 },
    'asce-tall': { day: 0.96, night: 0.8 },
  },
}

function hourOf(x: Weather) {
  const { tempMaxC: tempC, vapourKPa, windMps, radiationMJm2 } = x
  return { dayOfYear: 1, midUtcHour: 12, tempC, vapourKPa, windMps, radiationMJm2 }
}

/** A growing season: air from 5 to 45 °C, some wind, sun between an overcast and a clear sky. */
const air = fc.record({
  tempMinC: number(5, 30),
  rangeC: number(4, 15),
  humidity: number(0.2, 0.9), // of saturation at the lowest temperature
  windMps: number(1, 8),
  sky: number(0.3, 1),
})
type Air = typeof air extends fc.Arbitrary<infer T> ? T : never

const dailyCase = fc
  .tuple(air, number(-55, 55), number(0, 3000), fc.integer({ min: 1, max: 366 }), number(0.01, 1))
  .map(([one, latDeg, elevationM, J, by]) => {
    const Rso = clearSkyMJm2(extraterrestrialMJm2(latDeg, J), elevationM)
    const place: Place = { latDeg, elevationM, clearSkyMJm2: Rso }
    return { step: daily(J), place, x: weatherOf(one, one.rangeC, Rso), by }
  })
/** Any hour with the sun higher than 0.3 rad, so that Rs/Rso is that of the hour itself. */
const hourlyCase = fc
  .tuple(air, number(0.8, 4), number(0, 3000), number(0.01, 1))
  .map(([one, Rso, elevationM, by]) => {
    const place: Place = { latDeg: 0, elevationM, clearSkyMJm2: Rso }
    return { step: hourly, place, x: weatherOf(one, 0, Rso), by }
  })

function weatherOf({ tempMinC, humidity, windMps, sky }: Air, rangeC: number, Rso: number): Weather {
  const vapourKPa = humidity * saturationKPa(tempMinC)
  return { tempMinC, tempMaxC: tempMinC + rangeC, vapourKPa, windMps, radiationMJm2: sky * Rso }
}

type Case = { step: Step; place: Place; x: Weather; by: number }

function terms({ step, place, x }: Case, surface: Surface) {
  const T = (x.tempMinC + x.tempMaxC) / 2
  const Rn = step.Rn(x, place)
  const part = Rn > 0 ? 'day' : 'night'
  return {
    Delta: saturationSlope(T),
    gamma: psychrometricConstant(place.elevationM),
    vpd: meanSaturationKPa(x.tempMaxC, x.tempMinC) - x.vapourKPa,
    wind: step.Cn[surface] / (T + 273),
    available: step.leftOfRn[surface][part] * Rn, // Rn - G
    Cd: step.Cd[surface][part],
    part,
  }
}

interface Change {
  to(x: Weather, by: number, place: Place): Weather
  /** domain of the theorem */
  isIn(one: Case, changed: Case, surface: Surface): boolean
}

const changes: Record<string, Change> = {
  // not derived but searched: where Rn stays above 0 no counterexample in 400,000 seasons; below 0 a hotter surface,
  // whose Delta is larger, gives Rn more weight against the wind
  hotter: {
    to: (x, by) => ({ ...x, tempMinC: x.tempMinC + by, tempMaxC: x.tempMaxC + by }),
    isIn: (_, changed) => changed.step.Rn(changed.x, changed.place) > 0,
  },
  // gamma Cn/(T+273) u2 >= 0.408 Delta (Rn-G)/Rn . fcd sigma T^4 0.07/sqrt(ea): dry air loses more heat to the sky.
  // ASCE closes the stomata where Rn turns below 0: not across that step
  drier: {
    to: (x, by) => ({ ...x, vapourKPa: x.vapourKPa * (1 - by / 2) }),
    isIn: (one, changed, surface) => {
      const { Delta, gamma, wind, part } = terms(one, surface)
      const emitted = one.step.Rnl(one.x, one.place) / (0.34 - 0.14 * Math.sqrt(one.x.vapourKPa))
      const lost = (0.408 * Delta * emitted * 0.07) / Math.sqrt(changed.x.vapourKPa)
      return gamma * wind * one.x.windMps >= lost && terms(changed, surface).part === part
    },
  },
  // b c >= a d: Cn/(T+273) (es-ea) (Delta+gamma) >= Cd 0.408 Delta (Rn-G): in wet, calm sunshine wind cools the leaf
  windier: {
    to: (x, by) => ({ ...x, windMps: x.windMps + by }),
    isIn: (one, _, surface) => {
      const { Delta, gamma, vpd, wind, available, Cd } = terms(one, surface)
      return wind * vpd * (Delta + gamma) >= Cd * 0.408 * Delta * available
    },
  },
  // 0.77 >= 1.35 sigma T^4 (0.34 - 0.14 sqrt(ea)) / Rso: under a low sun a clearing sky loses more than it gains
  sunnier: {
    to: (x, by, place) => ({
      ...x,
      radiationMJm2: Math.min(place.clearSkyMJm2, x.radiationMJm2 + (by / 4) * place.clearSkyMJm2),
    }),
    isIn: ({ step, x, place }) => {
      const clear = { ...x, radiationMJm2: place.clearSkyMJm2 } // there fcd is 1
      return 0.77 >= (1.35 * step.Rnl(clear, place)) / place.clearSkyMJm2
    },
  },
}

const surfaces: Surface[] = ['fao56', 'asce-short', 'asce-tall']
const steps: Record<string, fc.Arbitrary<Case>> = { day: dailyCase, hour: hourlyCase }

describe.each(Object.keys(changes))('%s never lowers reference ET', (name) => {
  const { to, isIn } = changes[name]!
  describe.each(surfaces)('of %s', (surface) => {
    it.each(Object.keys(steps))('by the %s', (stepName) => {
      let held = 0
      fc.assert(
        fc.property(steps[stepName]!, (one) => {
          const changed = { ...one, x: to(one.x, one.by, one.place) }
          if (!isIn(one, changed, surface)) return
          held++
          const before = one.step.et(one.x, one.place, surface)
          expect(one.step.et(changed.x, one.place, surface)).toBeGreaterThanOrEqual(before - 1e-9)
        }),
        { numRuns: runs(2000), seed: 56 },
      )
      expect(held).toBeGreaterThan(runs(2000) / 4) // the domain is not degenerate
    })
  })
})

describe('outside the domains it does not hold: they are necessary', () => {
  const one = (x: Partial<Weather>, place: Partial<Place>, step: Step = daily(172)): Case => ({
    step,
    place: { latDeg: 35, elevationM: 0, clearSkyMJm2: 31, ...place },
    x: { tempMinC: 20, tempMaxC: 24, vapourKPa: 2.6, windMps: 1, radiationMJm2: 28, ...x },
    by: 1,
  })
  const lowers = (name: string, before: Case) => {
    const changed = { ...before, x: changes[name]!.to(before.x, before.by, before.place) }
    expect(changes[name]!.isIn(before, changed, 'fao56')).toBe(false)
    const [was, is] = [before, changed].map(({ step, x, place }) => step.et(x, place, 'fao56'))
    expect(is!).toBeLessThan(was! - 1e-6)
  }
  it('wind in wet sunshine cools the leaf', () => lowers('windier', one({}, {})))
  it('dry air in a calm loses its heat to the sky', () =>
    lowers('drier', one({ windMps: 0.05, vapourKPa: 1 }, {})))
  it('a clear sky over a low winter sun loses more than it gains', () => {
    const Rso = clearSkyMJm2(extraterrestrialMJm2(60, 355), 0)
    const winter = { tempMinC: 5, tempMaxC: 8, vapourKPa: 0.6, windMps: 4, radiationMJm2: 0.5 * Rso }
    lowers('sunnier', one(winter, { latDeg: 60, clearSkyMJm2: Rso }, daily(355)))
  })
  it('on a hot, dry winter day at high altitude with Rn below 0, ET falls with temperature', () => {
    const Rso = clearSkyMJm2(extraterrestrialMJm2(52.6447, 328), 2736)
    const x = { tempMinC: 21.54, tempMaxC: 33.48, vapourKPa: 0.6768, windMps: 1.132, radiationMJm2: 5.915 }
    lowers('hotter', one(x, { latDeg: 52.6447, elevationM: 2736, clearSkyMJm2: Rso }, daily(328)))
  })
})
