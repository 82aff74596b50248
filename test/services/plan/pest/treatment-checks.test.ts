/**
 * A treatment checked against a label, a season and a harvest: unknown is never allowed, and no number is
 * exceeded.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, DAY_MS, HOUR_MS } from '../../../../broker/contract/time.ts'
import { computeDose, inUnit } from '../../../../services/plan/pest/dose.ts'
import {
  zoneRestrictions,
  noEntryWindows,
  longestFree,
  outsideRestrictions,
} from '../../../../services/plan/pest/no-entry-windows.ts'
import { toLabel } from '../../../../services/plan/pest/label.ts'
import { preHarvestStatus } from '../../../../services/plan/pest/pre-harvest-interval.ts'
import {
  checkTreatment,
  worstResult,
  type Application,
  type TreatmentCase,
} from '../../../../services/plan/pest/treatment-checks.ts'
import {
  readTreatmentPlan,
  toJson,
  type ProductRow,
  type ProductUseRow,
  type TreatmentRow,
} from '../../../../services/tables.ts'
import { treatmentPlan } from '../../../support/treatment-plan.ts'
import '../../../support/seed.ts'

/** 10 July 2026, 06:00 in Tokyo. */
const SPRAY_MS = Date.parse('2026-07-09T21:00:00Z')
const product: ProductRow = {
  id: 'p',
  org: 'o',
  country: 'JP',
  registrationNumber: '1',
  name: 'Hamaki',
  kind: 'insecticide',
  ingredients: toJson([{ name: 'alpha', group: 'IRAC 28' }]),
  authorisedUntil: '2028-03-31',
  reiHours: 12,
  rainFastHours: 2,
  beeHazard: 0,
  limits: null,
  isDemo: 0,
  importedBy: 'x',
  importedAtMs: 0,
  retiredAtMs: null,
}
const use: ProductUseRow = {
  id: 'u',
  org: 'o',
  productId: 'p',
  crop: 'rice',
  target: 'rice-leaf-blast',
  doseLo: 50,
  doseHi: 100,
  doseUnit: 'mL/10a',
  dilutionLo: 1000,
  dilutionHi: 2000,
  volumeLoL10a: null,
  volumeHiL10a: null,
  maxPerSeason: 2,
  maxPerIngredient: toJson({ alpha: 2 }),
  phiDays: 21,
  intervalDays: 10,
  bufferM: 0,
}
const dose = computeDose({ unit: 'mL/10a', dilution: 1000, volumeL10a: 80, areaM2: 3000 })
const whole = (set: {
  product?: Partial<ProductRow>
  use?: Partial<ProductUseRow>
  one?: Partial<TreatmentCase>
}): TreatmentCase => ({
  label: toLabel({ ...product, ...set.product }, [{ ...use, ...set.use }]),
  crop: 'rice',
  target: 'rice-leaf-blast',
  dose: dose.ok ? dose.value : null,
  fromMs: SPRAY_MS,
  toMs: SPRAY_MS + 2 * HOUR_MS,
  timeZone: 'Asia/Tokyo',
  harvestDay: '2026-09-20',
  others: [],
  entries: [],
  ...set.one,
})
const result = (key: string, set: Parameters<typeof whole>[0]) =>
  checkTreatment(whole(set)).find((check) => check.key === key)?.result
const earlier = (days: number, set: Partial<Application> = {}): Application => ({
  id: 'e',
  fromMs: SPRAY_MS - days * DAY_MS,
  toMs: SPRAY_MS - days * DAY_MS + HOUR_MS,
  product: { id: 'p', country: 'JP', registrationNumber: '1' },
  ingredients: [{ name: 'alpha', group: 'IRAC 28' }],
  ...set,
})

