/** One field card on Today, from its rows. Unknown is never shown as OK. */
import { daysBetween, dayOf, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import { drainablePores } from '../../agronomy/paddy/balance.ts'
import { depthsOf } from '../../agronomy/paddy/depths.ts'
import { paddyStages, stageByCalendar } from '../../agronomy/paddy/stages.ts'
import {
  readAdviceParams,
  readAdviceWater,
  readRainSkip,
  type AdviceRow,
  type FieldStateRow,
} from '../../tables.ts'
import type { RunRow, SeasonRow } from '../../tables.ts'
import { approvedVerdict, statusOfVerdict, verdictOnceApproved } from '../../domain/approved-verdict.ts'
import { fieldMark, type PestNeed } from '../../domain/needs-today.ts'
import { RAIN_CHECKED_BEFORE_MS } from '../../domain/rain-condition-check.ts'
import { newestMeasurementMs, soilProbes } from '../../domain/newest-measurement.ts'
import type { FieldRows } from '../farms/field-queries.ts'
import { paddyFill } from './paddy-fill.ts'
import type { FieldCard } from './today-schemas.ts'
import type { FieldStatus, ValueView } from '../http/validation/value-schemas.ts'

// the state is updated every hour: two missed updates are late, six are lost (ux.md, states of a screen)
const LATE_MS = 2 * HOUR_MS
const LOST_MS = 6 * HOUR_MS

/** A field card from its rows, and the pests that are due. Without advice, or with an outdated state, it is unknown. */
export function fieldCard(rows: FieldRows, nowMs: AtMs, pests: readonly PestNeed[] = []): FieldCard {
  const { field, farm, season, state, advice, nextRun } = rows
  const isPaddy = field.kind === 'paddy'
  const isJudged = advice !== null && state !== null && nowMs - state.atMs <= LOST_MS
  const verdict = approvedVerdict(verdictOf(rows, isJudged), decidedRunOf(rows.decidedRun), nowMs)
  const status = isJudged ? statusOfVerdict(verdict, advice.status) : 'unknown'
  // a run whose valve cannot be opened is not announced
  const next = nextRun && advice?.key !== 'needs-valve' ? nextRunView(nextRun) : null
  const approved = next?.state === 'proposed' ? verdictOnceApproved(verdict, next, nowMs) : null
  const level = isPaddy ? waterLevel(state, nowMs) : null
  const targetBandMm = isPaddy
    ? (adviceBandMm(isJudged ? advice : null) ??
      stageBandMm(season, dayOf(nowMs, farm.timeZone), state?.stage))
    : null
  const pores = isPaddy ? drainablePores(field) : null
  return {
    id: field.id,
    farmId: farm.id,
    farmName: farm.name,
    name: field.name,
    crop: season?.crop ?? state?.crop ?? '',
    stage: state?.stage ?? null,
    kind: field.kind,
    areaM2: field.areaM2,
    status,
    verdict,
    pests: [...pests],
    mark: fieldMark(status, pests),
    water: isPaddy ? null : comparedWater(advice, state, nowMs),
    level,
    targetBandMm,
    fill: pores === null ? null : paddyFill({ level, targetBandMm }, pores),
    pores,
    next,
    onceApproved: approved && { status: statusOfVerdict(approved, status), verdict: approved },
    decisionId: advice?.decisionId ?? null,
  }
}

/** The run of a decision, for `approvedVerdict`. */
export const decidedRunOf = (run: Pick<RunRow, 'startMs' | 'minutes' | 'state'> | null) =>
  run && { atMs: run.startMs, minutes: run.minutes, state: run.state }

/**
 * The decision; otherwise the reason that there is none (plan's message keys): no data yet, or outdated data.
 */
function verdictOf({ advice, state, hasSensor }: FieldRows, isJudged: boolean): FieldCard['verdict'] {
  const isKnown = isJudged && advice !== null && advice.status !== 'unknown'
  if (!hasSensor && !isKnown) return { key: 'cannot-judge', params: { reason: 'no-sensor', atMs: null } }
  if (isJudged && advice !== null) return { key: advice.key, params: readAdviceParams(advice.params) }
  const reason = state === null ? 'no-state' : 'inputs-lost'
  return { key: 'cannot-judge', params: { reason, atMs: state?.atMs ?? null } }
}

/**
 * The water that the decision compared, with the time of the newest measurement that it rests on: of its probes, where the
 * field has some, else of the weather.
 */
function comparedWater(
  advice: AdviceRow | null,
  state: FieldStateRow | null,
  nowMs: AtMs,
): FieldCard['water'] {
  if (advice === null || advice.water === null || state === null) return null
  const { leftMm, loMm, hiMm, ofMm } = readAdviceWater(advice.water)
  const probes = soilProbes(state)
  return {
    leftMm,
    loMm,
    hiMm,
    ofMm,
    asOfMs: probes ? probes.newestMs : newestMeasurementMs(state),
    fresh: probes?.areSilent ? 'lost' : freshness(state, nowMs),
  }
}

function waterLevel(state: FieldStateRow | null, nowMs: AtMs): ValueView | null {
  if (state === null || state.levelMm === null) return null
  return { v: state.levelMm, atMs: state.levelAtMs, kind: 'measured', fresh: freshness(state, nowMs) }
}

function freshness(state: FieldStateRow, nowMs: AtMs): ValueView['fresh'] {
  const ageMs = nowMs - state.atMs
  if (state.freshness === 'lost' || state.freshness === 'none' || ageMs > LOST_MS) return 'lost'
  return state.freshness === 'late' || ageMs > LATE_MS ? 'late' : 'ok'
}

/** The band used by the plan: weather or a herbicide may have moved it. */
function adviceBandMm(advice: AdviceRow | null): [number, number] | null {
  const { loMm, hiMm } = advice ? readAdviceParams(advice.params) : {}
  return typeof loMm === 'number' && typeof hiMm === 'number' ? [loMm, hiMm] : null
}

/**
 * The band of a day's stage, mm; null outside the season or when no water is needed. Without a stage, by the calendar.
 */
export function stageBandMm(
  season: SeasonRow | null,
  day: string,
  stage: string | null | undefined,
): [number, number] | null {
  if (season === null || season.plantedDay > day) return null
  if (season.harvestedDay !== null && season.harvestedDay < day) return null
  const existing = paddyStages.find((item) => item === stage)
  const aim = depthsOf(existing ?? stageByCalendar(daysBetween(season.plantedDay, day))).targetBandMm
  return aim === null ? null : [aim[0], aim[1]]
}

const nextRunView = (run: RunRow): NonNullable<FieldCard['next']> => ({
  runId: run.id,
  atMs: run.startMs,
  mm: run.grossMm,
  minutes: run.minutes,
  state: run.state,
  rainSkip: rainSkipView(run),
})

/** The rain condition as shown, until its last evaluation before the start; after it, the outcome. */
export function rainSkipView({
  rainSkip,
  state,
  endReason,
}: RunRow): NonNullable<FieldCard['next']>['rainSkip'] {
  if (rainSkip === null) return null
  const { key, mm, byMs, measuredMm, judgedMs } = readRainSkip(rainSkip)
  const untilMs = byMs - RAIN_CHECKED_BEFORE_MS
  if (measuredMm === undefined) return { key, mm, byMs: untilMs, measuredMm: null }
  if (endReason === 'rain-reached') return { key: 'rain-fell', mm, byMs: judgedMs ?? byMs, measuredMm }
  const hasRun = state === 'sent' || state === 'running' || state === 'done'
  return hasRun
    ? { key: 'rain-short', mm, byMs: judgedMs ?? byMs, measuredMm }
    : { key, mm, byMs: untilMs, measuredMm }
}

const urgency: Record<FieldStatus, number> = { act: 0, unknown: 1, soon: 2, wet: 3, ok: 4 }
// 'Paddy 2' before 'Paddy 10'; a stable order, so that no row moves under a finger
const names = new Intl.Collator('en', { numeric: true })

/** Sorts by mark (act, unknown, soon, wet, ok), then by name with numbers in order, then by id. */
export const byUrgency = (a: FieldCard, b: FieldCard): number =>
  urgency[a.mark] - urgency[b.mark] || names.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)
