/**
 * A treatment as a person drafts it, checked against the label, the harvest, the season, the weather and the
 * irrigation.
 */
import { dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { ok } from '../../../broker/contract/result.ts'
import type { State } from '../../ports.ts'
import { toJson, type FieldPart, type TreatmentPlan, type TreatmentRow } from '../../tables.ts'
import { computeDose } from './dose.ts'
import { isFloweringByStage, fieldProposals } from './field-proposals.ts'
import { labelCopy, useFor } from './label.ts'
import { allChecks } from './product-options.ts'
import { readPestField, type PestField } from './read-field.ts'
import type { SprayHour } from './spray-hour.ts'
import { PEST_RULES } from './spray-record.ts'
import { reject, checkSpan, type TreatmentResult, type TreatmentDraft } from './treatment-draft.ts'
import type { SprayForecast } from './spray-forecast.ts'

/** The owner and id of a treatment, its author and time. */
export interface TreatmentAuthor {
  org: string
  id: string
  actor: string
  nowMs: AtMs
}

/** The row of a draft; it confirms nothing. Impossible entries are rejected. */
export async function plannedTreatment(
  rows: State,
  author: TreatmentAuthor,
  draft: TreatmentDraft,
  ahead: SprayForecast | null,
): Promise<TreatmentResult<TreatmentRow>> {
  const { org, nowMs } = author
  const pestField = await readPestField(rows, org, draft.fieldId, nowMs)
  if (!pestField) return reject('NOT_FOUND', `field ${draft.fieldId} does not exist`)
  if (!pestField.season) return reject('CONFLICT', 'fieldId: nothing grows in this field now')
  if (draft.toMs <= nowMs) return reject('BAD_REQUEST', `toMs: must lie ahead, got ${draft.toMs}`)
  const proposal = fieldProposals(pestField, dayOf(nowMs, pestField.farm.timeZone)).find(
    ({ target }) => target === draft.target,
  )
  return buildTreatment(pestField, author, draft, {
    hours: ahead?.hours ?? [],
    isFlowering: draft.flowering ?? isFloweringByStage(pestField),
    proposal: proposal ? { action: proposal.action, key: proposal.key, params: proposal.params } : null,
  })
}

/**
 * A treatment of a field's crop, with the checks of its label, its dose and the rules. `hours` null: it is in
 * the past.
 */
export function buildTreatment(
  pestField: PestField,
  { org, id, actor, nowMs }: TreatmentAuthor,
  draft: TreatmentDraft,
  {
    hours,
    isFlowering,
    proposal,
  }: { hours: readonly SprayHour[] | null; isFlowering: boolean | null } & Pick<TreatmentPlan, 'proposal'>,
): TreatmentResult<TreatmentRow> {
  if (!pestField.season) return reject('CONFLICT', 'fieldId: nothing grew in this field then')
  const label = pestField.labels.find(({ product }) => product.id === draft.productId)
  if (!label) return reject('NOT_FOUND', `product ${draft.productId} does not exist`)
  const span = checkSpan(draft.fromMs, draft.toMs)
  if (!span.ok) return span
  const dose = computeDose({ ...draft, areaM2: draft.areaM2 ?? pestField.field.areaM2 })
  if (!dose.ok) return reject('BAD_REQUEST', dose.error)
  if (dose.value.areaM2 > pestField.field.areaM2)
    return reject(
      'BAD_REQUEST',
      `areaM2: must be at most the field's ${pestField.field.areaM2}, got ${dose.value.areaM2}`,
    )
  if (draft.part && !(dose.value.areaM2 < pestField.field.areaM2))
    return reject(
      'BAD_REQUEST',
      `areaM2: of a part must be below the field's ${pestField.field.areaM2}, got ${dose.value.areaM2}`,
    )
  const part: FieldPart | null = draft.part
    ? { name: draft.part.name, holds: draft.part.hasOwnIntervals === true ? 'part' : 'field' }
    : null
  const { target, fromMs, toMs } = draft
  const spray = { target, dose: dose.value, fromMs, toMs, isFlowering, exceptId: id, part }
  const plan: TreatmentPlan = {
    product: labelCopy(label, useFor(label, pestField.season.crop, target)),
    dose: dose.value,
    operator: draft.operator,
    flowering: isFlowering,
    proposal,
    checks: allChecks(pestField, label, spray, hours),
    accepted: [],
    rules: PEST_RULES,
    part,
  }
  return ok({
    id,
    org,
    farmId: pestField.farm.id,
    fieldId: pestField.field.id,
    seasonId: pestField.season.id,
    target,
    productId: draft.productId,
    state: 'planned',
    fromMs,
    toMs,
    plan: toJson(plan),
    record: null,
    createdBy: actor,
    createdAtMs: nowMs,
    confirmedBy: null,
    confirmedAtMs: null,
    recordedBy: null,
    recordedAtMs: null,
    voidedBy: null,
    voidedAtMs: null,
    voidReason: null,
  })
}
