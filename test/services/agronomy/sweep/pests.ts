/** Domains of the sweep: heat sums and pests. */
import fc from 'fast-check'
import { pests } from '../../../../services/agronomy/pests/catalogue.ts'
import { n, int, or, list, t, of, wholly, tempC, extremes, heatModel, day, type Domains } from './values.ts'

const dailyCd = list(or(n(0, 25)), 0, 60)
const curve = fc.oneof(
  fc.record({ kind: fc.constant('logistic' as const), midCd: n(50, 900), scaleCd: n(10, 200) }),
  fc.record({
    kind: fc.constant('johnson-sb' as const),
    gamma: n(-2, 2),
    delta: n(0.3, 3),
    xi: n(0, 100),
    lambda: n(200, 1500),
  }),
)
const pest = wholly(of(...Object.values(pests)))
const half = fc.oneof(
  fc.record({ midCd: n(100, 900), sdCd: n(20, 200) }),
  fc.record({ fromCd: n(0, 100), toCd: n(300, 1200) }),
)
const spans = list(t(n(0, 900), n(1, 100), int(0, 50)), 0, 12).map((some) =>
  some.map(([fromCd, width, count]) => ({ fromCd, toCd: fromCd + width, count })),
)
const checks = list(fc.record({ day, count: int(0, 60) }), 0, 12)
const biofix = of('first-january', 'date-03-01', 'first-catch', 'peak-catch')

export const ofPests: Domains = {
  'pests/catch-curve.ts': {
    shareAt: t(curve, n(0, 2000)),
    halfCd: t(curve),
    shiftedShareAt: t(curve, n(50, 900), n(0.5, 2), n(0, 2000)),
  },
  'crops/degree-days.ts': {
    degreeDaysCd: t(
      heatModel,
      t(extremes, or(tempC)).map(([one, nextMinC]) => ({ ...one, nextMinC })),
    ),
    knownDegreeDaysCd: t(heatModel, fc.record({ tempMinC: or(tempC), tempMaxC: or(tempC) }), or(tempC)),
  },
  'pests/economic-injury.ts': {
    economicInjuryLevel: t(
      fc.record({
        costPerHa: or(n(1, 500)),
        valuePerT: or(n(1, 2000)),
        injuryPerCount: or(n(1, 500)),
        lossPerInjury: or(n(1e-4, 0.1)),
        shareSaved: or(n(0.1, 1)),
      }),
    ),
  },
  'crops/heat-sum.ts': {
    heatSum: t(heatModel, list(fc.oneof(extremes, fc.constant({ tempMinC: null, tempMaxC: null })), 0, 40)),
    dayOfSum: t(dailyCd, n(0, 500)),
    daysToReach: t(n(0, 900), n(0, 900), dailyCd),
    daysToRange: t(t(n(100, 200), n(200, 300), n(300, 400)), dailyCd),
  },
  'pests/biofix.ts': {
    biofixDay: t(biofix, checks),
    calendarBiofix: t(biofix),
    caughtSince: t(checks, day),
  },
  'pests/catches.ts': { halfFlight: t(curve, half, spans), genericCurve: t(n(100, 1200)) },
  'pests/outlook.ts': {
    pestOutlook: t(
      pest,
      fc.record({
        dailyCd: list(or(n(0, 25)), 0, 120),
        catches: list(fc.record({ day: int(0, 100), count: int(0, 40) }), 0, 20),
        beforeCd: or(n(0, 300)),
        learned: list(or(fc.record({ midCd: n(50, 900), sdCd: n(20, 200), scaleCd: n(10, 200) })), 0, 3),
      }),
    ),
    flightWindow: t(pest, n(0, 3000)),
    flightWindows: t(pest, n(0, 3000)),
  },
  'pests/parse-pest.ts': { parsePest: t(of({}, null, 3, { id: 'x', name: 'x', lower: 5 })) },
  'pests/pest.ts': { nextEventOf: t(pest, n(0, 3000)) },
  'pests/scouting.ts': {
    lookFor: t(
      fc.record({
        crop: of('rice', 'maize', 'x'),
        timeZone: of('Asia/Tokyo', 'Europe/Berlin'),
        stage: of(null, 'heading', 'ripening', 'x'),
      }),
      of('2026-01-01', '2026-07-01', '2026-08-10', '2028-02-29'),
    ),
  },
  'pests/catalogue.ts': { setCustomPests: t(fc.constant([])), pestOf: t(of('codling-moth', 'x')) },
}
