/** Hours, days and summaries of readings with flag 1 or 2: from roll-ups where available, otherwise from readings. */
import { DAY_MS } from '../../../broker/contract/time.ts'
import type { RolledQuery, RolledSeries, SeriesQuery, SeriesSummary } from '../../ports.ts'
import { toColumns, sumDays, type BucketColumns, type BucketRow, type DayTotals } from '../time-buckets.ts'
import { compareSeriesNames } from '../readings.ts'
import type { InfluxClient, InfluxRow } from './client.ts'
import { countedDaysQuery, countedQuery, rolledQuery, stepMs, summaryQuery } from './queries.ts'
import type { RollUps, Span } from './roll-ups.ts'
import { nameOf, withDayInstants } from './rows.ts'

/** Buckets that overlap the range are returned whole; series without one are omitted. */
export async function readRolled(
  client: InfluxClient,
  rollUps: RollUps,
  query: RolledQuery,
): Promise<RolledSeries[]> {
  const wholeSpan = wholeSteps(query, stepMs[query.step])
  if (wholeSpan.toMs <= wholeSpan.fromMs) return []
  const byName = new Map<string, RolledSeries>()
  const unrolled = query.step === 'hour' ? wholeSpan : await rollUps.unrolled({ ...query, ...wholeSpan })
  const { before, counted: countedSpan, after } = splitSpan(wholeSpan, unrolled)
  // in time order, so that columns can be concatenated
  for (const span of [before, countedSpan, after]) {
    if (span === null) continue
    const spanQuery = { ...query, ...span }
    const rows =
      span === countedSpan
        ? await client.query(countedQuery(spanQuery))
        : (await client.query(rolledQuery(spanQuery))).map(withDayInstants)
    for (const row of rows) addColumns(byName, row)
  }
  return [...byName.values()].filter(({ atMs }) => atMs.length > 0).sort(compareSeriesNames)
}

/** Days that overlap the range count whole. */
export async function readSummaries(
  client: InfluxClient,
  rollUps: RollUps,
  query: SeriesQuery,
): Promise<SeriesSummary[]> {
  const wholeSpan = wholeSteps(query, DAY_MS)
  if (wholeSpan.toMs <= wholeSpan.fromMs) return []
  const {
    before,
    counted: countedSpan,
    after,
  } = splitSpan(wholeSpan, await rollUps.unrolled({ ...query, ...wholeSpan }))
  const byName = new Map<string, { name: ReturnType<typeof nameOf>; days: DayTotals[] }>()
  const note = (name: ReturnType<typeof nameOf>, days: DayTotals | null) => {
    const key = JSON.stringify(name)
    const entry = byName.get(key) ?? { name, days: [] }
    if (days !== null) entry.days.push(days)
    byName.set(key, entry)
  }
  for (const span of [before, after]) {
    if (span === null) continue
    for (const row of await client.query(summaryQuery({ ...query, ...span }))) {
      const [, days, count, sum, min, max] = row.values[0] as number[]
      if (days! > 0)
        note(nameOf(row), { days: days!, count: count!, mean: sum! / count!, min: min!, max: max! })
    }
  }
  if (countedSpan !== null)
    for (const row of await client.query(countedDaysQuery({ ...query, ...countedSpan }))) {
      const days = (row.values as number[][]).map(([, mean, min, max, count]) => ({
        days: 1,
        count: count!,
        mean: mean!,
        min: min!,
        max: max!,
      }))
      note(nameOf(row), sumDays(days))
    }
  return [...byName.values()]
    .flatMap(({ name, days }) => {
      const total = sumDays(days)
      return total === null ? [] : [{ ...name, ...total }]
    })
    .sort(compareSeriesNames)
}

const wholeSteps = ({ fromMs, toMs }: Span, width: number): Span => ({
  fromMs: Math.floor(fromMs / width) * width,
  toMs: Math.ceil(toMs / width) * width,
})

/** Splits a span at the part that must be counted; null: empty part. */
function splitSpan({ fromMs, toMs }: Span, unrolled: Span | null) {
  const cut = (a: number, b: number): Span | null => (a < b ? { fromMs: a, toMs: b } : null)
  if (unrolled === null) return { before: cut(fromMs, toMs), counted: null, after: null }
  const countedSpan = { fromMs: Math.max(fromMs, unrolled.fromMs), toMs: Math.min(toMs, unrolled.toMs) }
  return { before: cut(fromMs, countedSpan.fromMs), counted: countedSpan, after: cut(countedSpan.toMs, toMs) }
}

function addColumns(byName: Map<string, RolledSeries>, row: InfluxRow): void {
  const name = nameOf(row)
  const key = JSON.stringify(name)
  const columns = nonEmptyColumns(row)
  const series = byName.get(key)
  if (series === undefined) return void byName.set(key, { ...name, ...columns })
  for (const column of ['atMs', 'mean', 'min', 'max', 'first', 'last', 'count'] as const)
    series[column] = series[column].concat(columns[column])
}

/** Without days whose readings were all rejected. */
const nonEmptyColumns = ({ values }: InfluxRow): BucketColumns =>
  toColumns((values as BucketRow[]).filter(([, , , , , , count]) => count > 0))
