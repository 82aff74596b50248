/**
 * Days on InfluxDB, which keeps no roll-ups of its own that 1.x and 2.x share: those of `soil.moisture` stand in
 * `~days/soil.moisture`, a point each, under the tags of the series, at the number of the day (queries.ts says why).
 * Hours are counted when they are asked for.
 *
 * `~until` says up to which day a quantity of an organisation is rolled, `~due` which of the days before have changed
 * since. Days that are due, and those not rolled yet, are counted from their readings, so nobody sees a stale roll-up.
 *
 * What this cannot see: another program that writes old readings into the same database.
 */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Reading, SeriesQuery } from '../../ports.ts'
import type { Bucket, BucketRow } from '../buckets.ts'
import { instancePrefix } from '../readings.ts'
import type { InfluxClient, InfluxPoint, InfluxRow } from './client.ts'
import { rollUpMeasurement, decodeName } from './names.ts'
import {
  countedQuery,
  dayNumber,
  DUE_QUERY,
  firstQuery,
  QUANTITIES_QUERY,
  rolledQuery,
  UNTIL_QUERY,
} from './queries.ts'
import { nameOf, tagsOf, withDayInstants } from './rows.ts'

export interface Span {
  fromMs: AtMs
  toMs: AtMs
}

export interface RollUps {
  /** To be called before readings are written: days that were rolled are due from now on. */
  markChanged(readings: readonly Reading[]): Promise<void>
  /** The part of a span, in whole days, that must be counted from its readings; null: all of it is rolled. */
  unrolled(query: SeriesQuery): Promise<Span | null>
  /** Rolls what is due and over, a step at a time; `alone` keeps appends out of a step. */
  roll(nowMs: AtMs, alone: <T>(step: () => Promise<T>) => Promise<T>): Promise<void>
  /** To be called when readings have been erased, and with them what InfluxDB keeps of their roll-ups. */
  forget(): void
}

interface RollUpState {
  org: string
  quantity: string
  untilMs: AtMs | null // all days before are rolled, but for those due; null: none is
  due: Set<AtMs> // days
}

// a device that was out of reach for a moment has sent its last readings of the day
const GRACE_MS = 10 * 60_000
// a step of housekeeping, for a quantity that is rolled for the first time
const DAYS_PER_STEP = 7
const POINTS_PER_WRITE = 5_000

const dayOf = (atMs: AtMs): AtMs => Math.floor(atMs / DAY_MS) * DAY_MS

export function createRollUps(client: InfluxClient): RollUps {
  let loaded: Promise<Map<string, RollUpState>> | null = null
  /** What is kept, by organisation and quantity. */
  const kept = (): Promise<Map<string, RollUpState>> => {
    loaded ??= load(client).catch((error: unknown) => {
      loaded = null
      throw error
    })
    return loaded
  }

  async function rollStep({ org, quantity }: RollUpState, span: Span): Promise<void> {
    const asked = { org, quantity, ...span }
    const days = await client.query(countedQuery({ ...asked, step: 'day' }))
    const before = (await client.query(rolledQuery(asked))).map(withDayInstants)
    const points = [
      ...withoutReadings(before, days).map(({ row, atMs }) => dayPoint(org, row, { ...EMPTY, atMs })),
      ...days.flatMap((row) => bucketsOf(row).map((day) => dayPoint(org, row, day))),
    ]
    for (let i = 0; i < points.length; i += POINTS_PER_WRITE)
      await client.write(points.slice(i, i + POINTS_PER_WRITE))
  }

  async function rollNew(one: RollUpState, overMs: AtMs): Promise<void> {
    const span = { fromMs: one.untilMs!, toMs: Math.min(overMs, one.untilMs! + DAYS_PER_STEP * DAY_MS) }
    await rollStep(one, span)
    await client.write([untilPoint(one, span.toMs)])
    one.untilMs = span.toMs
  }

  async function rollAgain(one: RollUpState, dayMs: AtMs): Promise<void> {
    await rollStep(one, { fromMs: dayMs, toMs: dayMs + DAY_MS })
    await client.write([duePoint(one, dayMs, 0)])
    one.due.delete(dayMs)
  }

  return {
    async markChanged(readings) {
      const all = await kept()
      const points: InfluxPoint[] = []
      for (const { org, quantity, atMs } of readings) {
        const one = all.get(keyOf(org, quantity))
        if (one === undefined) {
          all.set(keyOf(org, quantity), notRolled(org, quantity))
          continue
        }
        const dayMs = dayOf(atMs)
        if (one.untilMs === null || dayMs >= one.untilMs || one.due.has(dayMs)) continue
        one.due.add(dayMs)
        points.push(duePoint(one, dayMs, 1))
      }
      if (points.length === 0) return
      await client.write(points).catch((error: unknown) => {
        loaded = null // what stands in InfluxDB is asked for again
        throw error
      })
    },

    async unrolled({ org, quantity, fromMs, toMs }) {
      const prefix = instancePrefix(quantity)
      const days: AtMs[] = []
      for (const one of (await kept()).values()) {
        const isMeant = prefix === null ? one.quantity === quantity : one.quantity.startsWith(prefix)
        if (one.org !== org || !isMeant) continue
        const untilMs = one.untilMs ?? fromMs
        if (untilMs < toMs) days.push(dayOf(Math.max(untilMs, fromMs)), dayOf(toMs - 1))
        for (const dayMs of one.due) if (dayMs + DAY_MS > fromMs && dayMs < toMs) days.push(dayMs)
      }
      if (days.length === 0) return null
      return {
        fromMs: days.reduce((least, day) => Math.min(least, day), Infinity),
        toMs: days.reduce((most, day) => Math.max(most, day), -Infinity) + DAY_MS,
      }
    },

    async roll(nowMs, alone) {
      const overMs = dayOf(nowMs - GRACE_MS)
      const all = await kept()
      // what was erased meanwhile is not rolled from what was known before
      const step = (run: () => Promise<void>) =>
        alone(async () => {
          if ((await kept()) !== all) return false
          await run()
          return true
        })
      for (const one of [...all.values()]) {
        if (!(await step(async () => void (one.untilMs ??= await firstDay(client, one))))) return
        for (const dayMs of [...one.due].sort((a, b) => a - b))
          if (!(await step(() => rollAgain(one, dayMs)))) return
        while (one.untilMs !== null && one.untilMs < overMs)
          if (!(await step(() => rollNew(one, overMs)))) return
      }
    },

    forget: () => void (loaded = null),
  }
}

