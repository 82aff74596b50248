/** What every series store must do, whatever it keeps its readings in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import { isTilthError } from '../../services/errors.ts'
import type { Reading, SeriesStore } from '../../services/ports.ts'
import { collect, reading } from './series-readings.ts'
import { rolledSuite } from './series-rolled-suite.ts'

export interface SeriesBench {
  open(): Promise<SeriesStore>
  /** Takes the store away from under the adapter, and gives it back. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

const T0 = Date.UTC(2026, 6, 6) // 6 July 2026, 00:00 UTC

/** Runs the suite; each test has an organisation of its own. */
export function seriesSuite(startBench: () => Promise<SeriesBench>): void {
  let bench: SeriesBench
  let store: SeriesStore
  let count = 0
  const newOrg = () => `org-${++count}`

  beforeAll(async () => {
    bench = await startBench()
    store = await bench.open()
  })
  afterAll(async () => {
    await store?.close()
    await bench?.close()
  })

  const everything = (org: string, quantity = 'soil.moisture') =>
    store.range({ org, quantity, fromMs: 0, toMs: T0 + 400 * DAY_MS })
  const rolledDay = (org: string, step: 'hour' | 'day' = 'hour') =>
    store.rolled({ org, quantity: 'soil.moisture', fromMs: T0, toMs: T0 + DAY_MS, step })

  describe('append', () => {
    it('an empty store returns nothing, and an empty batch is accepted', async () => {
      const org = newOrg()
      await store.append([])
      expect(await everything(org)).toEqual([])
      expect(await rolledDay(org)).toEqual([])
      expect(await store.latest({ org })).toEqual([])
      expect(await collect(store.stream({ org }))).toEqual([])
    })

    it('a duplicate reading is stored once', async () => {
      const org = newOrg()
      const entry = reading({ org, atMs: T0, value: 21.4 })
      await store.append([entry, entry])
      await store.append([entry])
      const [series] = await everything(org)
      expect(series).toEqual({
        farm: 'farm-1',
        field: 'field-1',
        device: 'probe-1',
        quantity: 'soil.moisture',
        depthCm: 30,
        atMs: [T0],
        value: [21.4],
        flag: [1],
      })
      expect((await rolledDay(org))[0]?.count).toEqual([1])
    })

    it('a repeated reading with another value or flag is replaced, and so are its roll-ups', async () => {
      const org = newOrg()
      await store.append([
        reading({ org, atMs: T0, value: 20 }),
        reading({ org, atMs: T0 + MINUTE_MS, value: 40, flag: 2 }),
      ])
      expect((await rolledDay(org))[0]?.mean).toEqual([30])
      await store.maintain(T0 + DAY_MS)
      await store.append([
        reading({ org, atMs: T0, value: 22 }),
        reading({ org, atMs: T0 + MINUTE_MS, value: 40, flag: 4 }),
      ])
      const [series] = await everything(org)
      expect([series?.value, series?.flag]).toEqual([
        [22, 40],
        [1, 4],
      ])
      expect((await rolledDay(org))[0]).toMatchObject({ mean: [22], max: [22], count: [1] })
    })

    it('a number replaced by a missing reading is a gap', async () => {
      const org = newOrg()
      await store.append([reading({ org, atMs: T0, value: 20 })])
      await store.append([reading({ org, atMs: T0, value: null, flag: 9 })])
      expect((await everything(org))[0]?.value).toEqual([null])
      expect(await rolledDay(org)).toEqual([])
    })

    it('an old reading resent by a moved device stays one, in its original field', async () => {
      const org = newOrg()
      const old = reading({ org, atMs: T0, value: 20 })
      await store.append([old])
      await store.append([
        { ...old, field: 'field-2' },
        reading({ org, atMs: T0 + HOUR_MS, value: 30, field: 'field-2' }),
      ])
      await store.append([{ ...old, field: 'field-2', value: 21 }])
      expect((await everything(org)).map(({ field, atMs, value }) => ({ field, atMs, value }))).toEqual([
        { field: 'field-1', atMs: [T0], value: [21] },
        { field: 'field-2', atMs: [T0 + HOUR_MS], value: [30] },
      ])
      expect((await collect(store.stream({ org }))).length).toBe(2)
    })

    it('the same reading under two fields in one batch stays one, in the first', async () => {
      const org = newOrg()
      const entry = reading({ org, atMs: T0, value: 20 })
      await store.append([entry, { ...entry, field: 'field-2' }])
      expect((await everything(org)).map((series) => series.field)).toEqual(['field-1'])
    })

    it.each([
      ['value', { value: Number.NaN }],
      ['value', { value: Infinity }],
      ['atMs', { atMs: 1.5 }],
      ['atMs', { atMs: -1 }],
      ['depthCm', { depthCm: Number.NaN }],
      ['device', { device: '' }],
      ['field', { field: 'a\nb' }],
      ['flag', { flag: 7 as 4 }],
      ['origin', { origin: 'guessed' as 'entered' }],
    ])('a reading with an invalid %s is rejected with its whole batch (%o)', async (name, wrong) => {
      const org = newOrg()
      const refused = store.append([
        reading({ org, atMs: T0, value: 1 }),
        reading({ org, atMs: T0, value: 1, ...wrong }),
      ])
      await expect(refused).rejects.toSatisfy(
        (error: Error) => isTilthError(error, 'STORE_REFUSED') && error.message.includes(`: ${name} must be`),
      )
      expect(await everything(org)).toEqual([])
    })

    it('10,000 readings of 40 series in one batch are all stored, in order', async () => {
      const org = newOrg()
      const batch: Reading[] = []
      for (let i = 0; i < 250; i++)
        for (let s = 0; s < 40; s++)
          batch.push(reading({ org, atMs: T0 + i * 5 * MINUTE_MS, value: i + s / 100, device: `probe-${s}` }))
      await store.append(batch)
      const series = await everything(org)
      expect(series.length).toBe(40)
      for (const { device, atMs, value } of series) {
        const s = Number(device.slice('probe-'.length))
        expect(atMs).toEqual(Array.from({ length: 250 }, (_, i) => T0 + i * 5 * MINUTE_MS))
        expect(value).toEqual(Array.from({ length: 250 }, (_, i) => i + s / 100))
      }
    })
  })

  describe('range', () => {
    it('includes the first instant and excludes the last; a limit keeps the earliest of each series', async () => {
      const org = newOrg()
      const at = [0, 1, 2, 3, 4].map((i) => T0 + i * MINUTE_MS)
      await store.append(
        at.flatMap((atMs) => [
          reading({ org, atMs, value: 1 }),
          reading({ org, atMs, value: 2, depthCm: 60 }),
        ]),
      )
      const query = { org, quantity: 'soil.moisture', fromMs: at[1]!, toMs: at[4]! }
      expect((await store.range(query)).map((s) => s.atMs)).toEqual([at.slice(1, 4), at.slice(1, 4)])
      expect((await store.range({ ...query, limit: 2 })).map((s) => s.atMs)).toEqual([
        at.slice(1, 3),
        at.slice(1, 3),
      ])
      expect(await store.range({ ...query, toMs: query.fromMs })).toEqual([])
    })

    it('filters by farm, field or any of several fields, device and depth; null matches series without a depth; 0 cm is not null', async () => {
      const org = newOrg()
      const base = { org, atMs: T0, value: 1 }
      await store.append([
        reading({ ...base, depthCm: null }),
        reading({ ...base, depthCm: 0 }),
        reading({ ...base, depthCm: 7.5 }),
        reading({ ...base, farm: 'farm-2', device: 'probe-2' }),
        reading({ ...base, field: 'field-2', device: 'probe-3' }),
        reading({ ...base, org: `${org}-neighbour` }),
      ])
      const names = async (part: object) =>
        (await store.range({ org, quantity: 'soil.moisture', fromMs: T0, toMs: T0 + 1, ...part })).map(
          (s) => `${s.farm} ${s.field} ${s.device} ${s.depthCm}`,
        )
      expect(await names({})).toEqual([
        'farm-1 field-1 probe-1 null',
        'farm-1 field-1 probe-1 0',
        'farm-1 field-1 probe-1 7.5',
        'farm-1 field-2 probe-3 30',
        'farm-2 field-1 probe-2 30',
      ])
      expect(await names({ depthCm: null })).toEqual(['farm-1 field-1 probe-1 null'])
      expect(await names({ depthCm: 0 })).toEqual(['farm-1 field-1 probe-1 0'])
      expect(await names({ depthCm: 7.5 })).toEqual(['farm-1 field-1 probe-1 7.5'])
      expect(await names({ farm: 'farm-2' })).toEqual(['farm-2 field-1 probe-2 30'])
      expect(await names({ field: 'field-2' })).toEqual(['farm-1 field-2 probe-3 30'])
      expect(await names({ fields: ['field-2', 'field-9'] })).toEqual(['farm-1 field-2 probe-3 30'])
      expect(await names({ fields: ['field-2', 'field-1'], farm: 'farm-2' })).toEqual([
        'farm-2 field-1 probe-2 30',
      ])
      expect(await names({ fields: ['field-1'], device: 'probe-2' })).toEqual(['farm-2 field-1 probe-2 30'])
      expect(await names({ device: 'probe-2' })).toEqual(['farm-2 field-1 probe-2 30'])
    })

    it('a star matches every instance of a quantity, and nothing else', async () => {
      const org = newOrg()
      for (const quantity of [
        'trap.count/codling-moth',
        'trap.count/oriental-fruit-moth',
        'trap.counter/x',
        'trap_count/y',
      ])
        await store.append([reading({ org, quantity, atMs: T0, value: 7, depthCm: null })])
      const quantities = (await everything(org, 'trap.count/*')).map((s) => s.quantity)
      expect(quantities).toEqual(['trap.count/codling-moth', 'trap.count/oriental-fruit-moth'])
      expect((await everything(org, 'trap.count/codling-moth')).length).toBe(1)
    })

    it('a null is a gap that stays a gap, and 0 stays 0', async () => {
      const org = newOrg()
      await store.append([
        reading({ org, atMs: T0, value: 0 }),
        reading({ org, atMs: T0 + MINUTE_MS, value: null, flag: 9 }),
        reading({ org, atMs: T0 + 2 * MINUTE_MS, value: -0.5, flag: 4 }),
      ])
      const [series] = await everything(org)
      expect(series).toMatchObject({ value: [0, null, -0.5], flag: [1, 9, 4] })
      expect((await rolledDay(org))[0]).toMatchObject({ mean: [0], count: [1] })
    })
  })

  rolledSuite({
    open: () => bench.open(),
    store: () => store,
    newOrg,
  })

  describe('latest', () => {
    it('the newest reading of each series with flag 1 to 3, of the organisation, a field or a device', async () => {
      const org = newOrg()
      await store.append([
        reading({ org, atMs: T0, value: 1 }),
        reading({ org, atMs: T0 + MINUTE_MS, value: 2, flag: 3 }),
        reading({ org, atMs: T0 + 2 * MINUTE_MS, value: 99, flag: 4 }),
        reading({ org, atMs: T0 + 3 * MINUTE_MS, value: null, flag: 9 }),
        reading({
          org,
          atMs: T0,
          value: 5,
          field: 'field-2',
          device: 'probe-2',
          quantity: 'air.temperature',
          depthCm: null,
        }),
      ])
      await store.append([reading({ org, atMs: T0 - HOUR_MS, value: 0 })]) // late
      const soil = {
        field: 'field-1',
        device: 'probe-1',
        depthCm: 30,
        atMs: T0 + MINUTE_MS,
        value: 2,
        flag: 3,
      }
      const air = {
        field: 'field-2',
        quantity: 'air.temperature',
        depthCm: null,
        atMs: T0,
        value: 5,
        flag: 1,
      }
      expect(await store.latest({ org })).toMatchObject([soil, air])
      expect(await store.latest({ org, field: 'field-2' })).toMatchObject([air])
      expect(await store.latest({ org, device: 'probe-1' })).toMatchObject([soil])
      expect(await store.latest({ org, sinceMs: T0 + MINUTE_MS })).toMatchObject([soil])
    })

    it('a probe that fell silent last month is still returned, with its age', async () => {
      const org = newOrg()
      await store.append([
        reading({ org, atMs: T0 - 30 * DAY_MS, value: 1, device: 'silent' }),
        reading({ org, atMs: T0 - 30 * DAY_MS, value: 2, device: 'failing' }),
        reading({ org, atMs: T0, value: 3, device: 'failing', flag: 4 }),
        reading({ org, atMs: T0, value: 4 }),
      ])
      await store.maintain(T0 + DAY_MS)
      const output = (await store.latest({ org })).map((entry) => [entry.device, entry.atMs, entry.value])
      expect(output).toEqual([
        ['failing', T0 - 30 * DAY_MS, 2],
        ['probe-1', T0, 4],
        ['silent', T0 - 30 * DAY_MS, 1],
      ])
      expect((await store.latest({ org, sinceMs: T0 - DAY_MS })).map((entry) => entry.device)).toEqual([
        'probe-1',
      ])
    })

    it('when the newest reading is rejected, the one before it is the newest again', async () => {
      const org = newOrg()
      for (const days of [0, 10]) {
        const atMs = T0 + days * DAY_MS
        await store.append([
          reading({ org, atMs, value: 1 }),
          reading({ org, atMs: atMs + MINUTE_MS, value: 60 }),
        ])
        await store.append([reading({ org, atMs: atMs + MINUTE_MS, value: 60, flag: 4 })])
        expect(await store.latest({ org })).toMatchObject([{ atMs, value: 1, flag: 1 }])
        await store.append([reading({ org, atMs, value: 1, flag: 4 })])
        expect(await store.latest({ org })).toMatchObject(
          days === 0 ? [] : [{ atMs: T0 + MINUTE_MS, value: 2 }],
        )
        await store.append([reading({ org, atMs: T0 + MINUTE_MS, value: 2 })])
        await store.maintain(T0 + 20 * DAY_MS)
      }
    })
  })

  describe('stream and erase', () => {
    const origins = ['measured', 'estimated', 'interpolated', 'entered'] as const
    const harvest = (org: string): Reading[] =>
      [40, 3, 2, 1, 0].flatMap((day, i) => [
        reading({ org, atMs: T0 - day * DAY_MS, value: day, origin: origins[i % 4]! }),
        reading({ org, atMs: T0 - day * DAY_MS, value: null, flag: 9, field: 'field-2', device: 'probe-2' }),
        reading({
          org,
          atMs: T0 - day * DAY_MS + 1,
          value: 1,
          farm: 'farm-2',
          device: 'probe-3',
          depthCm: null,
        }),
      ])

    it('streams every reading once, in time order, over gaps of weeks, with its flag and origin', async () => {
      const org = newOrg()
      const sent = harvest(org)
      await store.append(sent.toReversed())
      expect(await collect(store.stream({ org }))).toEqual(sent)
      await store.maintain(T0 + DAY_MS)
      expect(await collect(store.stream({ org }))).toEqual(sent)
      expect(await collect(store.stream({ org, farm: 'farm-2' }))).toEqual(
        sent.filter((r) => r.farm === 'farm-2'),
      )
      expect(await collect(store.stream({ org, field: 'field-2' }))).toEqual(
        sent.filter((r) => r.field === 'field-2'),
      )
    })

    it('erases a field, a farm or an organisation permanently and nothing else', async () => {
      const [org, other] = [newOrg(), newOrg()]
      await store.append([...harvest(org), ...harvest(other)])
      await rolledDay(org)
      await store.maintain(T0 + DAY_MS)

      expect([5, null]).toContain(await store.erase({ org, field: 'field-2' }))
      expect((await collect(store.stream({ org }))).length).toBe(10)
      expect([5, null]).toContain(await store.erase({ org, farm: 'farm-2' }))
      expect((await collect(store.stream({ org }))).length).toBe(5)
      expect([5, null]).toContain(await store.erase({ org }))
      expect(await collect(store.stream({ org }))).toEqual([])
      expect(await store.latest({ org })).toEqual([])
      expect(await rolledDay(org)).toEqual([])
      expect([0, null]).toContain(await store.erase({ org }))
      expect(await collect(store.stream({ org: other }))).toEqual(harvest(other))
    })

    it('an erased series can get new readings', async () => {
      const org = newOrg()
      await store.append([reading({ org, atMs: T0, value: 1 })])
      await store.erase({ org })
      await store.append([reading({ org, atMs: T0, value: 2, field: 'field-9' })])
      expect(await everything(org)).toMatchObject([{ field: 'field-9', value: [2] }])
      expect((await rolledDay(org))[0]?.mean).toEqual([2])
    })
  })

  it.each([
    `O'Brien "north", 2=a b`,
    `back\\slash\\`,
    `100 %5C`,
    `'; DROP SERIES FROM /.*/; --`,
    '圃場 いち',
    '$1 {x} [y] (z) /.*/ # _',
    ' leading and trailing ',
  ])('a field, a farm, a device and an instance may be called %j (B14)', async (name) => {
    const org = newOrg()
    const strange = reading({
      org,
      farm: name,
      field: name,
      device: name,
      quantity: `water.total/${name}`,
      depthCm: null,
      atMs: T0,
      value: 3,
    })
    await store.append([strange, reading({ org, atMs: T0, value: 1 })])
    const query = { org, farm: name, field: name, device: name, fromMs: T0, toMs: T0 + DAY_MS }
    const named = { farm: name, field: name, device: name, quantity: `water.total/${name}`, depthCm: null }
    expect(await store.range({ ...query, quantity: `water.total/${name}` })).toMatchObject([
      { ...named, value: [3] },
    ])
    expect(await store.rolled({ ...query, quantity: 'water.total/*', step: 'day' })).toMatchObject([
      { ...named, mean: [3] },
    ])
    expect(await store.latest({ org, field: name, device: name })).toMatchObject([{ ...named, value: 3 }])
    expect(await collect(store.stream({ org, field: name }))).toEqual([strange])
    await store.erase({ org, farm: name, field: name })
    expect((await collect(store.stream({ org }))).length).toBe(1)
  })

  describe('an unavailable store', () => {
    it('reports it, loses no acknowledged reading, and accepts the same readings once it is back', async () => {
      const org = newOrg()
      await store.append([reading({ org, atMs: T0, value: 1 })])
      const waiting = [reading({ org, atMs: T0, value: 1 }), reading({ org, atMs: T0 + MINUTE_MS, value: 2 })]
      await bench.goAway()
      try {
        await expect(store.append(waiting)).rejects.toSatisfy((e) => isTilthError(e, 'STORE_UNAVAILABLE'))
      } finally {
        await bench.comeBack()
      }
      await store.append(waiting)
      expect((await everything(org))[0]?.value).toEqual([1, 2])
      expect(await store.isReady()).toBe(true)
    })

    it('a second connection to the same store reads the readings of the first', async () => {
      const org = newOrg()
      await store.append([reading({ org, atMs: T0, value: 1 })])
      const second = await bench.open()
      try {
        expect(
          (await second.range({ org, quantity: 'soil.moisture', fromMs: T0, toMs: T0 + 1 }))[0]?.value,
        ).toEqual([1])
      } finally {
        await second.close()
      }
    })
  })
}
