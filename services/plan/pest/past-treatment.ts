/**
 * A past spray that a person records afterwards: it was not planned or confirmed here. Only impossible entries
 * are rejected; the label checks are stored with its record.
 */
import { startOfDay } from '../../../broker/contract/time.ts'
import { ok } from '../../../broker/contract/result.ts'
import type { State } from '../../ports.ts'
import {
  readTreatmentPlan,
  toJson,
  type SeasonRow,
  type SprayRecord,
  type SprayWeather,
  type TreatmentRow,
} from '../../tables.ts'
import { buildTreatment, type TreatmentAuthor } from './planned-treatment.ts'
import { readPestField } from './read-field.ts'
import { draftRecord } from './spray-record.ts'
import { reject, type TreatmentResult, type TreatmentDraft } from './treatment-draft.ts'

/**
 * The crop of its day, or the one planted next, on a farm of this time zone; and the station's weather at its
 * start.
 */
export interface PastConditions {
  season: SeasonRow
  timeZone: string
  weather: SprayWeather | null
}

/** Builds the treatment and its record from a draft. BAD_REQUEST if it lies ahead. */
export async function pastTreatment(
  rows: State,
  author: TreatmentAuthor,
  draft: TreatmentDraft,
  { season, timeZone, weather }: PastConditions,
): Promise<TreatmentResult<TreatmentRow>> {
  const { fieldId, fromMs, toMs, operator } = draft
  if (toMs > author.nowMs) return reject('BAD_REQUEST', `toMs: must not lie ahead, got ${toMs}`)
  // seedlings in their boxes are treated before planting
  const grewMs = Math.max(fromMs, startOfDay(season.plantedDay, timeZone))
  const pestField = await readPestField(rows, author.org, fieldId, grewMs)
  if (!pestField) return reject('NOT_FOUND', `field ${fieldId} does not exist`)
  const isFlowering = draft.flowering ?? null // unknown for that day
  const built = buildTreatment(pestField, author, draft, { hours: null, isFlowering, proposal: null })
  if (!built.ok) return built
  const treatment = built.value
  const record = draftRecord(
    { treatment, season, field: pestField.field, farm: pestField.farm },
    { startMs: fromMs, endMs: toMs, dose: readTreatmentPlan(treatment.plan).dose, operator },
    weather,
  )
  return ok({ ...treatment, state: 'done', record: toJson<SprayRecord>(record) })
}
