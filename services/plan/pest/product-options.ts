/**
 * Products against a pest: each product whose label has the crop and the pest, with its windows and checks. A
 * window with a forbidden rule is never offered. Pure.
 */
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Dose, FieldPart, TreatmentCheck, CheckResult } from '../../tables.ts'
import { computeDose, type DoseEntry } from './dose.ts'
import type { Params } from './message-keys.ts'
import { isSameText, useFor, type Label, type Use } from './label.ts'
import { applications, fieldEntries, sprinklerRuns, type PestField } from './read-field.ts'
import { judgeHours, type HourVerdict, type JudgedHour, type SprayHour, type SprayJob } from './spray-hour.ts'
import { DRYING_H, sprayLimits, UNKNOWN_RAIN_FAST_H } from './spray-limits.ts'
import { judgeSpan, sprayWindows, type SprayWindow } from './spray-windows.ts'
import { checkTreatment, resultSeverity, worstResult } from './treatment-checks.ts'

export interface ProductOption {
  productId: string
  name: string
  registrationNumber: string
  country: string
  isDemo: boolean
  result: CheckResult
  checks: TreatmentCheck[] // at its first window; without one, as if sprayed now
  windows: SprayWindow[]
  dose: Dose | null // a suggestion within the label; null: the label has no figures
}

/** A shorter window is not worth filling and washing a sprayer. */
export const MIN_WINDOW_H = 2
const MAX_WINDOWS = 5
/** Working hours, minutes of the local day, where a farm has none. Unconfirmed. */
export const WORK_HOURS = { fromMin: 4 * 60, toMin: 20 * 60 }

/** The options for a target, best result first. */
export const productOptions = (
  pestField: PestField,
  target: string,
  hours: readonly SprayHour[],
  x: { nowMs: AtMs; isFlowering: boolean | null },
): ProductOption[] =>
  pestField.labels
    .filter((label) => label.product.retiredAtMs === null)
    .flatMap((label) => {
      const use = pestField.season && useFor(label, pestField.season.crop, target)
      return use ? [productOption(pestField, label, use, target, hours, x)] : []
    })
    .toSorted((a, b) => resultSeverity[a.result] - resultSeverity[b.result] || (a.name < b.name ? -1 : 1))

/** Other targets on the labels of the crop, for example weeds: no model decides when they are due. */
export function otherTargets(pestField: PestField, others: readonly { target: string }[]): string[] {
  const crop = pestField.season?.crop ?? ''
  const named = pestField.labels
    .filter(({ product }) => product.retiredAtMs === null)
    .flatMap(({ uses }) => uses.filter((use) => isSameText(use.crop, crop)))
    .map(({ target }) => target.trim())
  return [...new Map(named.map((target) => [target.toLowerCase(), target])).values()]
    .filter((target) => !others.some((other) => isSameText(other.target, target)))
    .toSorted()
}

function productOption(
  pestField: PestField,
  label: Label,
  use: Use,
  target: string,
  hours: readonly SprayHour[],
  { nowMs, isFlowering }: { nowMs: AtMs; isFlowering: boolean | null },
): ProductOption {
  const { product } = label
  const dose = suggestedDose(use, pestField.field.areaM2)
  const judgedHours = judgeHours(hours, sprayJob(pestField, label, isFlowering))
  const checksAt = (span: { fromMs: AtMs; toMs: AtMs }) =>
    allChecks(pestField, label, { target, dose, ...span, isFlowering, exceptId: null }, hours)
  const windows = sprayWindows(judgedHours, MIN_WINDOW_H)
    .map((window) => ({ window, checks: checksAt(window) }))
    .filter(({ checks }) => worstResult(checks) !== 'forbidden')
    .slice(0, MAX_WINDOWS)
  const checks = windows[0]?.checks ?? checksAt({ fromMs: nowMs, toMs: nowMs + MIN_WINDOW_H * HOUR_MS })
  return {
    productId: product.id,
    name: product.name,
    registrationNumber: product.registrationNumber,
    country: product.country,
    isDemo: product.isDemo === 1,
    result: worstResult(checks),
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

export const sprayJob = (
  pestField: PestField,
  label: Label | null,
  isFlowering: boolean | null,
): SprayJob => ({
  limits: sprayLimits(label?.limits ?? null),
  rainFastHours: label?.product.rainFastHours ?? null,
  isBeeHazard: label === null || label.product.beeHazard === null ? null : label.product.beeHazard === 1,
  isFlowering,
  elevationM: pestField.farm.elevationM,
  timeZone: pestField.farm.timeZone,
  work: WORK_HOURS,
  sprinklers: sprinklerRuns(pestField),
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
  pestField: PestField,
  label: Label,
  spray: PlannedSpray,
  hours: readonly SprayHour[] | null,
): TreatmentCheck[] {
  const { fromMs, toMs, target, dose, exceptId } = spray
  const job = sprayJob(pestField, label, spray.isFlowering)
  const ofLabel = checkTreatment({
    label,
    target,
    dose,
    fromMs,
    toMs,
    crop: pestField.season?.crop ?? '',
    timeZone: pestField.farm.timeZone,
    harvestDay: pestField.season?.harvestedDay ?? pestField.season?.harvestPlannedDay ?? null,
    others: applications(pestField, exceptId),
    entries: fieldEntries(pestField, exceptId),
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
  (check.key === 'phi' || check.key === 'rei') && check.result === 'forbidden'
    ? { ...check, result: 'caution' }
    : check

const results: Record<HourVerdict, CheckResult> = {
  allowed: 'allowed',
  marginal: 'caution',
  unknown: 'unknown',
  unsuitable: 'forbidden',
}

function weatherCheck(
  judgedHours: readonly JudgedHour[],
  span: { fromMs: AtMs; toMs: AtMs },
): TreatmentCheck {
  const { verdict, worst } = judgeSpan(judgedHours, span)
  const params: Params = { ...worst?.params, reason: worst?.key ?? null }
  return { key: 'weather', result: results[verdict], params }
}

/** The plan moves its own sprinklers; a run that a person approved must be cancelled by a person. */
function irrigationCheck(job: SprayJob, { fromMs, toMs }: { fromMs: AtMs; toMs: AtMs }): TreatmentCheck {
  const dryToMs = toMs + (job.rainFastHours ?? UNKNOWN_RAIN_FAST_H) * HOUR_MS
  const closeRuns = job.sprinklers.filter(
    (run) => run.toMs > fromMs - DRYING_H * HOUR_MS && run.fromMs < dryToMs,
  )
  const fixed = closeRuns.find(({ isFixed }) => isFixed)
  const first = fixed ?? closeRuns[0]
  const result = fixed ? 'forbidden' : first ? 'caution' : 'allowed'
  return { key: 'irrigation', result, params: { atMs: first?.fromMs ?? null } }
}