async function load(client: InfluxClient): Promise<Map<string, RollUpState>> {
  const all = new Map<string, RollUpState>()
  for (const row of await client.query(QUANTITIES_QUERY))
    for (const [, tag] of row.values) {
      const [org, quantity] = [decodeName(String(tag)), decodeName(row.name)]
      all.set(keyOf(org, quantity), notRolled(org, quantity))
    }
  const named = ({ tags }: InfluxRow) => ({
    org: decodeName(tags.org ?? ''),
    quantity: decodeName(tags.quantity ?? ''),
  })
  for (const row of await client.query(UNTIL_QUERY)) {
    const { org, quantity } = named(row)
    const one = all.get(keyOf(org, quantity))
    if (one !== undefined) one.untilMs = row.values[0]![1] as number
  }
  for (const row of await client.query(DUE_QUERY)) {
    const { org, quantity } = named(row)
    const one = all.get(keyOf(org, quantity))
    for (const [atMs] of row.values) one?.due.add(atMs as number)
  }
  return all
}

/** Where rolling begins with what has not been rolled at all; null: there is no reading. */
async function firstDay(client: InfluxClient, { org, quantity }: RollUpState): Promise<AtMs | null> {
  const [row] = await client.query(firstQuery({ org }, 0, quantity))
  return row === undefined ? null : dayOf(row.values[0]![0] as number)
}

const notRolled = (org: string, quantity: string): RollUpState => ({
  org,
  quantity,
  untilMs: null,
  due: new Set(),
})
const keyOf = (org: string, quantity: string): string => `${org}\n${quantity}`

/** Rows of `countedQuery`, and of `rolledQuery` `withDayInstants`, in time order. */
const bucketsOf = ({ values }: InfluxRow): Bucket[] =>
  (values as BucketRow[]).map(([atMs, mean, min, max, first, last, count]) => ({
    atMs,
    mean,
    min,
    max,
    first,
    last,
    count,
  }))

/** A day without readings: it adds nothing to a sum, and no least or most is found in it. */
const EMPTY = { mean: 0, min: Number.MAX_VALUE, max: -Number.MAX_VALUE, first: 0, last: 0, count: 0 }

function dayPoint(org: string, row: InfluxRow, { atMs, ...floats }: Bucket): InfluxPoint {
  const name = nameOf(row)
  return {
    measurement: rollUpMeasurement(name.quantity),
    tags: tagsOf(org, name),
    floats: { ...floats, sum: floats.mean * floats.count, days: floats.count > 0 ? 1 : 0 },
    atMs: dayNumber(atMs),
  }
}

/** Days that were rolled once, and hold no usable reading any more. */
function withoutReadings(before: readonly InfluxRow[], days: readonly InfluxRow[]) {
  const seriesOf = (row: InfluxRow) => JSON.stringify(nameOf(row))
  const full = new Map(days.map((row) => [seriesOf(row), new Set(bucketsOf(row).map(({ atMs }) => atMs))]))
  return before.flatMap((row) =>
    bucketsOf(row)
      .filter(({ atMs, count }) => count > 0 && full.get(seriesOf(row))?.has(atMs) !== true)
      .map(({ atMs }) => ({ row, atMs })),
  )
}

const untilPoint = ({ org, quantity }: RollUpState, untilMs: AtMs): InfluxPoint => ({
  measurement: '~until',
  tags: { org, quantity },
  floats: { until: untilMs },
  atMs: 0,
})

const duePoint = ({ org, quantity }: RollUpState, dayMs: AtMs, due: 0 | 1): InfluxPoint => ({
  measurement: '~due',
  tags: { org, quantity },
  floats: { due },
  atMs: dayMs,
})
