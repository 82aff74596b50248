/** Windows of consecutive hours that are long enough to spray, each with its worst term. Pure. */
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import { isWorse, type HourTerm, type HourVerdict, type JudgedHour } from './spray-hour.ts'

export interface SprayWindow {
  fromMs: AtMs
  toMs: AtMs
  verdict: 'allowed' | 'marginal'
  worst: HourTerm | null // null: no term against it
}

/**
 * Windows of at least `leastHours` in time order. Within a usable stretch the best part is used: allowed hours
 * where enough are consecutive, else the whole stretch with its doubt.
 */
export function sprayWindows(hours: readonly JudgedHour[], leastHours: number): SprayWindow[] {
  const isUsable = ({ verdict }: JudgedHour) => verdict === 'allowed' || verdict === 'marginal'
  return stretches(hours, isUsable)
    .filter((stretch) => stretch.length >= leastHours)
    .flatMap((stretch) => {
      const best = stretches(stretch, ({ verdict }) => verdict === 'allowed').filter(
        (part) => part.length >= leastHours,
      )
      return (best.length > 0 ? best : [stretch]).map(windowOf)
    })
}

/** The combined verdict of the hours of a span: unknown where one of them is missing. */
export function judgeSpan(
  hours: readonly JudgedHour[],
  span: { fromMs: AtMs; toMs: AtMs },
): { verdict: HourVerdict; worst: HourTerm | null } {
  const within = hours.filter(({ atMs }) => atMs < span.toMs && atMs + HOUR_MS > span.fromMs)
  const isWhole =
    within.length > 0 &&
    within[0]!.atMs <= span.fromMs &&
    within.at(-1)!.atMs + HOUR_MS >= span.toMs &&
    stretches(within, () => true).length === 1
  const { verdict, worst } = worstOf(within)
  return !isWhole && isWorse('unknown', verdict) ? { verdict: 'unknown', worst: null } : { verdict, worst }
}

const windowOf = (part: readonly JudgedHour[]): SprayWindow => {
  const { verdict, worst } = worstOf(part)
  return {
    fromMs: part[0]!.atMs,
    toMs: part.at(-1)!.atMs + HOUR_MS,
    verdict: verdict === 'allowed' ? 'allowed' : 'marginal',
    worst,
  }
}

function worstOf(hours: readonly JudgedHour[]): { verdict: HourVerdict; worst: HourTerm | null } {
  let verdict: HourVerdict = 'allowed'
  let worst: HourTerm | null = null
  for (const hour of hours)
    if (isWorse(hour.verdict, verdict)) {
      verdict = hour.verdict
      worst = hour.terms[0] ?? null
    }
  return { verdict, worst }
}

/** Maximal runs of consecutive hours that fit. */
function stretches(hours: readonly JudgedHour[], fits: (hour: JudgedHour) => boolean): JudgedHour[][] {
  const rows: JudgedHour[][] = []
  let current: JudgedHour[] | null = null
  for (const hour of hours) {
    const follows = current !== null && current.at(-1)!.atMs + HOUR_MS === hour.atMs
    if (!fits(hour)) current = null
    else if (current !== null && follows) current.push(hour)
    else rows.push((current = [hour]))
  }
  return rows
}
