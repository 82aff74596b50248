/** Water that reached a field hour by hour, as far as it is known: what explains that its soil became wetter. */
import { DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { IrrigationRow } from '../../tables.ts'
import type { Hours, Span } from '../days/hours.ts'

// a run of which no depth is known did wet the field
const SOME_MM = 1

/**
 * mm in each hour of the span; null where rain is not known. `rain`: hours of the decoded counter from a day before
 * the span on, undefined without a gauge.
 */
export function waterHours(
  span: Span,
  rain: Hours | undefined,
  runs: readonly Pick<IrrigationRow, 'openedAtMs' | 'closedAtMs' | 'commandedAtMs' | 'ranMs' | 'grossMm'>[],
): (number | null)[] {
  const hours = rainHours(span, rain)
  for (const run of runs) {
    const fromMs = run.openedAtMs ?? run.commandedAtMs
    const toMs = run.closedAtMs ?? fromMs + run.ranMs
    if (run.grossMm === 0 && run.ranMs === 0) continue
    for (let h = hourOf(span, fromMs); h <= hourOf(span, toMs); h++)
      if (hours[h] != null) hours[h]! += run.grossMm ?? SOME_MM
  }
  return hours
}

/** Rain of each hour by the difference of its counter to the hour before. */
function rainHours(span: Span, rain: Hours | undefined): (number | null)[] {
  const count = Math.ceil((span.toMs - span.fromMs) / HOUR_MS)
  const hours = new Array<number | null>(Math.max(0, count)).fill(null)
  rain?.atMs.forEach((atMs, i) => {
    const h = hourOf(span, atMs)
    if (i === 0 || h < 0 || h >= hours.length) return
    const mm = rain.last[i]! - rain.last[i - 1]!
    // after a silence the sum is known, not its hours
    const isNext = atMs - rain.atMs[i - 1]! === HOUR_MS
    if (mm >= 0 && (isNext || (mm === 0 && atMs - rain.atMs[i - 1]! <= DAY_MS)))
      hours.fill(mm, isNext ? h : Math.max(0, hourOf(span, rain.atMs[i - 1]!) + 1), h + 1)
  })
  return hours
}

const hourOf = (span: Span, atMs: AtMs): number => Math.floor((atMs - span.fromMs) / HOUR_MS)
