/**
 * Findings from a day's readings of a level gauge: a paddy's loss in quiet hours, and the rates of its inlet and
 * outlet.
 */
import { HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { quietLossMmD, rateMmH, type Interval, type LevelAt } from '../../agronomy/paddy/loss.ts'
import type { RolledSeries } from '../../ports.ts'
import type { IrrigationRow, ZoneRow } from '../../tables.ts'
import { hoursOf, type Hours, type Span } from '../days/hours.ts'
import { rainOf } from '../days/station-day.ts'

/** Readings are used from this long before a day: a run that ended in its first hours started in the evening. */
export const LEVELS_BEFORE_MS = 8 * HOUR_MS
/** after a run, inflow spreads and outflow still draws the level down for this long */
const SETTLING_MS = 45 * MINUTE_MS
/** the sun is down and evaporation is negligible */
const NIGHT_TO_H = 6
const NIGHT_FROM_H = 19
const MIN_CHANGE_MM = 5 // of level: a smaller change is not significant

export interface GaugeFindings {
  nightLossMmD: number | null
  inletMmH: number | null
  outletMmH: number | null
}

type Run = Pick<IrrigationRow, 'zoneId' | 'openedAtMs' | 'closedAtMs' | 'commandedAtMs' | 'ranMs'>

/** The hours of one gauge as levels at the middle of each; the gauge with the most readings. */
export function levelsOf(series: readonly RolledSeries[]): LevelAt[] {
  const longestSeries = series.toSorted((a, b) => b.atMs.length - a.atMs.length)[0]
  return longestSeries
    ? longestSeries.atMs.map((atMs, i) => ({ atMs: atMs + HOUR_MS / 2, mm: longestSeries.mean[i]! }))
    : []
}

/** Hours of a civil day in which a gauge measured no rain; an hour of unknown rain is not dry. */
export function dryHours(span: Span, rain: Hours | undefined): Interval[] {
  if (!rain) return []
  const hours = hoursOf(span)
  const dry: Interval[] = []
  for (let fromMs = hours.fromMs; fromMs < hours.toMs; fromMs += HOUR_MS) {
    const toMs = fromMs + HOUR_MS
    if (rainOf(rain, { fromMs, toMs }) !== 0) continue
    const last = dry.at(-1)
    if (last?.toMs === fromMs) last.toMs = toMs
    else dry.push({ fromMs, toMs })
  }
  return dry
}

/** The parts of the given hours that are at night. */
const inTheNight = (hours: readonly Interval[], { fromMs, toMs }: Span): Interval[] =>
  [
    { fromMs, toMs: fromMs + NIGHT_TO_H * HOUR_MS },
    { fromMs: fromMs + NIGHT_FROM_H * HOUR_MS, toMs },
  ].flatMap((night) =>
    hours.flatMap((hour) => {
      const interval = { fromMs: Math.max(hour.fromMs, night.fromMs), toMs: Math.min(hour.toMs, night.toMs) }
      return interval.toMs > interval.fromMs ? [interval] : []
    }),
  )

/** Levels without crop use and evaporation: half a sine from 06:00 to 18:00 (as in plan's crop use). */
const withoutUse = (levels: readonly LevelAt[], { fromMs }: Span, etcMm: number): LevelAt[] =>
  levels.map(({ atMs, mm }) => {
    const x = Math.min(1, Math.max(0, ((atMs - fromMs) / HOUR_MS - NIGHT_TO_H) / 12))
    // bare soil holds no ponded water
    return { atMs, mm: mm > 0 ? mm + (etcMm * (1 - Math.cos(Math.PI * x))) / 2 : mm }
  })

/** `runs`: finished runs of all the field's zones. `lossMmD`: the usual loss, used where this night's is unknown. */
export function findFromGauge(
  x: { levels: readonly LevelAt[]; dry: readonly Interval[]; span: Span; etcMm: number | null },
  runs: readonly Run[],
  zones: readonly Pick<ZoneRow, 'id' | 'method'>[],
  lossMmD: number,
): GaugeFindings {
  const busy = runs.map((run) => {
    const { fromMs, toMs } = intervalOf(run)
    return { fromMs, toMs: toMs + SETTLING_MS }
  })
  // a leaking field has lost its water before night: then daytime levels are used, without crop use
  const nightLossMmD =
    quietLossMmD(x.levels, inTheNight(x.dry, x.span), busy) ??
    (x.etcMm === null ? null : quietLossMmD(withoutUse(x.levels, x.span, x.etcMm), x.dry, busy))
  const rateOf = (isOutlet: boolean): number | null => {
    const ids = new Set(zones.filter(({ method }) => (method === 'outlet') === isOutlet).map(({ id }) => id))
    const rates = runs.flatMap((run) => {
      const interval = intervalOf(run)
      const isAlone = !runs.some((other) => other !== run && overlaps(intervalOf(other), interval))
      if (!ids.has(run.zoneId) || !isAlone || run.closedAtMs === null || interval.toMs < x.span.fromMs)
        return []
      const mmH = rateMmH(x.levels, interval, nightLossMmD ?? lossMmD)
      if (mmH === null) return []
      const mm = (isOutlet ? -mmH : mmH) * ((interval.toMs - interval.fromMs) / HOUR_MS)
      return mm < MIN_CHANGE_MM ? [] : [isOutlet ? -mmH : mmH]
    })
    return rates.at(-1) ?? null
  }
  return { nightLossMmD, inletMmH: rateOf(false), outletMmH: rateOf(true) }
}

function intervalOf(run: Run): Interval {
  const fromMs = run.openedAtMs ?? run.commandedAtMs
  return { fromMs, toMs: run.closedAtMs ?? fromMs + run.ranMs }
}

const overlaps = (a: Interval, b: Interval): boolean =>
  a.fromMs < b.toMs + SETTLING_MS && b.fromMs < a.toMs + SETTLING_MS

/** mm that runs of outlets removed in a span, by their rates; null where one has no rate. */
export function drainedMm(
  outlets: readonly Pick<ZoneRow, 'id' | 'applicationRateMmH'>[],
  runs: readonly Run[],
  span: Span,
): number | null {
  let mm = 0
  for (const run of runs) {
    const outlet = outlets.find(({ id }) => id === run.zoneId)
    const { fromMs, toMs } = intervalOf(run)
    const ms = Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs)
    if (!outlet || ms <= 0) continue
    if (!(outlet.applicationRateMmH > 0)) return null
    mm += (outlet.applicationRateMmH * ms) / HOUR_MS
  }
  return mm
}
