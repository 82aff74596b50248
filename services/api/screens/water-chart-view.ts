/**
 * Water left in the root zone over a span, and its forecast without rain or irrigation: today's weather
 * continues, and the crop uses less as the soil dries (FAO-56 Eq. 81, 84).
 */
import { addDays, startOfDay, DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import { ksOf } from '../../agronomy/water/soil-water.ts'
import { readStateInputs, type AdviceWater, type FieldDayRow, type FieldStateRow } from '../../tables.ts'
import type { FieldDetail } from './field-schemas.ts'
import { MAX_POINTS } from '../http/downsample.ts'
import { NORMAL_90 } from '../../runtime/math.ts'

type WaterChart = NonNullable<FieldDetail['water']>

// the standard deviation of a day's use relative to today's; weather drives it, so the days are correlated
const USE_SD_FRACTION = 0.25

/** Null when nothing is known. `days` in order; each is drawn at the midnight that ends it. */
export function waterChart(x: {
  days: readonly Pick<FieldDayRow, 'day' | 'tawMm' | 'depletionMm' | 'depletionSdMm'>[] // from the day before the span
  state: FieldStateRow | null
  /** the water of the decision: the present of the chart, as everywhere else */
  compared: AdviceWater | null
  timeZone: string
  fromMs: AtMs
  nowMs: AtMs
  aheadDays: number
}): WaterChart | null {
  const chart: WaterChart = { atMs: [], left: [], lo: [], hi: [], nowIndex: -1 }
  for (const day of x.days.slice(-(MAX_POINTS - x.aheadDays - 1))) {
    const atMs = startOfDay(addDays(day.day, 1), x.timeZone)
    if (atMs > x.nowMs || (x.state !== null && atMs >= x.state.atMs)) break
    addPoint(chart, atMs, day.tawMm, day.depletionMm, day.depletionSdMm)
  }
  const now = x.state && { ...x.state, ...(x.compared && comparedState(x.compared)) }
  if (now !== null) {
    addPoint(chart, now.atMs, now.tawMm, now.depletionMm, now.depletionSdMm)
    if (x.compared) setRange(chart, x.compared)
  }
  startAt(chart, x.fromMs)
  if (chart.left.every((mm) => mm === null)) return null
  chart.nowIndex = chart.atMs.length - 1
  if (now !== null) predict(chart, now, x.aheadDays)
  return chart
}

const comparedState = ({ leftMm, ofMm, tawMm }: AdviceWater) => ({ tawMm, depletionMm: ofMm - leftMm })

function setRange({ lo, hi }: WaterChart, { loMm, hiMm, ofMm, tawMm }: AdviceWater): void {
  lo[lo.length - 1] = tawMm - ofMm + loMm
  hi[hi.length - 1] = tawMm - ofMm + hiMm
}

/** Balances are at midnights: when the span starts between two of them, the line is interpolated. */
function startAt(chart: WaterChart, fromMs: AtMs): void {
  const { atMs, left, lo, hi } = chart
  while (atMs.length > 1 && atMs[1]! <= fromMs) for (const column of [atMs, left, lo, hi]) column.shift()
  const [before, after] = atMs
  if (before === undefined || after === undefined || before >= fromMs) return
  const share = (fromMs - before) / (after - before)
  for (const column of [left, lo, hi]) {
    const [a = null, b = null] = column
    column[0] = a === null || b === null ? null : a + share * (b - a)
  }
  atMs[0] = fromMs
}

function predict(chart: WaterChart, state: FieldStateRow, aheadDays: number): void {
  const { tawMm, rawMm, depletionMm } = state
  const dayMm = dayAheadMm(state)
  if (tawMm === null || rawMm === null || dayMm === null || depletionMm === null || tawMm <= 0) return
  let depletion = depletionMm
  let used = 0
  for (let day = 1; day <= aheadDays; day++) {
    const use = dayMm * ksOf(depletion, tawMm, rawMm / tawMm)
    depletion = Math.min(tawMm, depletion + use)
    used += use
    const sd = Math.hypot(state.depletionSdMm ?? 0, USE_SD_FRACTION * used)
    addPoint(chart, state.atMs + day * DAY_MS, tawMm, depletion, sd)
  }
}

/** ETc of a day ahead: Kc of that day and today's ET0; otherwise the same as today. */
function dayAheadMm({ kc, etcWholeDayMm, inputs }: FieldStateRow): number | null {
  const et0Mm = readStateInputs(inputs).find(({ key }) => key === 'weather')?.value ?? null
  return kc !== null && et0Mm !== null ? kc * et0Mm : etcWholeDayMm
}

function addPoint(
  chart: WaterChart,
  atMs: AtMs,
  tawMm: number | null,
  depletionMm: number | null,
  sdMm: number | null,
): void {
  const left = tawMm === null || depletionMm === null ? null : tawMm - depletionMm
  const edge = (sign: number) =>
    left === null || tawMm === null || sdMm === null
      ? null
      : Math.min(tawMm, Math.max(0, left + sign * NORMAL_90 * sdMm))
  chart.atMs.push(atMs)
  chart.left.push(left)
  chart.lo.push(edge(-1))
  chart.hi.push(edge(1))
}