describe('a treatment', () => {
  it('with complete and correct data is allowed', () => {
    expect(worstResult(checkTreatment(whole({})))).toBe('allowed')
  })

  it('21 days before harvest may be harvested on the 21st day, not on the 20th', () => {
    expect(result('phi', { one: { harvestDay: '2026-07-31' } })).toBe('allowed')
    expect(result('phi', { one: { harvestDay: '2026-07-30' } })).toBe('forbidden')
    expect(result('phi', { one: { harvestDay: null } })).toBe('unknown')
    expect(result('phi', { use: { phiDays: null } })).toBe('unknown')
  })

  it('is forbidden where the label does not have the crop or the pest, or has expired', () => {
    expect(result('crop', { one: { crop: 'soybean' } })).toBe('forbidden')
    expect(result('target', { one: { target: 'rice-stem-borer' } })).toBe('forbidden')
    expect(result('authorised', { product: { authorisedUntil: '2026-07-09' } })).toBe('forbidden')
    expect(result('authorised', { product: { authorisedUntil: '2026-07-10' } })).toBe('allowed')
    expect(result('authorised', { product: { authorisedUntil: null } })).toBe('unknown')
    expect(result('authorised', { product: { retiredAtMs: 1 } })).toBe('forbidden')
  })

  it('is counted by product and by ingredient, also in another product', () => {
    const other = earlier(30, { product: { id: 'q', country: 'JP', registrationNumber: '2' } })
    expect(result('count-product', { one: { others: [earlier(40), earlier(20)] } })).toBe('forbidden')
    expect(result('count-product', { one: { others: [earlier(40), other] } })).toBe('allowed')
    expect(result('count-ingredient', { one: { others: [earlier(40), other] } })).toBe('forbidden')
    // the content of the other product is unknown: it may be the same
    const hidden = earlier(30, { ...other, ingredients: [] })
    expect(result('count-ingredient', { one: { others: [hidden] } })).toBe('unknown')
    // after another import it has another id, and is still the same product
    const renewed = earlier(20, { product: { id: 'new', country: 'JP', registrationNumber: '1' } })
    expect(result('count-product', { one: { others: [renewed, earlier(40)] } })).toBe('forbidden')
  })

  it('keeps the interval before and after', () => {
    expect(result('interval', { one: { others: [earlier(9)] } })).toBe('forbidden')
    expect(result('interval', { one: { others: [earlier(10)] } })).toBe('allowed')
    expect(result('interval', { one: { others: [earlier(-5)] } })).toBe('forbidden')
    expect(result('interval', { use: { intervalDays: null }, one: { others: [earlier(30)] } })).toBe(
      'unknown',
    )
  })

  it('with the same mode of action twice in a row is caution; a multi-site one is not', () => {
    const by = (group: string | null) =>
      earlier(30, {
        product: { id: 'q', country: 'JP', registrationNumber: '2' },
        ingredients: [{ name: 'beta', group }],
      })
    expect(result('group', { one: { others: [by('IRAC 28')] } })).toBe('caution')
    expect(result('group', { one: { others: [by('IRAC 3A')] } })).toBe('allowed')
    expect(result('group', { one: { others: [by(null)] } })).toBe('unknown')
    // a fungicide between two insecticides changes nothing
    const fungicide = { ...by('FRAC 3'), fromMs: SPRAY_MS - 5 * DAY_MS }
    expect(result('group', { one: { others: [by('IRAC 28'), fungicide] } })).toBe('caution')
    const many = { ingredients: toJson([{ name: 'alpha', group: 'FRAC M05' }]) }
    expect(result('group', { product: many, one: { others: [by('FRAC M05')] } })).toBe('allowed')
  })

  it('above the dose of the label is forbidden, below it caution', () => {
    const withAmount = (amount: number) => {
      const found = computeDose({ unit: 'mL/10a', amount, dilution: 1000, areaM2: 1000 })
      return { one: { dose: found.ok ? found.value : null } }
    }
    expect(result('dose', withAmount(101))).toBe('forbidden')
    expect(result('dose', withAmount(100))).toBe('allowed')
    expect(result('dose', withAmount(40))).toBe('caution')
    expect(result('dose', { use: { doseHi: null } })).toBe('unknown')
    expect(result('dose', { use: { doseUnit: 'g/10a' } })).toBe('unknown')
    expect(result('dilution', { use: { dilutionLo: 1500 } })).toBe('forbidden')
  })

  it('keeps people out of the field until they may enter', () => {
    const at = (hours: number) => ({
      one: { entries: [{ atMs: SPRAY_MS + hours * HOUR_MS, toMs: SPRAY_MS + (hours + 1) * HOUR_MS }] },
    })
    expect(result('rei', at(13))).toBe('forbidden')
    expect(result('rei', at(14))).toBe('allowed')
    expect(result('rei', { product: { reiHours: null } })).toBe('unknown')
  })
})

