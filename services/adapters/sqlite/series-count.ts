/** Recounts dirty hours from their readings. */
import { DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import { bucketOf, mergeBuckets, type Bucket } from '../time-buckets.ts'
import type { SeriesIds } from './series-dictionary.ts'
import type { PageReader } from './series-pages.ts'

/** The hours to count by series: starts of hours, ascending. */
export type DirtyHours = Map<SeriesIds, AtMs[]>

/** Consecutive hours that are read together, at most a day, and their series. */
export interface Span {
  fromMs: AtMs
  toMs: AtMs
  series: SeriesIds[]
}

/** Groups consecutive dirty hours into spans of at most a day, with every series that is dirty in them. */
export function dirtySpans(dirty: DirtyHours): Span[] {
  const seriesByHour = new Map<AtMs, SeriesIds[]>()
  for (const [series, hours] of dirty)
    for (const hourMs of hours) {
      const dirtySeries = seriesByHour.get(hourMs)
      if (dirtySeries) dirtySeries.push(series)
      else seriesByHour.set(hourMs, [series])
    }
  const spans: { fromMs: AtMs; toMs: AtMs; series: Set<SeriesIds> }[] = []
  for (const [hourMs, series] of [...seriesByHour].sort((a, b) => a[0] - b[0])) {
    const last = spans.at(-1)
    if (last?.toMs === hourMs && hourMs - last.fromMs < DAY_MS) {
      last.toMs += HOUR_MS
      for (const ids of series) last.series.add(ids)
    } else spans.push({ fromMs: hourMs, toMs: hourMs + HOUR_MS, series: new Set(series) })
  }
  return spans.map((span) => ({ ...span, series: [...span.series] }))
}

/** Hour buckets by series number, then by start. Counts every hour of the span for every series of it. */
export type HourBuckets = Map<number, Map<AtMs, Bucket>>

/** From readings with a value and flag 1 or 2. An hour without such a reading has no bucket. */
export function countSpan(pages: PageReader, span: Span): HourBuckets {
  const hourBuckets: HourBuckets = new Map(span.series.map((s) => [s.series, new Map()]))
  for (const page of pages(span.series, span.fromMs, span.toMs))
    for (const [atMs, series, value, flag] of page) {
      if (flag > 2 || value === null) continue
      const hours = hourBuckets.get(series)!
      const hourMs = Math.floor(atMs / HOUR_MS) * HOUR_MS
      const bucket = hours.get(hourMs)
      const reading = bucketOf(hourMs, value)
      hours.set(hourMs, bucket ? mergeBuckets(bucket, reading) : reading)
    }
  return hourBuckets
}
