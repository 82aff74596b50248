/** A treatment as a person drafts it, held against the label, the harvest, the season, the weather and the water. */
import { dayOf, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import { ok } from '../../../broker/contract/result.ts'
import type { State } from '../../ports.ts'
import { toJson, type FieldPart, type TreatmentPlan, type TreatmentRow } from '../../tables.ts'
import { doseOf } from './dose.ts'
import { floweringOf, proposalsFor } from './field-proposals.ts'
import { copyOf, useFor } from './label.ts'
import { allChecks } from './offers.ts'
import { readPestField } from './read-field.ts'
import { PEST_RULES } from './spray-record.ts'
import { refuse, spanOf, type Answer, type TreatmentDraft } from './treatment-draft.ts'
import type { Ahead } from './weather-ahead.ts'

/** The row of a draft; nothing is agreed to by it. What cannot be meant is refused. */
export async function plannedTreatment(
  rows: State,
  { org, id, actor, nowMs }: { org: string; id: string; actor: string; nowMs: AtMs },
  draft: TreatmentDraft,
  ahead: Ahead | null,
): Promise<Answer<TreatmentRow>> {
  const of = await readPestField(rows, org, draft.fieldId, nowMs)
  if (!of) return refuse('NOT_FOUND', `there is no field ${draft.fieldId} here`)
  if (!of.season) return refuse('CONFLICT', 'fieldId: nothing grows in this field now')
  const label = of.labels.find(({ product }) => product.id === draft.productId)
  if (!label) return refuse('NOT_FOUND', `there is no product ${draft.productId} here`)
  const span = spanOf(draft.fromMs, draft.toMs)
  if (!span.ok) return span
  // what is over may still be written down, of the season that grows
  const { plantedDay } = of.season
  if (draft.fromMs < startOfDay(plantedDay, of.farm.timeZone))
    return refuse(
      'BAD_REQUEST',
      `fromMs: must not lie before the planting of ${plantedDay}, got ${draft.fromMs}`,
    )
  const isOver = draft.toMs <= nowMs
  const dose = doseOf({ ...draft, areaM2: draft.areaM2 ?? of.field.areaM2 })
  if (!dose.ok) return refuse('BAD_REQUEST', dose.error)
  if (dose.value.areaM2 > of.field.areaM2)
    return refuse(
      'BAD_REQUEST',
      `areaM2: must be at most the field's ${of.field.areaM2}, got ${dose.value.areaM2}`,
    )
  if (draft.part && !(dose.value.areaM2 < of.field.areaM2))
    return refuse(
      'BAD_REQUEST',
      `areaM2: of a part must be below the field's ${of.field.areaM2}, got ${dose.value.areaM2}`,
    )
  const part: FieldPart | null = draft.part
    ? { name: draft.part.name, holds: draft.part.holdsAlone === true ? 'part' : 'field' }
    : null
  const { target, fromMs, toMs } = draft
  const isFlowering = draft.flowering ?? floweringOf(of)
  const spray = { target, dose: dose.value, fromMs, toMs, isFlowering, exceptId: id, part }
  const proposal = proposalsFor(of, dayOf(nowMs, of.farm.timeZone)).find((one) => one.target === target)
  const plan: TreatmentPlan = {
    product: copyOf(label, useFor(label, of.season.crop, target)),
    dose: dose.value,
    operator: draft.operator,
    flowering: isFlowering,
    proposal: proposal ? { action: proposal.action, key: proposal.key, params: proposal.params } : null,
    checks: allChecks(of, label, spray, isOver ? null : (ahead?.hours ?? [])),
    accepted: [],
    rules: PEST_RULES,
    part,
  }
  return ok({
    ...{ id, org, farmId: of.farm.id, fieldId: of.field.id, seasonId: of.season.id, target },
    ...{ productId: draft.productId, state: 'planned', fromMs, toMs, plan: toJson(plan), record: null },
    ...{ createdBy: actor, createdAtMs: nowMs, confirmedBy: null, confirmedAtMs: null },
    ...{ recordedBy: null, recordedAtMs: null, voidedBy: null, voidedAtMs: null, voidReason: null },
  })
}
