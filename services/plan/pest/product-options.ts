/**
 * Products against a pest: each product whose label has the crop and the pest, with its windows and checks. A
 * window with a forbidden rule is never offered. Pure.
 */
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Dose, FieldPart, TreatmentCheck, Vote } from '../../tables.ts'
import { computeDose, type DoseEntry } from './dose.ts'
import type { Params } from './message-keys.ts'
import { isSameText, useFor, type Label, type Use } from './label.ts'
import { applications, fieldEntries, sprinklerRuns, type PestField } from './read-field.ts'
import { judgeHours, type HourVerdict, type JudgedHour, type SprayHour, type SprayJob } from './spray-hour.ts'
import { DRYING_H, sprayLimits, UNKNOWN_RAIN_FAST_H } from './spray-limits.ts'
import { judgeSpan, sprayWindows, type SprayWindow } from './spray-windows.ts'
import { checkTreatment, worstVote } from './treatment-checks.ts'

export interface ProductOption {
  productId: string
  name: string
  registrationNumber: string
  country: string
  isDemo: boolean
  vote: Vote
  checks: TreatmentCheck[] // at its first window; without one, as if sprayed now
  windows: SprayWindow[]
  dose: Dose | null // a suggestion within the label; null: the label has no figures
}

/** A shorter window is not worth filling and washing a sprayer. */
export const MIN_WINDOW_H = 2
const MAX_WINDOWS = 5
/** Working hours, minutes of the local day, where a farm has none. Unconfirmed. */
export const WORK_HOURS = { fromMin: 4 * 60, toMin: 20 * 60 }

const voteRank: Record<Vote, number> = { allowed: 0, guarded: 1, unknown: 2, forbidden: 3 }

/** The options for a target, best vote first. */
export const productOptions = (
  of: PestField,
  target: string,
  hours: readonly SprayHour[],
  x: { nowMs: AtMs; isFlowering: boolean | null },
): ProductOption[] =>
  of.labels
    .filter((label) => label.product.retiredAtMs === null)
    .flatMap((label) => {
      const use = of.season && useFor(label, of.season.crop, target)
      return use ? [productOption(of, label, use, target, hours, x)] : []
    })
    .toSorted((a, b) => voteRank[a.vote] - voteRank[b.vote] || (a.name < b.name ? -1 : 1))

/** Other targets on the labels of the crop, for example weeds: no model decides when they are due. */
export function otherTargets(of: PestField, judged: readonly { target: string }[]): string[] {
  const crop = of.season?.crop ?? ''
  const named = of.labels
    .filter(({ product }) => product.retiredAtMs === null)
    .flatMap(({ uses }) => uses.filter((use) => isSameText(use.crop, crop)))
    .map(({ target }) => target.trim())
  return [...new Map(named.map((target) => [target.toLowerCase(), target])).values()]
    .filter((target) => !judged.some((one) => isSameText(one.target, target)))
    .toSorted()
}

function productOption(
  of: PestField,
  label: Label,
  use: Use,
  target: string,
  hours: readonly SprayHour[],
  { nowMs, isFlowering }: { nowMs: AtMs; isFlowering: boolean | null },
): ProductOption {
  const { product } = label
  const dose = suggestedDose(use, of.field.areaM2)
  const judged = judgeHours(hours, sprayJob(of, label, isFlowering))
  const checksAt = (span: { fromMs: AtMs; toMs: AtMs }) =>
    allChecks(of, label, { target, dose, ...span, isFlowering, exceptId: null }, hours)
  const windows = sprayWindows(judged, MIN_WINDOW_H)
    .map((window) => ({ window, checks: checksAt(window) }))
    .filter(({ checks }) => worstVote(checks) !== 'forbidden')
    .slice(0, MAX_WINDOWS)
  const checks = windows[0]?.checks ?? checksAt({ fromMs: nowMs, toMs: nowMs + MIN_WINDOW_H * HOUR_MS })
  return {
    productId: product.id,
    name: product.name,
    registrationNumber: product.registrationNumber,
    country: product.country,
    isDemo: product.isDemo === 1,
    vote: worstVote(checks),
    checks,
    windows: windows.map(({ window }) => window),
    dose,
  }
}

