/** A person's entries for a planned or completed treatment, and their validation. */
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { readTreatmentPlan, type Dose, type TreatmentRow } from '../../tables.ts'
import { computeDose } from './dose.ts'
import type { RecordEntry } from './spray-record.ts'

/** The entries of a planned treatment. Two of amount, dilution and volume are enough. */
export interface TreatmentDraft {
  fieldId: string
  target: string
  productId: string
  fromMs: AtMs
  toMs: AtMs
  amount?: number | null
  unit: string
  dilution?: number | null
  volumeL10a?: number | null
  areaM2?: number
  operator: string
  flowering?: boolean | null
  /** only `areaM2` of the field; `hasOwnIntervals`: the intervals apply to this part, not to the field */
  part?: { name: string; hasOwnIntervals?: boolean } | null
}
export type DoneEntry = Omit<RecordEntry, 'dose' | 'operator'> &
  Partial<Pick<TreatmentDraft, 'amount' | 'unit' | 'dilution' | 'volumeL10a' | 'areaM2' | 'operator'>>

type TreatmentRejection = { code: 'NOT_FOUND' | 'BAD_REQUEST' | 'CONFLICT'; message: string }
export type TreatmentResult<T> = Result<T, TreatmentRejection>

const MAX_DURATION_H = 24

/** `message` starts with the name of the invalid entry, where there is one. */
export const reject = (
  code: TreatmentRejection['code'],
  message: string,
): { ok: false; error: TreatmentRejection } => err({ code, message })

/** Checks the duration of a treatment. */
export function checkSpan(fromMs: AtMs, toMs: AtMs): TreatmentResult<null> {
  const hours = (toMs - fromMs) / HOUR_MS
  return hours > 0 && hours <= MAX_DURATION_H
    ? ok(null)
    : reject('BAD_REQUEST', `toMs: must be up to ${MAX_DURATION_H} h after the start, got ${hours} h`)
}

/** The planned dose, or the entered one. */
export function revisedDose(planned: Dose, entry: DoneEntry): Result<Dose> {
  const isSaid = entry.amount != null || entry.dilution != null || entry.volumeL10a != null
  const areaM2 = entry.areaM2 ?? planned.areaM2
  return computeDose(
    isSaid
      ? { ...entry, unit: entry.unit ?? planned.unit, areaM2 }
      : { amount: planned.amount, unit: planned.unit, volumeL10a: planned.volumeL10a, areaM2 },
  )
}

/** The editable fields of a draft; the field and the pest stay. */
export type DraftChanges = Partial<Omit<TreatmentDraft, 'fieldId' | 'target'>>

/** A draft with its changes. The dose is entered completely, or only its area. */
export function revisedDraft(
  { fieldId, target, productId, fromMs, toMs, plan }: TreatmentRow,
  changes: DraftChanges,
): TreatmentDraft {
  const { dose, operator, flowering, part } = readTreatmentPlan(plan)
  const isDosed = changes.amount != null || changes.dilution != null || changes.volumeL10a != null
  return {
    fieldId,
    target,
    productId,
    fromMs,
    toMs,
    operator,
    flowering,
    unit: dose.unit,
    areaM2: dose.areaM2,
    ...(isDosed ? {} : { amount: dose.amount, volumeL10a: dose.volumeL10a }),
    part: part?.name == null ? null : { name: part.name, hasOwnIntervals: part.holds === 'part' },
    ...changes,
  }
}

/** The same on another whole field. Its flowering is that field's own. */
export function draftForField(treatment: TreatmentRow, fieldId: string): TreatmentDraft {
  const { areaM2: _, ...draft } = revisedDraft(treatment, {})
  return { ...draft, fieldId, flowering: null, part: null }
}
