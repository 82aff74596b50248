/**
 * Diseases of closed days on real stores: which rows, from which readings, and the same ones however late they
 * arrived.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, addDays, startOfDay, type Day } from '../../../../broker/contract/time.ts'
import { closeDays } from '../../../../services/estimate/days/close-days.ts'
import { readDiseaseReason, type DiseaseDayRow } from '../../../../services/tables.ts'
import {
  deviceRow,
  dueAfter,
  farmRow,
  fieldRow,
  openStores,
  reading,
  seasonRow,
  stationReadings,
  type Daily,
  type Stores,
} from '../farm.ts'

const ZONE = 'Asia/Tokyo'
const PLACE = { timeZone: ZONE, latDeg: 36.4, lonDeg: 138.2, elevationM: 420 }
const FIRST = '2026-06-01'
// mild days; a dew point of 14.5 °C: humid from late evening to early morning
const mild: Daily = { tempMinC: 15, tempMaxC: 24, dewC: 14.5, radiationMJm2: 16, windMps: 0.6, rainMm: 0 }

let stores: Stores
beforeEach(async () => {
  stores = await openStores(Date.UTC(2026, 5, 1))
  const { state } = stores
  await state.insertInto('farm').values(farmRow(PLACE)).execute()
  await state
    .insertInto('device')
    .values(deviceRow({ windHeightM: 2 }))
    .execute()
})
afterEach(() => stores.close())

async function plant(crop: string, id = 'field1', plantedDay: Day = FIRST): Promise<void> {
  await stores.state
    .insertInto('field')
    .values(fieldRow({ id, name: id }))
    .execute()
  await stores.state
    .insertInto('season')
    .values(seasonRow({ id: `season-${id}`, fieldId: id, crop, year: 2026, plantedDay }))
    .execute()
}

const day = (n: number): Day => addDays(FIRST, n)

async function live(from: number, count: number, weather: Daily = mild, options = {}): Promise<void> {
  for (let n = from; n < from + count; n++)
    await stores.series.append(
      stationReadings(weather, day(n), { timeZone: ZONE, totalMm: 100 + n * weather.rainMm, ...options }),
    )
}

/** Readings of a leaf sensor: wet until 8:00. */
const leafSensor = (n: number) =>
  Array.from({ length: 24 }, (_, hour) =>
    reading('station1', 'leaf.wetness', startOfDay(day(n), ZONE) + hour * HOUR_MS, hour < 8 ? 1 : 0),
  )

const close = (n: number) => closeDays(stores, dueAfter(day(n), ZONE))

const allRows = (fieldId = 'field1') =>
  stores.state
    .selectFrom('diseaseDay')
    .selectAll()
    .where('fieldId', '=', fieldId)
    .orderBy('disease')
    .orderBy('day')
    .execute()
const rowOf = async (disease: string, n: number, fieldId = 'field1'): Promise<DiseaseDayRow> => {
  const row = (await allRows(fieldId)).find((one) => one.disease === disease && one.day === day(n))
  if (!row) throw new Error(`no row of ${disease} on ${day(n)}`)
  return row
}
const reasonOf = async (disease: string, n: number) => readDiseaseReason((await rowOf(disease, n)).reason)

describe('a closed day', () => {
  it('has a row for each disease of the crop, from the first day of the season', async () => {
    await plant('potato')
    await live(0, 4)
    await close(3)
    const rows = await allRows()
    expect([...new Set(rows.map((row) => row.disease))]).toEqual([
      'late-blight',
      'late-blight-hutton',
      'potato-early-blight',
    ])
    expect(rows.filter((row) => row.disease === 'late-blight').map((row) => row.day)).toEqual(
      [0, 1, 2, 3].map(day),
    )
    expect(await rowOf('potato-early-blight', 3)).toMatchObject({
      level: 'low',
      wetness: 'none',
      unit: 'P-days',
    })
  })

  it('keeps its level when its weather is no longer stored, after a gap of more than 31 days', async () => {
    await plant('potato')
    await live(0, 4)
    await close(3)
    const before = (await allRows()).filter(({ level }) => level !== 'unknown')
    expect(before.length).toBeGreaterThan(3)
    await stores.series.erase({ org: before[0]!.org })
    await close(40)
    const after = await allRows()
    for (const row of before) expect(after).toContainEqual(row)
  })

  it('without weather is written for the last day of a gap only, and one that is filled later is assessed', async () => {
    await plant('potato')
    await close(30)
    expect((await allRows()).map((row) => [row.day, row.level])).toEqual(
      Array.from({ length: 3 }, () => [day(30), 'unknown']),
    )
    await close(34)
    await live(33, 2)
    await close(35)
    expect((await allRows()).filter((row) => row.day === day(34)).map(({ level }) => level)).toContain('low')
  })

  it('has the stage of the field by its own clock: in heat maize is susceptible before its 30th day', async () => {
    await plant('maize')
    await live(0, 30, { ...mild, tempMinC: 22, tempMaxC: 36 })
    await close(29)
    const ofDays = await stores.state.selectFrom('fieldDay').select(['day', 'stage']).execute()
    const stages = new Map(ofDays.map((row) => [row.day, row.stage]))
    const rows = (await allRows()).filter(
      ({ disease, level }) => disease === 'maize-tar-spot' && level !== 'unknown',
    )
    const immune = rows.filter(({ reason }) => readDiseaseReason(reason).key === 'disease-stage')
    expect(immune.length).toBeGreaterThan(15)
    expect(immune.map((row) => row.day)).toEqual(
      rows.map((row) => row.day).filter((one) => stages.get(one) === 'initial'),
    )
    // by the calendar (FAO-56 Table 11) its first stage takes 30 days
    expect(rows.length - immune.length).toBeGreaterThan(3)
  })

  it('of a crop without a known disease has no rows', async () => {
    await plant('cotton')
    await live(0, 1)
    await close(0)
    expect(await allRows()).toEqual([])
  })

  it('states that leaf wetness is estimated, or measured once there is a sensor', async () => {
    await plant('tomato')
    await live(0, 8)
    for (let n = 2; n < 8; n++) await stores.series.append(leafSensor(n))
    await close(7)
    expect((await rowOf('tomato-early-blight', 1)).wetness).toBe('estimated')
    expect(await rowOf('tomato-early-blight', 7)).toMatchObject({ wetness: 'measured' })
    expect((await reasonOf('tomato-early-blight', 7)).params).toMatchObject({ wetH: 8, dsv: 1 })
  })

  it('counts rain of the gauge: 11 h at 10 °C infect apples', async () => {
    await plant('apple')
    const cool = { ...mild, tempMinC: 9.5, tempMaxC: 10.5, dewC: 5 }
    await live(0, 2, cool)
    // a tip every hour from 6:00 to 16:00
    const start = startOfDay(day(2), ZONE)
    await stores.series.append(
      stationReadings(cool, day(2), { timeZone: ZONE }).map((one) =>
        one.quantity === 'rain.cumulative'
          ? {
              ...one,
              value: 100 + 0.2 * Math.min(11, Math.max(0, Math.floor((one.atMs - start) / HOUR_MS) - 5)),
            }
          : one,
      ),
    )
    await close(2)
    expect(await rowOf('apple-scab', 2)).toMatchObject({ level: 'high', value: 11 })
    expect((await reasonOf('apple-scab', 2)).key).toBe('scab-infection')
    expect(await rowOf('apple-scab', 1)).toMatchObject({ level: 'low' })
  })
})

