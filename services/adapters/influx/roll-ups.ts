/**
 * Daily roll-ups on InfluxDB, since 1.x and 2.x have no common roll-ups: those of `soil.moisture` are points in
 * `~days/soil.moisture` with the tags of the series, at the number of the day (see queries.ts). Hours are counted on
 * request.
 *
 * `~until` stores up to which day a quantity of an organisation is rolled, `~due` which earlier days have changed
 * since. Due days and days not yet rolled are counted from their readings, so no stale roll-up is returned.
 *
 * Limitation: another program that writes old readings into the same database.
 */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Reading, SeriesQuery } from '../../ports.ts'
import type { Bucket, BucketRow } from '../time-buckets.ts'
import { quantityFilter } from '../readings.ts'
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
  /** Call it before readings are written: their rolled days become due. */
  markChanged(readings: readonly Reading[]): Promise<void>
  /** The part of a span, in whole days, that must be counted from readings; null: all of it is rolled. */
  unrolled(query: SeriesQuery): Promise<Span | null>
  /** Rolls completed and due days, step by step; `runExclusively` excludes appends during a step. */
  roll(nowMs: AtMs, runExclusively: <T>(step: () => Promise<T>) => Promise<T>): Promise<void>
  /** Call it when readings, and with them their roll-ups, have been erased. */
  forget(): void
}

interface RollUpState {
  org: string
  quantity: string
  untilMs: AtMs | null // all earlier days except due ones are rolled; null: none is
  due: Set<AtMs> // days
}

// a device that was briefly out of reach has sent its last readings of the day by then
const GRACE_MS = 10 * 60_000
// per housekeeping step, when a quantity is rolled for the first time
const DAYS_PER_STEP = 7
const POINTS_PER_WRITE = 5_000

const dayOf = (atMs: AtMs): AtMs => Math.floor(atMs / DAY_MS) * DAY_MS

/**
 * The roll-up state is read with the first call and kept; it is read again after a failure of that read or of
 * `markChanged`.
 */
export function createRollUps(client: InfluxClient): RollUps {
  let loaded: Promise<Map<string, RollUpState>> | null = null
  /** The roll-up state by organisation and quantity. */
  const loadStates = (): Promise<Map<string, RollUpState>> => {
    loaded ??= load(client).catch((error: unknown) => {
      loaded = null
      throw error
    })
    return loaded
  }

  async function rollStep({ org, quantity }: RollUpState, span: Span): Promise<void> {
    const query = { org, quantity, ...span }
    const days = await client.query(countedQuery({ ...query, step: 'day' }))
    const before = (await client.query(rolledQuery(query))).map(withDayInstants)
    const points = [
      ...withoutReadings(before, days).map(({ row, atMs }) => dayPoint(org, row, { ...EMPTY, atMs })),
      ...days.flatMap((row) => bucketsOf(row).map((day) => dayPoint(org, row, day))),
    ]
    for (let i = 0; i < points.length; i += POINTS_PER_WRITE)
      await client.write(points.slice(i, i + POINTS_PER_WRITE))
  }

  async function rollNew(state: RollUpState, overMs: AtMs): Promise<void> {
    const span = { fromMs: state.untilMs!, toMs: Math.min(overMs, state.untilMs! + DAYS_PER_STEP * DAY_MS) }
    await rollStep(state, span)
    await client.write([untilPoint(state, span.toMs)])
    state.untilMs = span.toMs
  }

  async function rollAgain(state: RollUpState, dayMs: AtMs): Promise<void> {
    await rollStep(state, { fromMs: dayMs, toMs: dayMs + DAY_MS })
    await client.write([duePoint(state, dayMs, 0)])
    state.due.delete(dayMs)
  }

  return {
    async markChanged(readings) {
      const byKey = await loadStates()
      const points: InfluxPoint[] = []
      for (const { org, quantity, atMs } of readings) {
        const state = byKey.get(keyOf(org, quantity))
        if (state === undefined) {
          byKey.set(keyOf(org, quantity), notRolled(org, quantity))
          continue
        }
        const dayMs = dayOf(atMs)
        if (state.untilMs === null || dayMs >= state.untilMs || state.due.has(dayMs)) continue
        state.due.add(dayMs)
        points.push(duePoint(state, dayMs, 1))
      }
      if (points.length === 0) return
      await client.write(points).catch((error: unknown) => {
        loaded = null // reloaded from InfluxDB with the next call
        throw error
      })
    },

    async unrolled({ org, quantity, fromMs, toMs }) {
      const isMatching = quantityFilter(quantity)
      const days: AtMs[] = []
      for (const state of (await loadStates()).values()) {
        if (state.org !== org || !isMatching(state.quantity)) continue
        const untilMs = state.untilMs ?? fromMs
        if (untilMs < toMs) days.push(dayOf(Math.max(untilMs, fromMs)), dayOf(toMs - 1))
        for (const dayMs of state.due) if (dayMs + DAY_MS > fromMs && dayMs < toMs) days.push(dayMs)
      }
      if (days.length === 0) return null
      return {
        fromMs: days.reduce((min, day) => Math.min(min, day), Infinity),
        toMs: days.reduce((max, day) => Math.max(max, day), -Infinity) + DAY_MS,
      }
    },

    async roll(nowMs, runExclusively) {
      const overMs = dayOf(nowMs - GRACE_MS)
      const byKey = await loadStates()
      // stops when an erasure has reset the state meanwhile
      const step = (run: () => Promise<void>) =>
        runExclusively(async () => {
          if ((await loadStates()) !== byKey) return false
          await run()
          return true
        })
      for (const state of [...byKey.values()]) {
        if (!(await step(async () => void (state.untilMs ??= await firstDay(client, state))))) return
        for (const dayMs of [...state.due].sort((a, b) => a - b))
          if (!(await step(() => rollAgain(state, dayMs)))) return
        while (state.untilMs !== null && state.untilMs < overMs)
          if (!(await step(() => rollNew(state, overMs)))) return
      }
    },

    forget: () => void (loaded = null),
  }
}

async function load(client: InfluxClient): Promise<Map<string, RollUpState>> {
  const byKey = new Map<string, RollUpState>()
  for (const row of await client.query(QUANTITIES_QUERY))
    for (const [, tag] of row.values) {
      const [org, quantity] = [decodeName(String(tag)), decodeName(row.name)]
      byKey.set(keyOf(org, quantity), notRolled(org, quantity))
    }
  const named = ({ tags }: InfluxRow) => ({
    org: decodeName(tags.org ?? ''),
    quantity: decodeName(tags.quantity ?? ''),
  })
  for (const row of await client.query(UNTIL_QUERY)) {
    const { org, quantity } = named(row)
    const state = byKey.get(keyOf(org, quantity))
    if (state !== undefined) state.untilMs = row.values[0]![1] as number
  }
  for (const row of await client.query(DUE_QUERY)) {
    const { org, quantity } = named(row)
    const state = byKey.get(keyOf(org, quantity))
    for (const [atMs] of row.values) state?.due.add(atMs as number)
  }
  return byKey
}

/** The first day to roll; null: there is no reading. */
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

/** A day without readings: neutral for sums, minimum and maximum. */
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

/** Rolled days without any usable reading left. */
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
