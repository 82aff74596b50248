/** The newest measurements that the state of a field rests on. */
import type { AtMs } from '../../broker/contract/time.ts'
import { readStateInputs, type FieldStateRow } from '../tables.ts'

/** Of its inputs; null: none is measured. */
export const newestMeasurementMs = ({ inputs }: Pick<FieldStateRow, 'inputs'>): AtMs | null =>
  readStateInputs(inputs).reduce<AtMs | null>(
    (newestMs, { kind, atMs }) =>
      kind === 'measured' && atMs !== null && (newestMs === null || atMs > newestMs) ? atMs : newestMs,
    null,
  )

/** The soil probes of a field: the time of their newest reading, and whether all of them are silent. Null: it has none. */
export function soilProbes({
  inputs,
}: Pick<FieldStateRow, 'inputs'>): { newestMs: AtMs | null; areSilent: boolean } | null {
  const probes = readStateInputs(inputs).filter(({ key }) => key === 'soil.moisture')
  if (probes.length === 0) return null
  const times = probes.flatMap(({ atMs }) => (atMs === null ? [] : [atMs]))
  return {
    newestMs: times.length > 0 ? Math.max(...times) : null,
    areSilent: probes.every(({ fresh }) => fresh === 'lost'),
  }
}