/** The weakest spray on the label, or its least amount. */
function suggestedDose(use: Use, areaM2: number): Dose | null {
  const dilution = use.dilutionHi ?? use.dilutionLo
  const volumeL10a = use.volumeHiL10a ?? use.volumeLoL10a
  const amount = use.doseLo ?? use.doseHi
  const entry: DoseEntry | null =
    dilution !== null && volumeL10a !== null
      ? { unit: use.doseUnit ?? 'mL/10a', dilution, volumeL10a, areaM2 }
      : amount !== null && use.doseUnit !== null
        ? { unit: use.doseUnit, amount, volumeL10a, areaM2 }
        : null
  const dose = entry && computeDose(entry)
  return dose?.ok ? dose.value : null
}

export const sprayJob = (of: PestField, label: Label | null, isFlowering: boolean | null): SprayJob => ({
  limits: sprayLimits(label?.limits ?? null),
  rainFastHours: label?.product.rainFastHours ?? null,
  isBeeHazard: label === null || label.product.beeHazard === null ? null : label.product.beeHazard === 1,
  isFlowering,
  elevationM: of.farm.elevationM,
  timeZone: of.farm.timeZone,
  work: WORK_HOURS,
  sprinklers: sprinklerRuns(of),
})

interface PlannedSpray {
  target: string
  dose: Dose | null
  fromMs: AtMs
  toMs: AtMs
  isFlowering: boolean | null
  exceptId: string | null // the treatment itself, once it exists
  part?: FieldPart | null
}

/**
 * All checks of a treatment: the label, the harvest, the season, the weather, the irrigation. `hours` null: it
 * is in the past, without weather and irrigation.
 */
export function allChecks(
  of: PestField,
  label: Label,
  spray: PlannedSpray,
  hours: readonly SprayHour[] | null,
): TreatmentCheck[] {
  const { fromMs, toMs, target, dose, exceptId } = spray
  const job = sprayJob(of, label, spray.isFlowering)
  const ofLabel = checkTreatment({
    label,
    target,
    dose,
    fromMs,
    toMs,
    crop: of.season?.crop ?? '',
    timeZone: of.farm.timeZone,
    harvestDay: of.season?.harvestedDay ?? of.season?.harvestPlannedDay ?? null,
    others: applications(of, exceptId),
    entries: fieldEntries(of, exceptId),
  })
  const ofPlace = spray.part?.holds === 'part' ? ofLabel.map(forPart) : ofLabel
  if (hours === null) return ofPlace
  return [
    ...ofPlace,
    weatherCheck(judgeHours(hours, { ...job, sprinklers: [] }), spray),
    irrigationCheck(job, spray),
  ]
}

/** A part is harvested and entered later than the rest: a ban becomes a rule that a person accepts. */
const forPart = (check: TreatmentCheck): TreatmentCheck =>
  (check.key === 'phi' || check.key === 'rei') && check.vote === 'forbidden'
    ? { ...check, vote: 'guarded' }
    : check

const votes: Record<HourVerdict, Vote> = {
  allowed: 'allowed',
  marginal: 'guarded',
  unknown: 'unknown',
  not: 'forbidden',
}

function weatherCheck(judged: readonly JudgedHour[], span: { fromMs: AtMs; toMs: AtMs }): TreatmentCheck {
  const { verdict, worst } = judgeSpan(judged, span)
  const params: Params = { ...worst?.params, reason: worst?.key ?? null }
  return { key: 'weather', vote: votes[verdict], params }
}

/** The plan moves its own sprinklers; a run that a person approved must be cancelled by a person. */
function irrigationCheck(job: SprayJob, { fromMs, toMs }: { fromMs: AtMs; toMs: AtMs }): TreatmentCheck {
  const dryToMs = toMs + (job.rainFastHours ?? UNKNOWN_RAIN_FAST_H) * HOUR_MS
  const near = job.sprinklers.filter((run) => run.toMs > fromMs - DRYING_H * HOUR_MS && run.fromMs < dryToMs)
  const fixed = near.find(({ isFixed }) => isFixed)
  const first = fixed ?? near[0]
  const vote = fixed ? 'forbidden' : first ? 'guarded' : 'allowed'
  return { key: 'irrigation', vote, params: { atMs: first?.fromMs ?? null } }
}
