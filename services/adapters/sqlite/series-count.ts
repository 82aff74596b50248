/** Counts dirty hours anew from their readings. */
import { DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import { bucketOf, mergeBuckets, type Bucket } from '../buckets.ts'
import type { SeriesIds } from './series-dictionary.ts'
import type { PageReader } from './series-pages.ts'

/** Which hours of which series are to be counted: starts of hours, ascending. */
export type DirtyHours = Map<SeriesIds, AtMs[]>

/** Neighbouring hours that are read in one go, at most a day of them, and the series they are read for. */
export interface Span {
  fromMs: AtMs
  toMs: AtMs
  series: SeriesIds[]
}

/** Dirty hours that follow each other, as spans of at most a day with every series that is dirty in them. */
export function dirtySpans(dirty: DirtyHours): Span[] {
  const seriesByHour = new Map<AtMs, SeriesIds[]>()
  for (const [series, hours] of dirty)
    for (const hourMs of hours) {
      const others = seriesByHour.get(hourMs)
      if (others) others.push(series)
      else seriesByHour.set(hourMs, [series])
    }
  const spans: { fromMs: AtMs; toMs: AtMs; series: Set<SeriesIds> }[] = []
  for (const [hourMs, series] of [...seriesByHour].sort((a, b) => a[0] - b[0])) {
    const last = spans.at(-1)
    if (last?.toMs === hourMs && hourMs - last.fromMs < DAY_MS) {
      last.toMs += HOUR_MS
      for (const one of series) last.series.add(one)
    } else spans.push({ fromMs: hourMs, toMs: hourMs + HOUR_MS, series: new Set(series) })
  }
  return spans.map((span) => ({ ...span, series: [...span.series] }))
}

/** Hour buckets by series number, then by start. Counts every hour of the span for every series of it. */
export type HourBuckets = Map<number, Map<AtMs, Bucket>>

export function countSpan(pages: PageReader, span: Span): HourBuckets {
  const counted: HourBuckets = new Map(span.series.map((s) => [s.series, new Map()]))
  for (const page of pages(span.series, span.fromMs, span.toMs))
    for (const [atMs, series, value, flag] of page) {
      if (flag > 2 || value === null) continue
      const hours = counted.get(series)!
      const hourMs = Math.floor(atMs / HOUR_MS) * HOUR_MS
      const known = hours.get(hourMs)
      const one = bucketOf(hourMs, value)
      hours.set(hourMs, known ? mergeBuckets(known, one) : one)
    }
  return counted
}
