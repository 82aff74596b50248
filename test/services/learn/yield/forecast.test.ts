/** Yield on a farm: seasons from real stores, a model with enough harvests, none otherwise. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addDays, startOfDay } from '../../../../broker/contract/time.ts'
import { insufficientData } from '../../../../services/learn/fitting/learner.ts'
import { loadYield } from '../../../../services/learn/yield/load.ts'
import { fitSeasons, predictYield, type YieldSeasons } from '../../../../services/learn/yield/forecast.ts'
import type { FieldDayRow } from '../../../../services/tables.ts'
import { ORG, farmRow, fieldRow, openStores, seasonRow, type Stores } from '../../estimate/farm.ts'

const fields = ['north', 'south', 'hill']
const years = [2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023]

/** Water of a season, mm/d: wet and dry years in no order. */
const waterOf = (year: number, field: number): number =>
  [5, 2, 4, 1, 6, 3, 2.5, 4.5][year - 2016]! + 0.1 * field
/** t/ha: each mm/d adds one, a field has its own level, and a small unexplained part. */
const yieldOf = (year: number, field: number): number =>
  4 + field + waterOf(year, field) + 0.1 * (((7 * year + 3 * field) % 5) - 2)

const seasons = (throughDay: string): YieldSeasons => ({
  place: 'north',
  harvests: years.flatMap((year) =>
    fields.map((place, field) => ({
      place,
      year,
      fold: String(year),
      yield: yieldOf(year, field),
      features: { water: waterOf(year, field), heat: 20 + ((3 * year + field) % 4) },
    })),
  ),
  running: { year: 2024, plantedDay: '2024-05-01', features: { water: 5, heat: 21 } },
  usualLengthD: 100,
  fromDay: '2016-05-01',
  throughDay,
  timeZone: 'Asia/Tokyo',
})

describe('yield of a running season', () => {
  const late = seasons('2024-08-08')
  const fit = fitSeasons(late)

  it('is learned from the harvests of all fields of the crop, and beats trend and mean', () => {
    expect(fit).toMatchObject({ state: 'used', rows: 24 })
    expect(fit.skill[0]).toMatchObject({ key: 'leave-one-year-out', unit: 't/ha', n: 24 })
    expect(fit.terms.map(({ key }) => key)).toEqual(['intercept', 'year', 'water', 'heat'])
    expect(fit.terms.find(({ key }) => key === 'water')!.coefficient).toBeCloseTo(1, 0)
  })
  it('of 5 mm/d is 9 t/ha on the north field, for the usual day of harvest', () => {
    const [ahead] = predictYield(fit, late)
    expect(ahead!.method).toBe('model')
    expect(Math.abs(ahead!.value - 9)).toBeLessThan(0.5)
    expect(ahead!.atMs).toBe(startOfDay('2024-08-09', 'Asia/Tokyo'))
    expect(ahead!.lo).toBeLessThan(ahead!.value)
  })
  it('is closer to the average, and less certain, while most of the season is ahead', () => {
    const early = seasons('2024-05-10')
    const [ahead] = predictYield(fit, early)
    const [later] = predictYield(fit, late)
    expect(ahead!.hi - ahead!.lo).toBeGreaterThan(later!.hi - later!.lo)
    expect(ahead!.value).toBeLessThan(later!.value) // 5 mm/d is more than average
  })
  it('is absent for a season that was never closed, and without one', () => {
    expect(predictYield(fit, seasons('2025-05-01'))).toEqual([])
    expect(predictYield(fit, { ...late, running: null })).toEqual([])
  })
  it('has too few data with fewer than eight harvests', () => {
    const few = { ...late, harvests: late.harvests.slice(0, 7) }
    expect(fitSeasons(few)).toEqual(
      insufficientData({ key: 'too-few-seasons', params: { rows: 7, need: 8 } }, '2016-05-01', '2024-08-08'),
    )
    expect(predictYield(fitSeasons(few), few)).toEqual([])
  })
  it('falls back to trend or mean where water explains nothing', () => {
    const idle: YieldSeasons = {
      ...late,
      harvests: late.harvests.map((one, i) => ({ ...one, yield: 6 + ((i * 7919) % 13) / 10 })),
    }
    const stepped = fitSeasons(idle)
    expect(stepped.state).toBe('fallback')
    expect(predictYield(stepped, idle)[0]!.method).not.toBe('model')
  })
})

