/** The insects of a field: their degree days, the next event with its dates, and the trap catches. */
import { dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { pestOf } from '../../agronomy/pests/catalogue.ts'
import { readNextEvent, readPestOutlook, type DegreeDayTrackerRow } from '../../tables.ts'
import type { FieldDetail } from './field-schemas.ts'

type PestView = FieldDetail['pests'][number]
export interface Catch {
  subject: string
  atMs: AtMs
  count: number
}

export const pestViews = (
  watches: readonly DegreeDayTrackerRow[],
  catches: readonly Catch[],
  timeZone: string,
): PestView[] => [
  ...watches.map((watch) => {
    const pest = pestOf(watch.subject)
    const outlook = watch.outlook === null ? null : readPestOutlook(watch.outlook)
    return {
      subject: watch.subject,
      biofixDay: watch.biofixDay,
      sumCd: watch.sumCd,
      throughDay: watch.throughDay,
      missingDays: watch.missingDays,
      next: watch.nextEvent === null ? null : readNextEvent(watch.nextEvent),
      confirmed: pest?.confirmed ?? false,
      source: pest?.source ?? '',
      outlook: outlook?.next ?? null,
      threshold: outlook?.threshold ?? null,
      catches: byDay(catches, watch.subject, timeZone),
    }
  }),
  ...onlyCaught(watches, catches, timeZone),
]

/** Insects that traps count but no model forecasts: only their catches. */
function onlyCaught(
  watches: readonly DegreeDayTrackerRow[],
  catches: readonly Catch[],
  timeZone: string,
): PestView[] {
  const watched = new Set(watches.map(({ subject }) => subject))
  const others = new Set(catches.map(({ subject }) => subject).filter((subject) => !watched.has(subject)))
  return [...others].sort().map((subject) => ({
    subject,
    biofixDay: null,
    sumCd: null,
    throughDay: null,
    missingDays: 0,
    next: null,
    confirmed: true, // a count has no figures to confirm
    source: '',
    outlook: null,
    threshold: null,
    catches: byDay(catches, subject, timeZone),
  }))
}

function byDay(catches: readonly Catch[], subject: string, timeZone: string): PestView['catches'] {
  const counts = new Map<string, number>()
  for (const caught of catches)
    if (caught.subject === subject) {
      const day = dayOf(caught.atMs, timeZone)
      counts.set(day, (counts.get(day) ?? 0) + caught.count)
    }
  return [...counts].map(([day, count]) => ({ day, count })).sort((a, b) => (a.day < b.day ? -1 : 1))
}
