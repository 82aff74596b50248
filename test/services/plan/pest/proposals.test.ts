/** From a risk to a proposal: missing data on an insect is never good news. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diseases } from '../../../../services/agronomy/disease/catalogue.ts'
import { pestOf, pests } from '../../../../services/agronomy/pests/catalogue.ts'
import { actionThresholds, thresholdFor } from '../../../../services/plan/pest/action-thresholds.ts'
import {
  diseaseProposal,
  insectProposal,
  type LastSpray,
  type TrackedInsect,
} from '../../../../services/plan/pest/proposals.ts'
import {
  toJson,
  type DiseaseDayRow,
  type PestEconomicsRow,
  type PestOutlook,
} from '../../../../services/tables.ts'
import '../../../support/seed.ts'

const TODAY = '2026-07-24'
const pest = pestOf('codling-moth')!
const outlook = (set: Partial<PestOutlook> = {}): PestOutlook => ({
  next: { key: 'egg-hatch', fromDay: '2026-07-26', midDay: '2026-07-28', toDay: '2026-07-31', from: 'sum' },
  threshold: { count: 5, perDays: 7, caught: 9, isReached: true },
  paramsVersion: '1',
  ...set,
})
const watch = (set: Partial<TrackedInsect> = {}, of: Partial<PestOutlook> = {}): TrackedInsect => ({
  subject: 'codling-moth',
  sumCd: 100,
  throughDay: '2026-07-23',
  missingDays: 0,
  nextEvent: toJson({ key: 'egg-hatch', needCd: 139, fromDay: '2026-07-26', toDay: '2026-07-31' }),
  outlook: toJson(outlook(of)),
  ...set,
})
const propose = (one: TrackedInsect, last: LastSpray | null = null) =>
  insectProposal(one, { pest, crop: 'apple', today: TODAY, last })
const caught = (isReached: boolean | null, value: number | null) => ({
  threshold: { count: 5, perDays: 7, caught: value, isReached },
})
const later = {
  key: 'egg-hatch',
  fromDay: '2026-08-20',
  midDay: '2026-08-22',
  toDay: '2026-08-25',
  from: 'sum' as const,
}

describe('codling moth in apple', () => {
  it('is treated where enough are caught and the eggs are about to hatch', () => {
    expect(propose(watch())).toMatchObject({
      action: 'treat',
      key: 'catch-and-event',
      fromDay: '2026-07-26',
      toDay: '2026-07-31',
      threshold: { confirmed: false },
    })
  })
  it('names the window of its catches: the week through the last closed day, not through today', () => {
    expect(propose(watch()).params).toMatchObject({ caught: 9, days: 7, toDay: '2026-07-23' })
    expect(propose(watch({}, caught(false, 2))).params).toMatchObject({ caught: 2, toDay: '2026-07-23' })
  })

  it('waits below the count, or while the eggs are far', () => {
    expect(propose(watch({}, caught(false, 2)))).toMatchObject({ action: 'wait', key: 'catch-below' })
    expect(propose(watch({}, { next: later }))).toMatchObject({ action: 'wait', key: 'catch-early' })
  })

  it('is scouted without a count when eggs are near, and cannot be judged without data', () => {
    expect(propose(watch({}, caught(null, null)))).toMatchObject({ action: 'scout', key: 'catch-unknown' })
    const blind = watch({ nextEvent: null }, { next: null, threshold: null })
    expect(propose(blind)).toMatchObject({ action: 'cannot-judge' })
  })

  it('cannot be judged by a sum of last week, nor wait by a sum that lacks days', () => {
    expect(propose(watch({ throughDay: '2026-07-17' }))).toMatchObject({
      action: 'cannot-judge',
      key: 'count-old',
    })
    expect(propose(watch({ throughDay: null }))).toMatchObject({ action: 'cannot-judge' })
    expect(propose(watch({ missingDays: 3 }, { next: later }))).toMatchObject({
      action: 'cannot-judge',
      key: 'days-missing',
    })
  })

  it('by a date that has passed with its unknown days is no proposal for today', () => {
    const passed = { key: 'egg-hatch', fromDay: '2026-05-26', midDay: '2026-05-27', toDay: '2026-05-27' }
    const next = { ...passed, from: 'sum' as const }
    expect(propose(watch({ missingDays: 60 }, { next }))).toMatchObject({
      action: 'scout',
      key: 'catch-late',
    })
    expect(propose(watch({ missingDays: 60 }, { next, ...caught(null, null) }))).toMatchObject({
      action: 'cannot-judge',
      key: 'catch-unknown',
    })
    // what follows an event of this week takes some days
    const lately = { ...next, fromDay: '2026-07-20', toDay: '2026-07-21' }
    expect(propose(watch({ missingDays: 1 }, { next: lately }))).toMatchObject({
      action: 'treat',
      fromDay: TODAY,
    })
  })

  it('is not treated again while the last spray is effective', () => {
    expect(propose(watch(), { day: '2026-07-20', intervalDays: null })).toMatchObject({ key: 'treated' })
    expect(propose(watch(), { day: '2026-07-10', intervalDays: null })).toMatchObject({ action: 'treat' })
    expect(propose(watch(), { day: '2026-07-10', intervalDays: 21 })).toMatchObject({ key: 'treated' })
  })
})

describe('an insect without an action threshold', () => {
  it('is scouted, never sprayed without a threshold', () => {
    const one = watch({ subject: 'rice-leaffolder' })
    const found = insectProposal(one, {
      pest: pestOf('rice-leaffolder'),
      crop: 'rice',
      today: TODAY,
      last: null,
    })
    expect(found).toMatchObject({ action: 'scout', threshold: null })
    const passed = { fromDay: '2026-05-26', midDay: '2026-05-27', toDay: '2026-05-27' }
    const old = watch(
      { subject: 'rice-leaffolder', missingDays: 60 },
      { next: { key: 'adults', from: 'sum', ...passed } },
    )
    expect(
      insectProposal(old, { pest: pestOf('rice-leaffolder'), crop: 'rice', today: TODAY, last: null }),
    ).toMatchObject({ action: 'cannot-judge', key: 'days-missing', params: { days: 60 }, fromDay: null })
  })
})

describe('a disease', () => {
  const days = (...levels: DiseaseDayRow['level'][]) =>
    levels.map((level, i) => ({ day: `2026-07-${24 - levels.length + i}`, level }))
  const propose = (rows: ReturnType<typeof days>, last: LastSpray | null = null) =>
    diseaseProposal('late-blight-hutton', rows, { crop: 'potato', today: TODAY, last })

  it('is treated after a day of high risk, scouted after a moderate one', () => {
    expect(propose(days('low', 'high', 'low'))).toMatchObject({ action: 'treat', key: 'infection-high' })
    expect(propose(days('low', 'moderate', 'low'))).toMatchObject({ action: 'scout' })
    expect(propose(days('high', 'low', 'low', 'low'))).toMatchObject({ action: 'wait' })
  })

  it('cannot be judged where one of the last days is unknown, or all are old', () => {
    expect(propose(days('low', 'unknown', 'low'))).toMatchObject({ action: 'cannot-judge' })
    expect(propose(days('low'))).toMatchObject({ action: 'cannot-judge' })
    expect(propose([])).toMatchObject({ action: 'cannot-judge' })
    expect(propose([{ day: '2026-07-15', level: 'low' }])).toMatchObject({ action: 'cannot-judge' })
    // a day known to be high counts, whatever else is missing
    expect(propose(days('unknown', 'high', 'unknown'))).toMatchObject({ action: 'treat' })
  })

  it('never waits when a day of the last three is unknown, and is never treated without a high one', () => {
    const level = fc.constantFrom<DiseaseDayRow['level']>('low', 'moderate', 'high', 'unknown')
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 14 }), (levels) => {
        const { action } = propose(days(...levels))
        const recent = levels.slice(-3)
        if (recent.includes('unknown')) expect(action).not.toBe('wait')
        if (!recent.includes('high')) expect(action).not.toBe('treat')
      }),
    )
  })
})

describe('the table of action thresholds', () => {
  it.each(actionThresholds.map((row) => [row.target, row] as const))(
    '%s names what is there',
    (target, row) => {
      const known = [...Object.keys(pests), ...diseases.map(({ id }) => id)]
      expect(known).toContain(target)
      if (row.event !== undefined) expect(pestOf(target)!.events.map(({ key }) => key)).toContain(row.event)
      if (row.on === 'catch' || row.on === 'catch-and-event') expect(pestOf(target)!.threshold).toBeDefined()
      expect(row.source.length).toBeGreaterThan(10)
      expect(row.confirmed).toBe(row.check === null)
    },
  )

  it('has a threshold only for the crops that it names', () => {
    expect(thresholdFor('codling-moth', 'walnut')).toBeNull()
    expect(thresholdFor('codling-moth', 'apple')).not.toBeNull()
  })
})

describe('by the figures of the field', () => {
  const figures: PestEconomicsRow = {
    fieldId: 'f',
    target: 'codling-moth',
    org: 'o',
    isUsed: 1,
    costPerHa: 60,
    valuePerT: 200,
    injuryPerCount: 0.05,
    lossPerInjury: 0.8,
    shareSaved: 0.75,
    actionShare: 0.75, // acts at 7.5
    seenCount: null,
    seenDay: null,
  }
  const own = (set: Partial<PestEconomicsRow>, one = watch()) =>
    insectProposal(one, { pest, crop: 'apple', today: TODAY, last: null, economics: { ...figures, ...set } })

  it('nine moths are worth a spray, and seven are not, whatever the table has', () => {
    expect(own({})).toMatchObject({
      action: 'treat',
      key: 'catch-and-event',
      params: { caught: 9, count: 7.5 },
    })
    expect(own({}).economics).toEqual({ level: 10, actAt: 7.5, missing: [], count: 9, isReached: true })
    // the table would treat from 5 on
    expect(own({}, watch({}, caught(true, 7)))).toMatchObject({ action: 'wait', key: 'catch-below' })
  })

  it('a missing figure makes it unknown, and is named; it is no threshold of zero', () => {
    expect(own({ valuePerT: null, shareSaved: null })).toMatchObject({
      action: 'cannot-judge',
      key: 'figures-missing',
      params: { figures: 'valuePerT shareSaved' },
      economics: { level: null, isReached: null },
    })
  })

  it('a count by a person is valid for a week, then the traps count again', () => {
    expect(own({ seenCount: 2, seenDay: '2026-07-20' })).toMatchObject({ action: 'wait', key: 'catch-below' })
    expect(own({ seenCount: 2, seenDay: '2026-07-16' })).toMatchObject({ action: 'treat' })
    expect(own({ seenCount: 2, seenDay: '2026-07-25' })).toMatchObject({ action: 'treat' }) // not yet
  })

  it('is scouted without any count, and ignored unless it is used', () => {
    expect(own({}, watch({}, caught(null, null)))).toMatchObject({ action: 'scout', key: 'catch-unknown' })
    const unused = own({ isUsed: 0, valuePerT: null })
    expect(unused).toEqual({ ...propose(watch()), economics: null })
  })
})