describe('seasons of a farm', () => {
  let stores: Stores
  beforeEach(async () => {
    stores = await openStores(0)
    await stores.state.insertInto('farm').values(farmRow()).execute()
    await stores.state
      .insertInto('field')
      .values(fieldRow({ areaM2: 5_000 }))
      .execute()
  })
  afterEach(() => stores.close())

  const farm = farmRow()
  const season = (year: number, over: Parameters<typeof seasonRow>[0] = {}) =>
    stores.state
      .insertInto('season')
      .values(
        seasonRow({
          id: String(year),
          year,
          plantedDay: `${year}-06-01`,
          harvestedDay: `${year}-06-10`,
          yieldKg: 2_000,
          ...over,
        }),
      )
      .execute()
  const days = async (fromDay: string, count: number, over: Partial<FieldDayRow> = {}) => {
    for (let i = 0; i < count; i++)
      await stores.state
        .insertInto('fieldDay')
        .values({
          fieldId: 'field1',
          day: addDays(fromDay, i),
          org: ORG,
          et0Method: 'fao56-pm',
          rainMm: 1,
          irrigationMm: 2,
          irrigationSource: 'metered',
          etcMm: 5,
          etaMm: 4,
          tempMinC: 15,
          tempMaxC: 25,
          notes: '[]',
          ...over,
        } as FieldDayRow)
        .execute()
  }

  it('have water, stress and heat by their days, and tons a hectare', async () => {
    await season(2020)
    await days('2020-06-01', 10)
    const [found] = await loadYield(stores, farm, '2021-01-01')
    expect(found).toMatchObject({ subject: 'field1/cotton', fieldId: 'field1', deviceId: null })
    expect(found!.data).toMatchObject({ running: null, usualLengthD: 9, fromDay: '2020-06-01' })
    expect(found!.data.harvests).toEqual([
      {
        place: 'field1',
        year: 2020,
        fold: '2020',
        yield: 4,
        features: { water: 3, deficit: expect.closeTo(0.2) as number, heat: 20 },
      },
    ])
  })
  it('compare use and demand on the same days', async () => {
    await season(2020)
    await days('2020-06-01', 8)
    // dry days with unknown crop use
    await days('2020-06-09', 2, { etaMm: null, etcMm: 9 })
    const [found] = await loadYield(stores, farm, '2021-01-01')
    expect(found!.data.harvests[0]!.features.deficit).toBeCloseTo(0.2, 9)
  })
  it('omit features that are unknown on most days: unknown rain is not zero', async () => {
    await season(2020)
    await days('2020-06-01', 10, { rainMm: null })
    const [found] = await loadYield(stores, farm, '2021-01-01')
    expect(Object.keys(found!.data.harvests[0]!.features)).toEqual(['deficit', 'heat'])
  })
  it('that are active are known so far, days after today are not read', async () => {
    await season(2020)
    await days('2020-06-01', 10)
    await season(2021, { harvestedDay: null, yieldKg: null })
    await days('2021-06-01', 5)
    await days('2021-06-06', 3, { rainMm: 50 })
    const [found] = await loadYield(stores, farm, '2021-06-05')
    expect(found!.data.running).toMatchObject({
      year: 2021,
      plantedDay: '2021-06-01',
      features: { water: 3 },
    })
  })
  it('that were not closed end the day before the next one on the field, and are no longer active', async () => {
    await season(2020)
    await days('2020-06-01', 10)
    await season(2021, { harvestedDay: null, yieldKg: null })
    await days('2021-06-01', 10)
    await season(2021, {
      id: 'next',
      crop: 'wheat',
      plantedDay: '2021-06-11',
      harvestedDay: null,
      yieldKg: null,
    })
    await days('2021-06-11', 5, { rainMm: 50, tempMaxC: 35 })
    const found = async (day: string) => (await loadYield(stores, farm, day))[0]!.data.running
    const whole = { year: 2021, plantedDay: '2021-06-01', features: { water: 3, heat: 20 } }
    expect(await found('2021-06-10')).toMatchObject(whole)
    expect(await found('2021-06-11')).toBeNull()
  })
  it('that were not closed and have no successor are active for a year', async () => {
    await season(2020)
    await days('2020-06-01', 10)
    await season(2021, { harvestedDay: null, yieldKg: null })
    const found = async (day: string) => (await loadYield(stores, farm, day))[0]!.data.running
    expect(await found('2022-06-01')).toMatchObject({ year: 2021 })
    expect(await found('2022-06-02')).toBeNull()
  })
  it('entered on an unknown basis are not mixed with those on the basis of the crop', async () => {
    await season(2019, { crop: 'rice', yieldBasis: 'sacks from the field' })
    await season(2020, { crop: 'rice', yieldBasis: 'brown rice, 15 % moisture' })
    await days('2020-06-01', 10)
    const [found] = await loadYield(stores, farm, '2021-01-01')
    expect(found!.data.harvests.map(({ year }) => year)).toEqual([2020])
  })
  it('are the sum of their loads where they were weighed, on the basis and the harvested area', async () => {
    await season(2019, { crop: 'maize', yieldBasis: 'grain, 15.5 % moisture' })
    await season(2020, { crop: 'maize', yieldKg: null, harvestedM2: 4_000 })
    for (const [id, grossKg, voidedAtMs] of [
      ['one', 1_000, null],
      ['two', 900, null],
      ['wrong', 5_000, 1],
    ] as const)
      await stores.state
        .insertInto('harvestLoad')
        .values({
          id,
          org: ORG,
          farmId: farm.id,
          fieldId: 'field1',
          seasonId: '2020',
          day: '2020-06-10',
          ticket: null,
          form: 'grain',
          grossKg,
          moisturePct: 20,
          foreignPct: 0,
          grade: null,
          sieveMm: null,
          destination: null,
          meter: null,
          meterDay: null,
          enteredBy: 'x',
          enteredAtMs: 0,
          voidedBy: null,
          voidedAtMs,
          voidReason: null,
        })
        .execute()
    await days('2020-06-01', 10)
    const [found] = await loadYield(stores, farm, '2021-01-01')
    const dry = (1_900 * (100 - 20)) / (100 - 15.5)
    expect(found!.data.harvests.map((one) => [one.year, one.yield])).toEqual([
      [2019, 4],
      [2020, expect.closeTo((10 * dry) / 4_000, 9)],
    ])
  })
  it('of a crop that was never weighed are not used', async () => {
    await season(2020, { yieldKg: null })
    expect(await loadYield(stores, farm, '2021-01-01')).toEqual([])
  })
})
