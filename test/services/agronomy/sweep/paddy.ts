/** Domains of the sweep: paddies. */
import fc from 'fast-check'
import { paddyStages } from '../../../../services/agronomy/paddy/stages.ts'
import { n, int, or, list, t, of, tempC, mm, texture, type Domains } from './values.ts'

const paddy = fc.record({
  levelMm: n(-300, 200),
  rainMm: mm,
  irrigationMm: mm,
  etcMm: n(0, 10),
  percolationMm: n(0, 30),
  bundMm: n(20, 200),
  drainablePores: n(0.02, 0.2),
})

const heights = { bundMm: n(0, 400), freeboardMm: n(0, 200) }
const paddyRate = n(0, 60)
const civil = of('2026-06-14', '2026-07-20')
const riceStage = of(...paddyStages)
const dried = fc.record({
  fromDay: civil,
  lastDay: or(civil),
  days: int(0, 30),
  dryDays: int(0, 30),
  unknownDays: int(0, 30),
  why: of('dried', null),
})
const drainWish = fc.record({ dryDays: int(0, 20), baselineDays: or(n(0, 20)) })
const riceGrown = { daysSinceTransplanting: n(0, 150), sumCd: or(n(0, 2000)), isWhole: fc.boolean() }
const riceSeen = { hasTillers: fc.boolean(), isCracked: fc.boolean(), isHeld: fc.boolean() }
const someTemps = list(fc.record({ minC: or(tempC), meanC: or(tempC) }), 0, 8)
const someHours = t(n(0, 1e8), n(0, 4e7)).map(([fromMs, ms]) => ({ fromMs, toMs: fromMs + ms }))
const waterLevels = list(fc.record({ atMs: n(0, 1e8), mm: n(-200, 200) }), 0, 30)

export const ofPaddies: Domains = {
  'paddy/balance.ts': {
    percolationMm: t(texture),
    drainablePores: t(fc.record({ saturation: n(0.3, 0.6), fieldCapacity: n(0.1, 0.5) })),
    waterOfLevelMm: t(n(-300, 200), n(0.02, 0.2)),
    levelOfWaterMm: t(n(-60, 200), n(0.02, 0.2)),
    measuredPercolationMm: t(
      fc.record({
        beforeMm: n(-50, 100),
        afterMm: n(-50, 100),
        rainMm: mm,
        irrigationMm: mm,
        etcMm: n(0, 9),
      }),
    ),
    medianPercolationMm: t(list(n(0, 30), 0, 9)),
    paddyDay: t(paddy),
  },
  'paddy/cold-damage.ts': { coldWater: t(riceStage, someTemps), hotRipening: t(n(0, 2), someTemps) },
  'paddy/depths.ts': {
    depthsOf: t(riceStage, or(fc.record({ tillering: t(n(-150, 50), n(0, 200)) }))),
  },
  'paddy/drainage.ts': {
    creditDays: t(drainWish),
    nextDrainage: t(
      or(dried),
      fc.record({
        day: civil,
        development: n(0, 2),
        levelMm: or(n(-200, 100)),
        ...riceSeen,
        reported: of('under-way', 'over', null),
      }),
      drainWish,
    ),
  },
  'paddy/loss.ts': {
    quietLossMmD: t(waterLevels, list(someHours, 0, 3), list(someHours, 0, 3)),
    rateMmH: t(waterLevels, someHours, paddyRate),
    lossTrend: t(list(paddyRate, 0, 14)),
    medianRateMmH: t(list(paddyRate, 0, 9)),
  },
  'paddy/season.ts': {
    nextSeason: t(
      of(null),
      fc.record({
        ...riceGrown,
        day: civil,
        levelMm: or(n(-200, 100)),
        headingCd: or(n(600, 1500)),
        reported: or(fc.record({ stage: riceStage, day: civil, daysAgo: int(-3, 40) })),
        ...riceSeen,
      }),
      drainWish,
    ),
  },
  'paddy/stages.ts': {
    startOfStage: t(riceStage),
    stageByCalendar: t(n(-10, 150)),
    developmentOf: t(fc.record(riceGrown), n(600, 1500)),
    stageAt: t(n(0, 2), fc.record({ isDraining: fc.boolean(), hasDrained: fc.boolean() })),
  },
  'paddy/defaults.ts': {
    maxPondingMm: t(fc.record(heights)),
    crestMm: t(fc.record({ ...heights, boardMm: or(n(-50, 300)) })),
    holdDay: t(
      fc.record({ sinceHerbicideDays: or(int(-5, 200)), sinceTransplantingDays: int(-5, 150) }),
      int(0, 14),
    ),
  },
}
