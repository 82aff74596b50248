/**
 * The reasons of a decision, made from the very numbers that it was made with: terms that add up, the inputs with
 * their age, and what would change it.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { ForecastAnswer } from '../../ports.ts'
import {
  fromJson,
  type FieldStateRow,
  type StateInput,
  type Why,
  type WhyTerm,
  type ZoneRow,
} from '../../tables.ts'
import type { FlipKey, LimitKey, ParamsOf, TermKey, VerdictKey } from '../message-keys.ts'
import { flipKeys, termKeys, verdictKeys } from '../message-keys.ts'
import type { PaddyPlan } from '../paddy/paddy-plan.ts'
import { FORECAST_LASTS_MS, type RainOutlook } from '../run/rain-outlook.ts'
import { tenth } from '../round.ts'
import type { UplandLine, UplandNeed } from '../run/upland-need.ts'

/** A run as the plan wants it. */
export interface PlannedRun {
  zoneId: string
  startMs: AtMs
  minutes: number
  grossMm: number
  netMm: number
  limit: LimitKey | null
  /** a rule that keeps it from the first hours of its windows, and when those begin */
  moved?: { limit: LimitKey; fromMs: AtMs } | null
  /** where it is given in parts; absent: in one, from `startMs` on */
  openings?: readonly { startMs: AtMs; minutes: number }[]
}

export interface Verdict {
  key: VerdictKey
  params: Record<string, string | number | null>
}

/** A verdict with exactly the parameters of its key. */
export const verdict = <K extends VerdictKey>(key: K, params: ParamsOf<typeof verdictKeys, K>): Verdict => ({
  key,
  params,
})
const term = <K extends TermKey>(
  key: K,
  mm: number | null,
  params: ParamsOf<typeof termKeys, K>,
  range?: { lo: number; hi: number },
): WhyTerm => ({ key, mm, ...range, params })

type Flip = Why['flips']
export const flip = <K extends FlipKey>(key: K, params: ParamsOf<typeof flipKeys, K>): Flip => ({
  key,
  params,
})

type DepthZone = Pick<ZoneRow, 'applicationRateMmH' | 'efficiency' | 'adjustPercent'>

/** left now + coming - use + rain counted on = left then; the depth fills what is missing, less the room, and leaches. */
export function checkbookTerms(
  { book, line, dueMs }: Pick<UplandNeed, 'book' | 'line' | 'dueMs'>,
  run: PlannedRun | null,
  zone: DepthZone | null,
): WhyTerm[] {
  const { leftNow, leaching } = book
  const isWatered = run !== null && zone !== null
  return [
    ...(line ? [term('line-by', null, { lineMm: tenth(line.lineMm), basis: line.basis })] : []),
    ...(line && isWatered && book.safeMs !== null
      ? [term('safe-until', null, { atMs: dueMs, riskPercent: Math.round(100 * line.lateShare) })]
      : []),
    ...(leaching?.waits
      ? [term('leaching-waits', null, { reason: leaching.waits, bearsDsM: leaching.bearsDsM })]
      : []),
    term('left-now', leftNow.mm, { fullMm: book.fullMm }, { lo: leftNow.loMm, hi: leftNow.hiMm }),
    ...comingTerm(book.comingMm),
    term('crop-use', tenth(-book.useMm), { untilMs: book.untilMs }),
    rainTerm(book.rain, book.untilMs),
    term('left-then', book.leftThenMm, { atMs: book.untilMs }),
    ...(isWatered && book.roomMm > 0 ? [term('room', book.roomMm, {})] : []),
    ...(isWatered && leaching && book.leachMm > 0
      ? [
          term('leaching', book.leachMm, {
            percent: Math.round(100 * leaching.share),
            bearsDsM: leaching.bearsDsM,
          }),
        ]
      : []),
    ...(isWatered ? [term('depth', run.grossMm, dripped(run, zone)), ...movedTerm(run)] : []),
  ]
}

/** By the farmer's programme nothing is added up: there is only what will flow. */
export const programmeTerms = (run: PlannedRun | null, zone: DepthZone | null): WhyTerm[] =>
  run && zone ? [term('depth', run.grossMm, dripped(run, zone)), ...movedTerm(run)] : []

