/** Hours, days and summaries: what every series store must count alike, before housekeeping and after it. */
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import type { Reading, RolledSeries, SeriesStore } from '../../services/ports.ts'
import { bucketsByHand, reading, seededRandom } from './series-readings.ts'

const T0 = Date.UTC(2026, 6, 6)

/** `store`: the one of the suite, which opens another one on the same readings. */
export function rolledSuite(on: {
  open(): Promise<SeriesStore>
  store(): SeriesStore
  newOrg(): string
}): void {
  const { store, newOrg } = on
  const rolledDay = (org: string, step: 'hour' | 'day' = 'hour') =>
    store().rolled({ org, quantity: 'soil.moisture', fromMs: T0, toMs: T0 + DAY_MS, step })

  describe('roll-ups', () => {
    it('mean, min, max, first, last and count of an hour and of a day', async () => {
      const org = newOrg()
      const values: [number, number][] = [
        [0, 10],
        [20, 30],
        [40, 20],
        [60, 5],
        [90, 8],
      ]
      await store().append(
        values.map(([minute, value]) => reading({ org, atMs: T0 + minute * MINUTE_MS, value })).reverse(),
      )
      const hours = [
        {
          atMs: [T0, T0 + HOUR_MS],
          mean: [20, 6.5],
          min: [10, 5],
          max: [30, 8],
          first: [10, 5],
          last: [20, 8],
          count: [3, 2],
        },
      ]
      const days = [{ atMs: [T0], mean: [14.6], min: [5], max: [30], first: [10], last: [8], count: [5] }]
      expect(await rolledDay(org)).toMatchObject(hours)
      expect(closeTo(await rolledDay(org, 'day'))).toMatchObject(days)
      await store().maintain(T0 + 5 * DAY_MS)
      expect(await rolledDay(org)).toMatchObject(hours)
      expect(closeTo(await rolledDay(org, 'day'))).toMatchObject(days)
    })

    it('late readings of one device around a midnight change no day of another', async () => {
      const org = newOrg()
      const hourly = (device: string) =>
        Array.from({ length: 48 }, (_, hour) =>
          reading({ org, device, atMs: T0 + hour * HOUR_MS, value: hour }),
        )
      await store().append([...hourly('probe-1'), ...hourly('probe-2')])
      await store().maintain(T0 + 9 * DAY_MS)
      // one is late in the last hour of the first day, the other in the first hour of the second
      await store().append([
        reading({ org, device: 'probe-1', atMs: T0 + 23.5 * HOUR_MS, value: 23 }),
        reading({ org, device: 'probe-2', atMs: T0 + 24.5 * HOUR_MS, value: 24 }),
      ])
      const days = await store().rolled({
        org,
        quantity: 'soil.moisture',
        fromMs: T0,
        toMs: T0 + 2 * DAY_MS,
        step: 'day',
      })
      expect(days.map(({ device, count }) => ({ device, count }))).toEqual([
        { device: 'probe-1', count: [25, 24] },
        { device: 'probe-2', count: [24, 25] },
      ])
    })

    it('several quantities are read at once, without others', async () => {
      const org = newOrg()
      const quantities = ['soil.moisture', 'soil.temperature', 'soil.ec']
      await store().append(
        quantities.flatMap((quantity, index) =>
          [10, 30].map((depthCm) => reading({ org, quantity, depthCm, atMs: T0, value: index })),
        ),
      )
      const query = {
        org,
        quantity: ['soil.temperature', 'soil.moisture'],
        fromMs: T0,
        toMs: T0 + DAY_MS,
      }
      const names = [
        { quantity: 'soil.moisture', depthCm: 10 },
        { quantity: 'soil.moisture', depthCm: 30 },
        { quantity: 'soil.temperature', depthCm: 10 },
        { quantity: 'soil.temperature', depthCm: 30 },
      ]
      const withValue = (column: string) =>
        names.map((name) => ({ ...name, [column]: [name.quantity === 'soil.moisture' ? 0 : 1] }))
      const sorted = <T extends { quantity: string; depthCm: number | null }>(all: T[]): T[] =>
        all.toSorted((a, b) => a.quantity.localeCompare(b.quantity) || a.depthCm! - b.depthCm!)
      expect(sorted(await store().range(query))).toMatchObject(withValue('value'))
      expect(sorted(await store().means({ ...query, step: 'hour' }))).toMatchObject(withValue('mean'))
      await store().maintain(T0 + 5 * DAY_MS)
      expect(sorted(await store().rolled({ ...query, step: 'day' }))).toMatchObject(withValue('mean'))
      expect(sorted(await store().summaries(query))).toMatchObject(names)
      const none = { ...query, quantity: [] }
      expect(await store().range(none)).toEqual([])
      expect(await store().rolled({ ...none, step: 'day' })).toEqual([])
    })

    it('flag 1 and 2 count; suspect, failed and missing readings do not', async () => {
      const org = newOrg()
      await store().append(
        ([1, 2, 3, 4] as const).map((flag, i) =>
          reading({ org, atMs: T0 + i * MINUTE_MS, value: 10 * flag, flag }),
        ),
      )
      expect((await rolledDay(org))[0]).toMatchObject({ mean: [15], count: [2] })
    })

    it('a bucket that overlaps the range is returned whole', async () => {
      const org = newOrg()
      await store().append(
        [10, 50, 70, 130].map((minute) => reading({ org, atMs: T0 + minute * MINUTE_MS, value: minute })),
      )
      const [series] = await store().rolled({
        org,
        quantity: 'soil.moisture',
        fromMs: T0 + 30 * MINUTE_MS,
        toMs: T0 + 65 * MINUTE_MS,
        step: 'hour',
      })
      expect(series).toMatchObject({ atMs: [T0, T0 + HOUR_MS], mean: [30, 70], count: [2, 1] })
    })

    it('an hour and a day disappear when all their readings are rejected, and reappear with a good one', async () => {
      const org = newOrg()
      const entry = reading({ org, atMs: T0 + HOUR_MS, value: 10 })
      await store().append([entry, reading({ org, atMs: T0 + DAY_MS, value: 7 })])
      await store().maintain(T0 + 5 * DAY_MS)
      await store().append([{ ...entry, flag: 4 }])
      const summary = async () =>
        store().summaries({ org, quantity: 'soil.moisture', fromMs: T0, toMs: T0 + 2 * DAY_MS })
      for (let round = 0; round < 2; round++) {
        expect(await rolledDay(org)).toEqual([])
        expect(await rolledDay(org, 'day')).toEqual([])
        expect(await summary()).toMatchObject([{ days: 1, count: 1, mean: 7, min: 7, max: 7 }])
        await store().maintain(T0 + 5 * DAY_MS)
      }
      await store().append([entry])
      await store().maintain(T0 + 5 * DAY_MS)
      expect((await rolledDay(org, 'day'))[0]).toMatchObject({ mean: [10], count: [1] })
      expect(await summary()).toMatchObject([{ days: 2, count: 2, mean: 8.5, min: 7, max: 10 }])
    })

    it('readings from before the first rolled day count too', async () => {
      const org = newOrg()
      await store().append([reading({ org, atMs: T0 + 3 * DAY_MS, value: 10 })])
      await store().maintain(T0 + 5 * DAY_MS)
      await store().append([reading({ org, atMs: T0, value: 20 })])
      for (let round = 0; round < 2; round++) {
        expect((await rolledDay(org, 'day'))[0]).toMatchObject({ mean: [20], count: [1] })
        await store().maintain(T0 + 5 * DAY_MS)
      }
    })

    it('erased readings are in no roll-up, later ones are', async () => {
      const org = newOrg()
      await store().append([reading({ org, atMs: T0, value: 10 })])
      await store().maintain(T0 + 5 * DAY_MS)
      await store().erase({ org })
      expect(await rolledDay(org, 'day')).toEqual([])
      await store().append([reading({ org, atMs: T0 + MINUTE_MS, value: 30 })])
      for (let round = 0; round < 2; round++) {
        expect((await rolledDay(org, 'day'))[0]).toMatchObject({ mean: [30], count: [1] })
        await store().maintain(T0 + 5 * DAY_MS)
      }
    })

    it('concurrent housekeeping, erasure and earlier readings lose nothing, even after reopening the store', async () => {
      const org = newOrg()
      const season = Array.from({ length: 40 }, (_, day) =>
        reading({ org, atMs: T0 + day * DAY_MS, value: 1 }),
      )
      await store().append(season)
      const tending = store().maintain(T0 + 60 * DAY_MS)
      await store().erase({ org })
      await store().append([reading({ org, atMs: T0 + 20 * DAY_MS, value: 7 })])
      const again = store().maintain(T0 + 60 * DAY_MS)
      await store().append([reading({ org, atMs: T0 - 3 * DAY_MS, value: 5 })])
      await Promise.all([tending, again])
      await store().maintain(T0 + 60 * DAY_MS)
      const another = await on.open()
      try {
        const query = { org, quantity: 'soil.moisture', fromMs: T0 - 10 * DAY_MS, toMs: T0 + 60 * DAY_MS }
        for (const item of [store(), another])
          expect((await item.rolled({ ...query, step: 'day' }))[0]).toMatchObject({
            atMs: [T0 - 3 * DAY_MS, T0 + 20 * DAY_MS],
            mean: [5, 7],
          })
      } finally {
        await another.close()
      }
    })

    it('readings that arrive six weeks late change the hours and days they belong to', async () => {
      const org = newOrg()
      await store().append([reading({ org, atMs: T0, value: 10 })])
      await store().maintain(T0 + 42 * DAY_MS)
      expect((await rolledDay(org, 'day'))[0]?.mean).toEqual([10])
      await store().append([reading({ org, atMs: T0 + MINUTE_MS, value: 20 })])
      for (let round = 0; round < 2; round++) {
        expect((await rolledDay(org))[0]).toMatchObject({ mean: [15], first: [10], last: [20], count: [2] })
        expect((await rolledDay(org, 'day'))[0]).toMatchObject({ mean: [15], count: [2] })
        await store().maintain(T0 + 42 * DAY_MS)
      }
    })

    it('a season in random order, with duplicates, corrections and housekeeping in between, matches a direct count', async () => {
      const org = newOrg()
      const random = seededRandom(20260706)
      const truth = new Map<string, Reading>()
      for (let round = 0; round < 12; round++) {
        const batch = Array.from({ length: 200 }, () => {
          // mostly new readings, some of them days late, some said before with another value
          const dayBack = random() < 0.3 ? Math.floor(random() * round) : 0
          const minute = Math.floor(random() * 96) * 15
          const isUsable = random() < 0.9
          return reading({
            org,
            device: `probe-${Math.floor(random() * 3)}`,
            atMs: T0 + (round - dayBack) * DAY_MS + minute * MINUTE_MS,
            value: isUsable ? Math.round(random() * 1000) / 8 : null,
            flag: isUsable ? ([1, 2, 3, 4] as const)[Math.floor(random() * 4)]! : 9,
          })
        })
        for (const entry of batch) truth.set(`${entry.device} ${entry.atMs}`, entry)
        await store().append(batch)
        if (round % 3 !== 1) await store().maintain(T0 + (round + 1) * DAY_MS)

        const range = { org, quantity: 'soil.moisture', fromMs: T0, toMs: T0 + 20 * DAY_MS }
        const all = [...truth.values()].sort((a, b) => a.atMs - b.atMs)
        for (const series of await store().range(range)) {
          const mine = all.filter((entry) => entry.device === series.device)
          expect(series.atMs).toEqual(mine.map((entry) => entry.atMs))
          expect(series.value).toEqual(mine.map((entry) => entry.value))
          expect(series.flag).toEqual(mine.map((entry) => entry.flag))
        }
        const mineOf = ({ device }: { device: string }) => all.filter((entry) => entry.device === device)
        for (const step of ['hour', 'day'] as const)
          for (const series of await store().rolled({ ...range, step }))
            expect(closeTo([series])[0]).toMatchObject(closeTo([bucketsByHand(mineOf(series), step)])[0]!)
        for (const step of ['hour', 'day'] as const)
          expect(await store().means({ ...range, step })).toMatchObject(
            (await store().rolled({ ...range, step })).map(({ device, atMs, mean }) => ({
              device,
              atMs,
              mean,
            })),
          )
        for (const { days, count, mean, min, max, ...series } of await store().summaries(range)) {
          const usable = mineOf(series).filter(({ flag, value }) => flag <= 2 && value !== null)
          const values = usable.map(({ value }) => value!)
          expect({ days, count, min, max }).toEqual({
            days: new Set(usable.map(({ atMs }) => Math.floor(atMs / DAY_MS))).size,
            count: values.length,
            min: Math.min(...values),
            max: Math.max(...values),
          })
          expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 9)
        }
        expect(await store().summaries(range)).toHaveLength(
          (await store().rolled({ ...range, step: 'day' })).length,
        )
      }
      const season = {
        org,
        quantity: 'soil.moisture',
        fromMs: T0,
        toMs: T0 + 20 * DAY_MS,
        step: 'hour',
      } as const
      const rolled = await store().rolled(season)
      expect(rolled).toHaveLength(3)
      // who opens the same store reads the same
      const another = await on.open()
      try {
        expect(await another.rolled(season)).toEqual(rolled)
      } finally {
        await another.close()
      }
    })
  })
}

/** Means are the same numbers summed in another order: equal to 9 digits. */
function closeTo<T extends Pick<RolledSeries, 'mean'>>(all: T[]): T[] {
  return all.map((entry) => ({ ...entry, mean: entry.mean.map((value) => Number(value.toPrecision(9))) }))
}
