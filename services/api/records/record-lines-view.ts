/** Irrigation runs, sprays, work and loads of a field, each as a text of the catalogue (message-keys.ts). Pure. */
import { startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { MANUAL } from '../../domain/manual-water.ts'
import { fromJson, type IrrigationRow } from '../../tables.ts'
import { VALVE_TEST } from '../../valve-test.ts'
import type { ApiKey } from '../http/message-keys.ts'
import type { FieldRecords } from './record-queries.ts'
import type { FieldDetail } from '../schemas.ts'

type Params = FieldDetail['log'][number]['message']['params']

export interface RecordLine {
  what: 'irrigation' | 'spray' | 'work' | 'load'
  id: string
  atMs: AtMs
  day: Day | null // where no more than the day is known; atMs is its beginning
  message: { key: ApiKey; params: Params }
}

/** In no order. */
export const recordLines = (
  { irrigations, sprays, work, loads }: FieldRecords & { irrigations: readonly IrrigationRow[] },
  timeZone: string,
): RecordLine[] => [
  ...irrigations.map(irrigationLine),
  ...sprays.map(({ id, fromMs, plan }): RecordLine => {
    const params = { product: fromJson(plan).product.name }
    return { what: 'spray', id, atMs: fromMs, day: null, message: { key: 'log-sprayed', params } }
  }),
  ...work.map(({ id, day, startMs, kind, material }): RecordLine => {
    const when = startMs === null ? { atMs: startOfDay(day, timeZone), day } : { atMs: startMs, day: null }
    const message: RecordLine['message'] =
      material === null
        ? { key: 'log-work', params: { kind } }
        : { key: 'log-work-with', params: { kind, material: fromJson(material).name } }
    return { what: 'work', id, ...when, message }
  }),
  ...loads.map(({ id, day, grossKg: kg }): RecordLine => {
    const atMs = startOfDay(day, timeZone)
    return { what: 'load', id, atMs, day, message: { key: 'log-load', params: { kg } } }
  }),
]

/** One run, as it is said wherever it stands. */
export function irrigationLine(row: IrrigationRow): RecordLine {
  const line = (key: ApiKey, params: Params): RecordLine => ({
    what: 'irrigation',
    id: row.id,
    atMs: row.closedAtMs ?? row.commandedAtMs,
    day: null,
    message: { key, params },
  })
  if (row.failure !== null) return line('log-irrigation-failed', { why: row.failure })
  if (row.cause === VALVE_TEST) return line('log-tested', { litres: row.litres })
  if (row.cause === MANUAL) return line('log-watered', { mm: row.grossMm, source: row.volumeSource })
  return line('log-irrigated', {
    mm: row.grossMm,
    minutes: row.ranMs / 60_000,
    source: row.volumeSource,
  })
}
