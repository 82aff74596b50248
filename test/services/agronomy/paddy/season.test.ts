/**
 * Stages by degree-days, calendar or a report; mid-season drainage day by day; cold and heat; losses from a gauge.
 */
import { describe, expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import { BOOTING_COLD_MM, coldWater, hotRipening } from '../../../../services/agronomy/paddy/cold-damage.ts'
import { depthsOf, paddyDepths } from '../../../../services/agronomy/paddy/depths.ts'
import { lossTrend, quietLossMmD, rateMmH } from '../../../../services/agronomy/paddy/loss.ts'
import { nextSeason, type PaddySeason, type SeasonDay } from '../../../../services/agronomy/paddy/season.ts'
import { HEADING_CD, paddyStages, stageStarts } from '../../../../services/agronomy/paddy/stages.ts'
import { crestMm, holdDay, maxPondingMm } from '../../../../services/agronomy/paddy/defaults.ts'

const planted = '2026-05-14'
const wish = { dryDays: 7, baselineDays: null as number | null }
type Set = Partial<SeasonDay>

/** A season of 13.5 °C·d a day, with the level of each day. */
function days(n: number, of: (i: number) => Set = () => ({}), wished = wish): PaddySeason[] {
  const seasons: PaddySeason[] = []
  for (let i = 0; i < n; i++)
    seasons.push(
      nextSeason(
        seasons.at(-1) ?? null,
        {
          day: addDays(planted, i),
          daysSinceTransplanting: i,
          sumCd: 13.5 * i,
          isWhole: true,
          levelMm: -50,
          headingCd: null,
          reported: null,
          hasTillers: false,
          isCracked: false,
          isHeld: false,
          ...of(i),
        },
        wished,
      ),
    )
  return seasons
}
const firstOf = (seasons: PaddySeason[], stage: string): number =>
  seasons.findIndex((one) => one.stage === stage)

describe('the stages of a season', () => {
  it('come in order, each once, by degree-days', () => {
    const order = days(140).map(({ stage }) => stage)
    expect([...new Set(order)]).toEqual([...paddyStages])
    expect(order.toSorted((a, b) => paddyStages.indexOf(a) - paddyStages.indexOf(b))).toEqual(order)
  })
  it('heading is earlier in a warm year, later in a late variety', () => {
    const usual = firstOf(days(140), 'heading')
    const warm = firstOf(
      days(140, (i) => ({ sumCd: 15.5 * i })),
      'heading',
    )
    const late = firstOf(
      days(140, () => ({ headingCd: 1.2 * HEADING_CD })),
      'heading',
    )
    expect(warm).toBeLessThan(usual)
    expect(late).toBeGreaterThan(usual)
  })
  it('follow the calendar without a complete degree-day sum', () => {
    const seasons = days(140, () => ({ sumCd: null }))
    expect(seasons[20]!.from).toBe('calendar')
    for (const { stage, day } of stageStarts.filter((one) => one.stage !== 'intermittent'))
      expect(firstOf(seasons, stage), stage).toBe(day)
  })
  it('a sum that is lost half way does not reduce the development', () => {
    const seasons = days(80, (i) => ({ sumCd: i < 40 ? 18 * i : null, isWhole: i < 40 }))
    for (const [i, { development }] of seasons.entries())
      expect(development).toBeGreaterThanOrEqual(seasons[i - 1]?.development ?? 0)
  })
  it('a report of booting shifts the following stages', () => {
    const reportOf = (i: number): Set => ({
      reported: { stage: 'booting', day: addDays(planted, 50), daysAgo: i - 50 },
    })
    const seasons = days(140, reportOf)
    expect(seasons[49]!.stage).not.toBe('booting')
    expect(seasons[50]).toMatchObject({ stage: 'booting', from: 'person' })
    expect(firstOf(seasons, 'heading')).toBeLessThan(firstOf(days(140), 'heading'))
  })
  it('a custom band of the field is used; an inverted one is not', () => {
    expect(depthsOf('tillering', { tillering: [20, 60] })).toMatchObject({
      targetBandMm: [20, 60],
      drainAboveMm: 80,
    })
    expect(depthsOf('tillering', { tillering: [60, 20] })).toEqual(paddyDepths.tillering)
    expect(depthsOf('final-drainage', { 'final-drainage': [20, 60] }).targetBandMm).toBeNull()
  })
})

describe('mid-season drainage', () => {
  const over = (seasons: PaddySeason[]) => seasons.at(-1)!.drainage!
  it('ends when the soil has been dry for a week', () => {
    expect(over(days(60))).toMatchObject({ days: 7, dryDays: 7, endReason: 'dried' })
  })
  it('days of standing water are not dry, and lengthen it', () => {
    const begin = firstOf(days(60), 'mid-season-drainage')
    const wet = days(60, (i) => ({ levelMm: i < begin + 3 ? 30 : -50 }))
    expect(over(wet)).toMatchObject({ days: 10, dryDays: 7, endReason: 'dried' })
  })
  it('an unmeasured day is counted separately, and does not keep a field dry indefinitely', () => {
    expect(over(days(60, () => ({ levelMm: null })))).toMatchObject({ days: 7, dryDays: 0, unknownDays: 7 })
  })
  it('small cracks end it earlier', () => {
    const begin = firstOf(days(60), 'mid-season-drainage')
    expect(over(days(60, (i) => ({ isCracked: i >= begin + 3 })))).toMatchObject({
      days: 4,
      endReason: 'cracked',
    })
  })
  it('for a J-Credit it is a week longer than before, cracks or not', () => {
    const credit = days(60, () => ({ isCracked: true }), { dryDays: 7, baselineDays: 6 })
    expect(over(credit)).toMatchObject({ days: 13, endReason: 'cracked' })
  })
  it('is over a month before heading, even if the credit is missed', () => {
    const late = over(days(60, () => ({ levelMm: 20 }), { dryDays: 7, baselineDays: 20 }))
    expect(late.endReason).toBe('panicle-near')
    expect(late.days).toBeLessThan(27)
  })
  it('starts with the counted tillers, not during a herbicide hold', () => {
    const early = firstOf(
      days(60, (i) => ({ hasTillers: i >= 20 })),
      'mid-season-drainage',
    )
    expect(early).toBe(20)
    const held = firstOf(
      days(60, (i) => ({ hasTillers: i >= 20, isHeld: i < 24 })),
      'mid-season-drainage',
    )
    expect(held).toBe(24)
  })
  it('its last day is still a day of drainage, the next is not', () => {
    const seasons = days(60)
    const last = seasons.findLastIndex(({ stage }) => stage === 'mid-season-drainage')
    expect(seasons[last]!.drainage!.lastDay).toBe(addDays(planted, last))
    expect(seasons[last + 1]!.stage).toBe('intermittent')
  })
})

describe('weather that water guards against', () => {
  it('a night of 16 °C at meiosis requires 15 to 20 cm, at tillering nothing', () => {
    expect(coldWater('booting', [{ minC: 16, meanC: 21 }])!.targetBandMm).toEqual(BOOTING_COLD_MM)
    expect(coldWater('tillering', [{ minC: 10, meanC: 14 }])).toBeNull()
  })
  it('unknown temperatures are not cold', () => {
    expect(coldWater('booting', [{ minC: null, meanC: null }])).toBeNull()
    expect(hotRipening(1.2, [{ minC: 25, meanC: null }])).toBeNull()
  })
  it('28 °C after heading is hot, before it is not', () => {
    const hot = [28, 28, 28].map((meanC) => ({ minC: 24, meanC }))
    expect(hotRipening(1.2, hot)).toBe(28)
    expect(hotRipening(0.9, hot)).toBeNull()
  })
})

describe('a gauge', () => {
  const H = 3_600_000
  const falling = (mmD: number, n = 11, from = 40) =>
    Array.from({ length: n }, (_, i) => ({ atMs: i * H, mm: from - (mmD * i) / 24 }))
  const night = [{ fromMs: 0, toMs: 10 * H }]
  it('shows the loss of a quiet night', () => expect(quietLossMmD(falling(12), night, [])).toBeCloseTo(12, 6))
  it('has no result for four hours, for dry soil, or for a night with inflow', () => {
    expect(quietLossMmD(falling(12, 5), night, [])).toBeNull()
    expect(quietLossMmD(falling(12, 11, -5), night, [])).toBeNull()
    expect(quietLossMmD(falling(-20), night, [])).toBeNull()
    expect(quietLossMmD(falling(12), night, [{ fromMs: 0, toMs: 10 * H }])).toBeNull()
    expect(quietLossMmD(falling(12), [], [])).toBeNull()
  })
  it('shows the rate of an inlet, corrected for the loss meanwhile', () => {
    const levels = [
      { atMs: 0, mm: 20 },
      { atMs: 4 * H, mm: 58 },
    ]
    expect(rateMmH(levels, { fromMs: 0, toMs: 4 * H }, 12)).toBeCloseTo(10, 6)
    expect(rateMmH(levels, { fromMs: 0, toMs: 0.1 * H }, 12)).toBeNull()
  })
  it('two nights of 40 mm with a usual 10 are a leak; one is not, nor noise', () => {
    const usual = [9, 12, 10, 8, 11]
    expect(lossTrend([...usual, 40, 42])!.isHigh).toBe(true)
    expect(lossTrend([...usual, 10, 42])!.isHigh).toBe(false)
    expect(lossTrend([14.4, 4, 16, 10.4, 10.8, 19.2, 20, 22.4])!.isHigh).toBe(false)
    expect(lossTrend([10, 40])).toBeNull()
  })
})

describe('heights and holds', () => {
  it('irrigation leaves the freeboard free', () => {
    expect(maxPondingMm({ bundMm: 250, freeboardMm: 100 })).toBe(150)
    expect(crestMm({ bundMm: 250, freeboardMm: 100, boardMm: null })).toBe(150)
    expect(crestMm({ bundMm: 250, freeboardMm: 100, boardMm: 80 })).toBe(80)
  })
  it('a hold lasts seven days from the herbicide on; one of last year is ignored', () => {
    const on = (sinceHerbicideDays: number | null, sinceTransplantingDays = 20) =>
      holdDay({ sinceHerbicideDays, sinceTransplantingDays }, 7)
    expect([on(0), on(6), on(7), on(-1), on(null)]).toEqual([1, 7, null, null, null])
    expect(holdDay({ sinceHerbicideDays: 3, sinceTransplantingDays: -400 }, 7)).toBeNull()
  })
})