describe('missing data', () => {
  const blanks: [string, Parameters<typeof whole>[0]][] = [
    ...(['authorisedUntil', 'reiHours'] as const).map((name): [string, Parameters<typeof whole>[0]] => [
      name,
      { product: { [name]: null } },
    ]),
    ...(['doseHi', 'dilutionLo', 'maxPerSeason', 'maxPerIngredient', 'phiDays', 'bufferM'] as const).map(
      (name): [string, Parameters<typeof whole>[0]] => [name, { use: { [name]: null } }],
    ),
    ['ingredients', { product: { ingredients: toJson([]) } }],
    ['harvest', { one: { harvestDay: null } }],
    ['dose', { one: { dose: null } }],
  ]
  it.each(blanks)('%s makes the result unknown, never allowed', (_, set) => {
    expect(worstResult(checkTreatment(whole(set)))).toBe('unknown')
  })

  it('turns nothing forbidden into allowed, whatever the other rules', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...blanks),
        fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 4 }),
        fc.integer({ min: 0, max: 60 }),
        ([, set], days, harvestIn) => {
          const others = days.map((day) => earlier(day))
          const harvestDay = set.one?.harvestDay === null ? null : addDays('2026-07-10', harvestIn)
          const results = checkTreatment(whole({ ...set, one: { ...set.one, others, harvestDay } }))
          expect(['unknown', 'forbidden']).toContain(worstResult(results))
        },
      ),
    )
  })

  it('an allowed treatment never breaks an interval to harvest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 23 }),
        (phiDays, harvestIn, hours) => {
          const fromMs = SPRAY_MS + hours * HOUR_MS
          const harvestDay = addDays('2026-07-10', harvestIn)
          const one = { harvestDay, fromMs, toMs: fromMs + HOUR_MS }
          const allowed = worstResult(checkTreatment(whole({ use: { phiDays }, one }))) === 'allowed'
          const sprayDay = hours + 6 + 1 > 24 ? '2026-07-11' : '2026-07-10'
          if (allowed) expect(harvestDay >= addDays(sprayDay, phiDays)).toBe(true)
        },
      ),
    )
  })
})

describe('a dose', () => {
  it('1000 times in 100 L on 10 a is 100 mL; any two determine the third', () => {
    const given = { unit: 'mL/10a', areaM2: 3500 }
    for (const two of [
      { dilution: 1000, volumeL10a: 100 },
      { amount: 100, volumeL10a: 100 },
      { amount: 100, dilution: 1000 },
    ])
      expect(computeDose({ ...given, ...two })).toMatchObject({
        ok: true,
        value: { amount: 100, dilution: 1000, volumeL10a: 100, totalProduct: 350, totalSprayL: 350 },
      })
    expect(computeDose({ ...given, dilution: 1000 }).ok).toBe(false)
    expect(computeDose({ ...given, amount: 100, dilution: 1000, volumeL10a: 50 }).ok).toBe(false)
  })

  it('of granules is an amount alone: 3 kg on 10 a', () => {
    expect(computeDose({ unit: 'kg/10a', amount: 3, areaM2: 1200 })).toMatchObject({
      value: { dilution: null, volumeL10a: null, totalProduct: 3.6, totalSprayL: null },
    })
  })

  it('converts through any unit of its kind and back, and a mass is no volume', () => {
    expect(inUnit(1, 'L/ha', 'mL/10a')).toBe(100)
    expect(inUnit(1, 'kg/10a', 'kg/ha')).toBe(10)
    expect(inUnit(1, 'kg/ha', 'L/ha')).toBeNull()
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
        fc.constantFrom('mL/10a', 'L/10a', 'mL/ha', 'L/ha'),
        fc.constantFrom('mL/10a', 'L/10a', 'mL/ha', 'L/ha'),
        (amount, a, b) => {
          expect(inUnit(inUnit(amount, a, b)!, b, a)! / amount).toBeCloseTo(1, 9)
        },
      ),
    )
  })
})