/** The same for a paddy, in mm of water from the soil surface. */
export function paddyTerms(
  plan: PaddyPlan,
  run: PlannedRun | null,
  zone: (DepthZone & Pick<ZoneRow, 'method'>) | null,
): WhyTerm[] {
  const [loMm, hiMm] = plan.aimMm ?? [null, null]
  return [
    term('level-now', plan.storedNowMm, { levelMm: plan.levelMm, loMm, hiMm }),
    ...comingTerm(plan.comingMm),
    term('paddy-loss', tenth(-plan.lossMm), { untilMs: plan.untilMs }),
    rainTerm(plan.rain, plan.untilMs),
    term('level-then', plan.storedThenMm, { levelMm: plan.levelThenMm, atMs: plan.untilMs }),
    ...(run && zone ? [ranTerm(plan, run, zone), ...movedTerm(run)] : []),
  ]
}

function ranTerm(plan: PaddyPlan, run: PlannedRun, zone: DepthZone & Pick<ZoneRow, 'method'>): WhyTerm {
  if (zone.method !== 'outlet')
    return term('fill', run.grossMm, { hiMm: plan.aimMm?.[1] ?? null, ...dripped(run, zone) })
  const { toMm = null, why = null } = plan.drain ?? {}
  return term('drain', tenth(-run.grossMm), { toMm, why, minutes: run.minutes, limit: run.limit })
}

const comingTerm = (mm: number): WhyTerm[] =>
  mm === 0 ? [] : [mm > 0 ? term('water-coming', mm, {}) : term('water-leaving', mm, {})]

// null: nobody can say what rain comes, which is not the same as none
function rainTerm(rain: (RainOutlook & { countedMm: number; byMs: AtMs }) | null, untilMs: AtMs): WhyTerm {
  if (!rain) return term('rain-expected', null, { byMs: untilMs })
  return term('rain-expected', rain.countedMm, { byMs: rain.byMs }, { lo: rain.loMm, hi: rain.hiMm })
}

/** Why it does not begin earlier. */
const movedTerm = ({ moved }: PlannedRun): WhyTerm[] =>
  moved ? [term('moved', null, { fromMs: moved.fromMs, reason: moved.limit })] : []

const dripped = (run: PlannedRun, zone: DepthZone) => ({
  minutes: run.minutes,
  rateMmH: tenth(zone.applicationRateMmH),
  netMm: run.netMm,
  efficiencyPercent: Math.round(zone.efficiency * 100),
  adjustPercent: zone.adjustPercent,
  limit: run.limit,
})

/** What the field's state rested on, and the forecast, each with its own time. */
export function whyInputs(
  state: Pick<FieldStateRow, 'inputs'> | null,
  forecast: ForecastAnswer | null,
  rain: RainOutlook | null,
  nowMs: AtMs,
): StateInput[] {
  const inputs = state ? fromJson(state.inputs) : []
  if (!forecast) return inputs
  return [
    ...inputs,
    {
      key: 'forecast',
      value: rain ? tenth(rain.midMm) : null,
      unit: 'mm',
      atMs: forecast.issuedMs,
      kind: 'predicted',
      fresh: nowMs - forecast.issuedMs > FORECAST_LASTS_MS / 2 ? 'late' : 'ok',
      method: forecast.source,
    },
  ]
}

/** What water and harvest are worth in a decision that weighed them: as entered, else what is taken for it. */
export function worthInputs(line: UplandLine | null): StateInput[] {
  if (!line || line.basis === 'own-limit' || line.basis === 'raw') return []
  const entered = (key: 'crop-price' | 'water-cost', value: number, per: string): StateInput => ({
    key,
    value,
    unit: `${line.currency ?? ''}/${per}`,
    atMs: null,
    kind: 'entered',
    fresh: 'ok',
  })
  const { cropPricePerT, price } = line
  const perM3 =
    price.water === null && price.energy === null ? null : (price.water ?? 0) + (price.energy ?? 0)
  return [
    ...(cropPricePerT === null ? [] : [entered('crop-price', cropPricePerT, 't')]),
    ...(perM3 === null ? [] : [entered('water-cost', perM3, 'm³')]),
    ...(line.isWorthAssumed
      ? [{ key: 'water-share', value: 4, unit: '%', atMs: null, kind: 'estimated', fresh: 'ok' } as const]
      : []),
  ]
}
