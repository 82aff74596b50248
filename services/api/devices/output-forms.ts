/**
 * Validates the settings of an auxiliary output against the bounds of its kind: BAD_REQUEST names the
 * expected value.
 */
import type { Static } from 'typebox'
import type { Pest } from '../../agronomy/pests/pest.ts'
import { pestOf } from '../../agronomy/pests/catalogue.ts'
import { fail } from '../../errors.ts'
import { isAuxiliaryOutput, outputBounds } from '../../domain/auxiliary-outputs.ts'
import { outputKinds, toJson, type OutputKind, type AuxOutputRow, type OutputRule } from '../../tables.ts'
import type { OutputPatch, OutputRuleForm } from './output-schemas.ts'

/** The kind of output that a controller reports; anything but a bird scarer, a siren or a fan is rejected. */
export function auxiliaryKind(kind: string | null | undefined, valve: string): OutputKind {
  if (isAuxiliaryOutput(kind)) return kind
  const list = outputKinds.join(', ')
  return fail(
    'BAD_REQUEST',
    kind == null
      ? `valve: must be an auxiliary output (${list}), the controller reports ${valve} as a water valve`
      : `valve: must be an auxiliary output (${list}), the controller reports ${valve} as ${kind}`,
  )
}

/** Applies a patch to a row, within the bounds of its kind. */
export function applyOutputPatch(row: AuxOutputRow, patch: OutputPatch): AuxOutputRow {
  const { rule, hours, quietHours, isOn, ...columns } = patch
  const next: AuxOutputRow = { ...row, ...columns }
  if (rule) next.rule = toJson(outputRule(rule as Static<typeof OutputRuleForm>, row.kind))
  if (hours) next.hours = toJson(hours)
  if (quietHours !== undefined) next.quietHours = quietHours === null ? null : toJson(quietHours)
  if (isOn !== undefined) next.isOn = isOn ? 1 : 0
  const { maxOnMinutes, minEveryMinutes, maxDailyMinutes } = outputBounds[row.kind]
  checkAtMost('onMinutes', next.onMinutes, maxOnMinutes, row.kind)
  checkAtMost('maxDailyMinutes', next.maxDailyMinutes, maxDailyMinutes, row.kind)
  const minimum = Math.max(minEveryMinutes, next.onMinutes)
  if (next.everyMinutes < minimum)
    fail(
      'BAD_REQUEST',
      `everyMinutes: must be at least ${minimum} for a ${row.kind}, got ${next.everyMinutes}`,
    )
  if (next.isOn === 1 && next.rule === null)
    fail('BAD_REQUEST', 'rule: must be set before the output is enabled, got none')
  return next
}

function checkAtMost(name: string, value: number, maximum: number, kind: OutputKind): void {
  if (value > maximum) fail('BAD_REQUEST', `${name}: must be at most ${maximum} for a ${kind}, got ${value}`)
}

function outputRule(form: Static<typeof OutputRuleForm>, kind: OutputKind): OutputRule {
  const { rules } = outputBounds[kind]
  if (!rules.includes(form.by))
    fail('BAD_REQUEST', `rule.by: must be one of ${rules.join(', ')} for a ${kind}, got ${form.by}`)
  if (form.by !== 'flight') return form as OutputRule
  const pest =
    pestOf(form.pest) ?? fail('BAD_REQUEST', `rule.pest: must be a pest that Tilth knows, got ${form.pest}`)
  const flight = flightRule(pest)
  const fromCd = form.fromCd ?? flight.fromCd ?? unknown('fromCd', pest)
  const toCd = form.toCd ?? flight.toCd ?? unknown('toCd', pest)
  if (toCd <= fromCd) fail('BAD_REQUEST', `rule.toCd: must be above fromCd (${fromCd}), got ${toCd}`)
  return { by: 'flight', pest: pest.id, fromCd, toCd }
}

const unknown = (name: string, pest: Pest): never =>
  fail('BAD_REQUEST', `rule.${name}: must be given in °C·d, the pest table has no value for ${pest.id}`)

/** A biofix by catches is the start of the flight; a flight ends with its generation. */
function flightRule(pest: Pest): { fromCd: number | null; toCd: number | null } {
  const isByCatch = pest.biofix === 'first-catch' || pest.biofix === 'peak-catch'
  const moths = pest.events.find(({ key }) => key === 'first-moths')?.sumCd
  return { fromCd: isByCatch ? 0 : (moths ?? null), toCd: pest.generationCd }
}