describe('a sprayed field', () => {
  const windows = noEntryWindows([
    {
      id: 't',
      fieldId: 'f',
      state: 'confirmed',
      fromMs: SPRAY_MS,
      toMs: SPRAY_MS + HOUR_MS,
      rainFastHours: 4,
      reiHours: 12,
    },
  ])
  const zone = { fieldId: 'f', method: 'sprinkler', mode: 'auto', controllerId: 'c', valve: 'V1' } as const

  it('gets no sprinkler until the spray is rain-fast, and no manual valve until re-entry', () => {
    expect(
      zoneRestrictions(zone, windows).map(({ restricts: holds, toMs }) => [
        holds,
        (toMs - SPRAY_MS) / HOUR_MS,
      ]),
    ).toEqual([['sprinklers', 5]])
    expect(zoneRestrictions({ ...zone, method: 'drip' }, windows)).toEqual([])
    expect(zoneRestrictions({ ...zone, method: 'drip', mode: 'advise' }, windows)[0]!.toMs).toBe(
      SPRAY_MS + 13 * HOUR_MS,
    )
    expect(zoneRestrictions({ ...zone, fieldId: 'g' }, windows)).toEqual([])
  })

  it('with a restricted part still gets no sprinkler, and its other valves can be reached', () => {
    const alone = noEntryWindows([
      {
        id: 't',
        fieldId: 'f',
        state: 'confirmed',
        fromMs: SPRAY_MS,
        toMs: SPRAY_MS + HOUR_MS,
        rainFastHours: 4,
        reiHours: 12,
        isPartAlone: true,
      },
    ])
    expect(alone.map(({ restricts: holds }) => holds)).toEqual(['sprinklers'])
  })

  it('is not restricted by a draft or a voided treatment', () => {
    for (const state of ['planned', 'void'] as const)
      expect(
        noEntryWindows([{ id: 't', fieldId: 'f', state, fromMs: 0, toMs: 1, rainFastHours: 1, reiHours: 1 }]),
      ).toEqual([])
  })

  it('keeps the unrestricted part of a window, and nothing too short to irrigate in', () => {
    const night = { fromMs: SPRAY_MS - 10 * HOUR_MS, toMs: SPRAY_MS + 3 * HOUR_MS }
    const sprinklers = windows.slice(0, 1)
    expect(outsideRestrictions([night], sprinklers, HOUR_MS)).toEqual([
      { ...night, toMs: SPRAY_MS - 2 * HOUR_MS },
    ])
    expect(outsideRestrictions([night], sprinklers, 9 * HOUR_MS)).toEqual([])
    const span = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 30 }))
    fc.assert(
      fc.property(span, fc.array(span, { maxLength: 5 }), ([fromMs, long], taken) => {
        const others = taken.map(([from, length]) => ({ fromMs: from, toMs: from + length }))
        const free = longestFree({ fromMs, toMs: fromMs + long }, others)
        if (free === null) return
        for (const other of others)
          if (other.toMs > other.fromMs)
            expect(free.fromMs >= other.toMs || free.toMs <= other.fromMs).toBe(true)
      }),
    )
  })
})

describe('the pre-harvest status', () => {
  const sprayed = (state: TreatmentRow['state'], phiDays: number | null) =>
    ({
      id: `${state}-${phiDays}`,
      state,
      toMs: SPRAY_MS,
      record: null,
      plan: toJson(treatmentPlan({ phiDays, reiHours: 12 })),
    }) as unknown as TreatmentRow
  const gate = (rows: TreatmentRow[], day: string) => preHarvestStatus(rows, day, 'Asia/Tokyo')

  it('is shut until the last of the intervals is over', () => {
    expect(gate([sprayed('done', 7), sprayed('recorded', 21)], '2026-07-30')).toMatchObject({
      state: 'active',
      earliestDay: '2026-07-31',
      treatmentId: 'recorded-21',
    })
    expect(gate([sprayed('recorded', 21)], '2026-07-31').state).toBe('elapsed')
    expect(gate([], '2026-07-31').state).toBe('elapsed')
  })

  it('is unknown where an interval is unknown, not open', () => {
    expect(gate([sprayed('recorded', null)], '2026-12-31').state).toBe('unknown')
    expect(gate([sprayed('recorded', null), sprayed('done', 21)], '2026-07-20').state).toBe('active')
    expect(gate([sprayed('void', null), sprayed('planned', null)], '2026-07-20').state).toBe('elapsed')
  })

  it('applies to the field when a part was sprayed, unless a person limits it to the part', () => {
    const edge = (holds: 'field' | 'part', phiDays: number | null) => {
      const row = sprayed('recorded', phiDays)
      const plan = { ...readTreatmentPlan(row.plan), part: { name: 'edge', holds } }
      return { ...row, plan: toJson(plan) }
    }
    expect(gate([edge('field', 21)], '2026-07-30')).toMatchObject({ state: 'active', parts: [] })
    expect(gate([edge('part', 21)], '2026-07-30')).toMatchObject({
      state: 'elapsed',
      earliestDay: null,
      parts: [{ treatmentId: 'recorded-21', name: 'edge', earliestDay: '2026-07-31' }],
    })
    expect(gate([edge('part', 21)], '2026-07-31').parts).toEqual([])
    // unknown stays unknown, for the part
    expect(gate([edge('part', null)], '2026-12-31')).toMatchObject({
      state: 'elapsed',
      parts: [{ earliestDay: null }],
    })
    expect(gate([edge('part', 7), sprayed('done', 21)], '2026-07-12').state).toBe('active')
  })
})
