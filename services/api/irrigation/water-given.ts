/** Water that flowed in a span, by field: a run that crosses its edge counts with its part. Pure. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { IrrigationRow } from '../../tables.ts'
import type { PlanView } from './plan-schemas.ts'

type Given = PlanView['night']
type Flow = Pick<
  IrrigationRow,
  'fieldId' | 'commandedAtMs' | 'openedAtMs' | 'closedAtMs' | 'ranMs' | 'litres'
>

/** `names`: of the fields; the most water first. A run of unknown amount is counted, not its water. */
export function waterGiven(
  records: readonly Flow[],
  names: ReadonlyMap<string, string>,
  { fromMs, toMs }: { fromMs: AtMs; toMs: AtMs },
): Given {
  const byField = new Map<string, number>()
  let unknownRuns = 0
  for (const record of records) {
    const share = shareWithin(record, fromMs, toMs)
    if (share === 0) continue
    if (record.litres === null) unknownRuns++
    else byField.set(record.fieldId, (byField.get(record.fieldId) ?? 0) + share * record.litres)
  }
  const fields = [...byField].map(([fieldId, litres]) => ({
    fieldId,
    fieldName: names.get(fieldId) ?? '',
    litres,
  }))
  return {
    fromMs,
    toMs,
    litres: fields.reduce((sum, { litres }) => sum + litres, 0),
    unknownRuns,
    fields: fields.sort((a, b) => b.litres - a.litres || (a.fieldName < b.fieldName ? -1 : 1)),
  }
}

/** The part of an opening within the span, by time, 0 to 1; one without a length counts where it began. */
function shareWithin(record: Flow, fromMs: AtMs, toMs: AtMs): number {
  const beganMs = record.openedAtMs ?? record.commandedAtMs
  const endedMs = record.closedAtMs ?? beganMs + record.ranMs
  if (endedMs <= beganMs) return beganMs >= fromMs && beganMs < toMs ? 1 : 0
  return Math.max(0, Math.min(endedMs, toMs) - Math.max(beganMs, fromMs)) / (endedMs - beganMs)
}
