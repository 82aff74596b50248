/** Irrigation, treatments, work and loads of a field, each as a catalogue text (message-keys.ts). Pure. */
import { startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { readTreatmentPlan, readWorkMaterial, type IrrigationRow } from '../../tables.ts'
import type { ApiKey } from '../http/message-keys.ts'
import { irrigationMessage } from '../irrigation/irrigation-view.ts'
import type { FieldRecords } from '../records/record-queries.ts'
import type { Message } from '../http/validation/value-schemas.ts'

export interface RecordLine {
  what: 'irrigation' | 'spray' | 'work' | 'load'
  id: string
  atMs: AtMs
  day: Day | null // when only the day is known; atMs is its start
  message: { key: ApiKey; params: Message['params'] }
}

/** Unordered. */
export const recordLines = (
  { irrigations, sprays, work, loads }: FieldRecords & { irrigations: readonly IrrigationRow[] },
  timeZone: string,
): RecordLine[] => [
  ...irrigations.map((row): RecordLine => ({
    what: 'irrigation',
    id: row.id,
    atMs: row.closedAtMs ?? row.commandedAtMs,
    day: null,
    message: irrigationMessage(row),
  })),
  ...sprays.map(({ id, fromMs, plan }): RecordLine => {
    const params = { product: readTreatmentPlan(plan).product.name }
    return { what: 'spray', id, atMs: fromMs, day: null, message: { key: 'log-sprayed', params } }
  }),
  ...work.map(({ id, day, startMs, kind, material }): RecordLine => {
    const when = startMs === null ? { atMs: startOfDay(day, timeZone), day } : { atMs: startMs, day: null }
    const message: RecordLine['message'] =
      material === null
        ? { key: 'log-work', params: { kind } }
        : { key: 'log-work-with', params: { kind, material: readWorkMaterial(material).name } }
    return { what: 'work', id, ...when, message }
  }),
  ...loads.map(({ id, day, grossKg: kg }): RecordLine => {
    const atMs = startOfDay(day, timeZone)
    return { what: 'load', id, atMs, day, message: { key: 'log-load', params: { kg } } }
  }),
]