describe('missing inputs', () => {
  it('are named with the hour since when', async () => {
    await plant('tomato')
    await live(0, 2)
    await live(2, 1, mild, { hours: [0, 3] })
    await close(2)
    const row = await rowOf('tomato-early-blight', 2)
    expect(row).toMatchObject({ level: 'unknown', value: null, wetness: 'none' })
    expect(readDiseaseReason(row.reason)).toMatchObject({
      key: 'input-missing-since',
      params: { missing: 'wetness', since: '03:00', hours: 8 },
    })
  })

  it('without any station no disease is assessed', async () => {
    await plant('grape')
    await stores.state.deleteFrom('device').execute()
    await close(0)
    await close(1)
    const rows = await allRows()
    expect(rows).toHaveLength(6)
    for (const row of rows) expect(row.level).toBe('unknown')
  })

  it('a gap of two hours is interpolated', async () => {
    await plant('grape')
    await live(0, 1, mild, { hours: [0, 10] })
    await live(0, 1, mild, { hours: [12, 24] })
    await close(0)
    expect((await rowOf('grape-powdery-mildew', 0)).level).toBe('low')
  })
})

describe('late readings', () => {
  it('give the same rows as readings in time, including sums', async () => {
    await plant('tomato')
    await live(0, 3)
    await live(4, 2)
    for (let n = 0; n <= 5; n++) await close(n)
    expect((await rowOf('late-blight', 3)).level).toBe('unknown')
    const broken = await rowOf('late-blight', 5)
    await live(3, 1)
    await close(5)
    const late = await allRows()
    await stores.state.deleteFrom('diseaseDay').execute()
    await close(5)
    expect(late).toEqual(await allRows())
    expect(await rowOf('late-blight', 5)).not.toEqual(broken)
  })

  it('closing again writes the same rows', async () => {
    await plant('rice')
    await live(0, 7)
    await close(6)
    const once = await allRows()
    await close(6)
    expect(await allRows()).toEqual(once)
    expect(once.filter((row) => row.disease === 'rice-leaf-blast')).toHaveLength(7)
  })

  it('rows of another parameter version are recomputed from the start', async () => {
    await plant('grape')
    await live(0, 6)
    await close(5)
    const rows = await allRows()
    await stores.state.updateTable('diseaseDay').set({ paramsVersion: 'old', value: -1 }).execute()
    await close(5)
    expect(await allRows()).toEqual(rows)
  })
})

describe('many fields', () => {
  it('that follow one station share its figures; a later planting counts from its own day', async () => {
    await plant('potato', 'early')
    await plant('potato', 'twin')
    await plant('potato', 'late', day(4))
    await live(0, 8)
    await close(7)
    const ofField = async (id: string) => (await allRows(id)).map(({ fieldId: _, ...row }) => row)
    expect(await ofField('twin')).toEqual(await ofField('early'))
    const [early, late] = [
      await rowOf('potato-early-blight', 7, 'early'),
      await rowOf('potato-early-blight', 7, 'late'),
    ]
    expect(Math.abs(early.value! - 2 * late.value!)).toBeLessThanOrEqual(1) // whole P-days
  })
})

describe('a season that is over', () => {
  it('ends on the day of harvest, and the next one starts at 0', async () => {
    await plant('potato')
    await live(0, 6)
    await close(3)
    await stores.state
      .updateTable('season')
      .set({ harvestedDay: day(4) })
      .execute()
    await close(5)
    expect(
      (await allRows())
        .map((row) => row.day)
        .toSorted()
        .at(-1),
    ).toBe(day(4))
    await stores.state
      .insertInto('season')
      .values(seasonRow({ id: 'next', crop: 'tomato', year: 2027, plantedDay: day(6) }))
      .execute()
    await live(6, 1)
    await close(6)
    expect((await reasonOf('late-blight', 6)).params).toMatchObject({
      seasonSvLo: (await reasonOf('late-blight', 6)).params.sv,
    })
  })
})
