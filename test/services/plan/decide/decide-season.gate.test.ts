import { describe, expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import { decisionSession } from '../../../../services/plan/decide/session.ts'
import { setup } from './contract-example.ts'

interface Reply {
  irrigateMm: number
  why: { key: string; mm?: number; params?: Record<string, unknown> }[]
}
interface Given {
  tMinC?: number
  tMaxC?: number
  rainMm?: number
  et0Mm?: number
  s1?: number | null
  s2?: number | null
  /** mm at the meter; absent: as ordered; null: no meter */
  appliedMm?: number | null
}

const FIRST = setup.field.plantingDay

/** A season of these days; the water of an order arrives on the next one. */
function season(
  count: number,
  given: (i: number, orderedMm: number) => Given,
  changed: object = {},
  first = FIRST,
): Reply[] {
  const answer = decisionSession()
  answer(JSON.stringify({ ...setup, history: [], ...changed }))
  let orderedMm = 0
  return Array.from({ length: count }, (_, i) => {
    const {
      tMinC = 14,
      tMaxC = 29,
      rainMm = 0,
      et0Mm = 6,
      s1 = null,
      s2 = null,
      appliedMm,
    } = given(i, orderedMm)
    const reply = JSON.parse(
      answer(
        JSON.stringify({
          type: 'day',
          day: addDays(first, i),
          weather: { tMinC, tMaxC, rainMm, et0Mm },
          soilMoisture: { s1, s2 },
          appliedMm: appliedMm === undefined ? orderedMm : appliedMm,
        }),
      )!,
    ) as Reply
    orderedMm = reply.irrigateMm
    return reply
  })
}
const noteOf = (reply: Reply, key: string) => reply.why.find((term) => term.key === key)
const daysWith = (replies: readonly Reply[], key: string) =>
  replies.flatMap((reply, i) => (noteOf(reply, key) ? [i] : []))
const field = (more: object) => ({ field: { ...setup.field, ...more } })
/** A little noise, so that a probe is not stuck. */
const noise = (i: number) => 0.002 * (i % 3)

describe('a probe that lies', () => {
  /** 0.22 is field capacity, 0.1 the wilting point. The errors of the members are those of the dates. */
  const stayingWet = (first: string) =>
    season(
      80,
      (i) => ({ s1: 0.21 + noise(i), s2: 0.21 - noise(i) }),
      field({ initialVwc: 0.21, plantingDay: first }),
      first,
    )
  const wetLie = stayingWet(FIRST)

  it('by staying wet is named, and the crop gets its water all the same', () => {
    const first = daysWith(wetLie, 'sensor-contradicted')[0]!
    const others = [1, 2, 3, 4, 5, 6].map((years) => stayingWet(addDays(FIRST, 365 * years)))
    const firsts = [first, ...others.map((replies) => daysWith(replies, 'sensor-contradicted')[0]!)]
    expect(firsts.toSorted((a, b) => a - b)[3]).toBeLessThan(50)
    expect(noteOf(wetLie[first]!, 'sensor-contradicted')).toMatchObject({
      params: { sensor: 's1', reason: 'stays-wet' },
    })
    // 80 rainless days of 6 mm, less the water of the soil
    const givenMm = wetLie.reduce((sum, { irrigateMm }) => sum + irrigateMm, 0)
    expect(givenMm).toBeGreaterThan(120)
  })

  it('by staying wet is not accused where groundwater is within a metre', () => {
    const replies = season(
      70,
      (i) => ({ s1: 0.21 + noise(i), s2: 0.21 - noise(i) }),
      field({ initialVwc: 0.21, soil: { ...setup.field.soil, waterTableM: 1.1 } }),
    )
    expect(daysWith(replies, 'sensor-contradicted').length).toBe(0)
  })

  it('by staying dry under water that fills the soil is named', () => {
    const replies = season(40, (i) => ({
      rainMm: i % 4 === 0 ? 30 : 0,
      s1: i < 10 ? 0.21 + noise(i) : 0.11 + noise(i),
      s2: 0.21 - noise(i),
    }))
    const first = daysWith(replies, 'sensor-contradicted')[0]!
    expect(first - 10).toBeLessThanOrEqual(5)
    expect(noteOf(replies[first]!, 'sensor-contradicted')!.params!['sensor']).toBe('s1')
  })

  it('is not seen where two true probes dry with the soil', () => {
    const dries = (i: number, fromD: number) =>
      Math.max(0.11, 0.21 - 0.006 * Math.max(0, i - fromD)) + noise(i)
    const replies = season(
      70,
      (i) => ({ s1: dries(i, 35), s2: dries(i, 45), appliedMm: 0 }),
      field({ initialVwc: 0.21 }),
    )
    expect(daysWith(replies, 'sensor-contradicted')).toEqual([])
  })
})

describe('probes at the wilting point', () => {
  it('in flowering mean water now, although the estimate has plenty', () => {
    // it rains by the gauge; the soil is dry
    const given = (i: number): Given => ({
      rainMm: i % 5 === 0 ? 22 : 0,
      s1: i < 57 ? null : 0.1 + noise(i),
      s2: i < 57 ? null : 0.101 + noise(i),
    })
    const replies = season(61, given)
    const [first] = daysWith(replies, 'probes-dry')
    expect(first).toBe(59)
    expect(replies[first!]!.irrigateMm).toBeGreaterThan(5)
    // before flowering the estimate decides
    const early = season(40, (i) => ({ ...given(i), s1: 0.1 + noise(i), s2: 0.101 + noise(i) }))
    expect(daysWith(early, 'probes-dry')).toEqual([])
  })
})

describe('water that was ordered', () => {
  const runs = (replies: readonly Reply[]) =>
    replies.flatMap(({ irrigateMm }, i) => (irrigateMm > 0 ? [i] : []))

  it('and does not arrive by the meter is reported, and ordered again every third day only', () => {
    const replies = season(60, () => ({ appliedMm: 0 }))
    const ordered = runs(replies)
    const missing = daysWith(replies, 'water-missing')
    expect(missing).toEqual(ordered.map((i) => i + 1).filter((i) => i < 60))
    expect(noteOf(replies[missing[2]!]!, 'water-missing')!.params).toMatchObject({ runs: 3 })
    // after one, nothing holds back the next order
    expect(daysWith(replies.slice(0, ordered[1]! + 1), 'order-withheld')).toEqual([])
    const gaps = ordered.slice(2).map((i, k) => i - ordered[k + 1]!)
    // a small crop may not need it on the third day yet
    expect(gaps[0]).toBeGreaterThanOrEqual(3)
    expect(gaps.slice(1)).toEqual(gaps.slice(1).map(() => 3))
    expect(daysWith(replies, 'order-withheld').length).toBeGreaterThan(5)
  })

  it('once is ordered again the next day, and normally as soon as it arrives', () => {
    let failed = 0
    // of a crop that needs water every day
    const replies = season(60, (i, orderedMm) => ({
      appliedMm: orderedMm > 0 && i > 30 && failed++ < 2 ? 0 : orderedMm,
    }))
    expect(daysWith(replies, 'water-missing')).toHaveLength(2)
    expect(daysWith(replies, 'order-withheld')).toHaveLength(2)
  })

  it('without a meter is missed by a dry probe that does not rise', () => {
    const dry = (i: number): Given => ({ s1: 0.13 + noise(i), s2: 0.2 - 0.001 * i, appliedMm: null })
    const replies = season(50, dry)
    const [first] = runs(replies)
    expect(daysWith(replies, 'water-missing')).toContain(first! + 1)
    // and is assumed to have arrived where it rises
    const rises = season(50, (i, orderedMm) => (orderedMm > 0 ? { ...dry(i), s1: 0.21 } : dry(i)))
    expect(daysWith(rises, 'water-missing')).toEqual([])
  })
})

describe('the end of a season', () => {
  it("follows the field's own variety where its harvest is entered", () => {
    const endOf = (usualD: number) =>
      daysWith(
        season(usualD + 12, () => ({}), field({ harvestDay: addDays(FIRST, usualD) })),
        'not-in-season',
      ).find((i) => i > 50)!
    for (const usualD of [95, 140]) expect(Math.abs(endOf(usualD) - usualD)).toBeLessThan(12)
    const answer = decisionSession()
    expect(answer(JSON.stringify({ ...setup, ...field({ harvestDay: FIRST }) }))).toContain(
      'field.harvestDay',
    )
  })

  it("follows the field's own variety by the heat of other years as well", () => {
    const history = Array.from({ length: 365 }, (_, i) => ({
      day: addDays('1994-01-01', i),
      tMinC: 14,
      tMaxC: 29,
      rainMm: 0,
      et0Mm: 6,
    }))
    const changed = { ...field({ harvestDay: addDays(FIRST, 150) }), history }
    const end = daysWith(
      season(162, () => ({}), changed),
      'not-in-season',
    ).find((i) => i > 50)!
    expect(Math.abs(end - 150)).toBeLessThan(12)
  })

  it('comes with a frost that kills maize; one on seedlings does not', () => {
    const frostOn = (night: number) => season(75, (i) => ({ tMinC: i === night ? -5 : 14 }))
    const killed = frostOn(60)
    expect(noteOf(killed[60]!, 'killed-by-frost')).toMatchObject({
      params: { day: addDays(FIRST, 60), minC: -5 },
    })
    expect(killed.slice(60).every(({ irrigateMm }) => irrigateMm === 0)).toBe(true)
    expect(
      frostOn(12)
        .slice(60)
        .some(({ irrigateMm }) => irrigateMm > 0),
    ).toBe(true)
  })

  it('of alfalfa is a cutting: the next cycle begins', () => {
    const replies = season(125, () => ({}), field({ crop: 'alfalfa' }))
    expect(daysWith(replies, 'not-in-season')).toEqual([])
    for (const from of [0, 60]) {
      const givenMm = replies.slice(from, from + 60).reduce((sum, { irrigateMm }) => sum + irrigateMm, 0)
      expect(givenMm).toBeGreaterThan(100)
    }
  })
})

describe('salt', () => {
  const salty = (waterEcDsM: number, ecDsM: number | null = null, count = 100) =>
    season(
      count,
      () => ({}),
      field({
        soil: { ...setup.field.soil, ecDsM },
        irrigation: { ...setup.field.irrigation, waterEcDsM },
      }),
    )
  const lossOf = (reply: Reply) => Number(noteOf(reply, 'salt-loss')?.params?.['lossPercent'] ?? 0)

  it('of water of 12 dS/m on maize: too salty, and its loss is reported from the first day', () => {
    const replies = salty(12, null, 2)
    expect(noteOf(replies[0]!, 'water-too-salty')).toMatchObject({
      params: { waterEcDsM: 12, thresholdDsM: 1.7 },
    })
    expect(lossOf(replies[0]!)).toBe(100)
  })

  it('lowers the use of the crop by FAO-56 Eq. 89: less water than with sweet water', () => {
    const totalMm = (replies: readonly Reply[]) =>
      replies.reduce((sum, { irrigateMm }) => sum + irrigateMm, 0)
    // ECe 4.2: Ks 0.76
    expect(totalMm(salty(0.3, 4.2))).toBeLessThan(0.92 * totalMm(salty(0.3)))
    expect(lossOf(salty(0.3, 4.2, 1)[0]!)).toBe(30)
  })

  it('leaching that partial refills do not give is reported as due', () => {
    expect(daysWith(salty(1.2, 2), 'leaching-due').length).toBeGreaterThan(0)
    expect(daysWith(salty(0.3, 2), 'leaching-due')).toEqual([])
  })
})
