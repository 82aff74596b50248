/** Reads the records of a field: treatments, work and loads; without voided ones. */
import type { AtMs, Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { FieldWorkRow, HarvestLoadRow, TreatmentRow } from '../../tables.ts'

export interface FieldRecords {
  sprays: TreatmentRow[]
  work: FieldWorkRow[]
  loads: HarvestLoadRow[]
}

/** From the first instant and day, to before the last; each in order. */
export async function readRecords(
  state: State,
  fieldId: string,
  { fromMs, toMs, fromDay, toDay }: { fromMs: AtMs; toMs: AtMs; fromDay: Day; toDay: Day },
): Promise<FieldRecords> {
  const [sprays, work, loads] = await Promise.all([
    state
      .selectFrom('treatment')
      .selectAll()
      .where('fieldId', '=', fieldId)
      .where('state', 'in', ['done', 'recorded'])
      .where('fromMs', '>=', fromMs)
      .where('fromMs', '<', toMs)
      .orderBy('fromMs')
      .execute(),
    state
      .selectFrom('fieldWork')
      .selectAll()
      .where('fieldId', '=', fieldId)
      .where('state', '<>', 'void')
      .where('day', '>=', fromDay)
      .where('day', '<', toDay)
      .orderBy('day')
      .orderBy('id')
      .execute(),
    state
      .selectFrom('harvestLoad')
      .selectAll()
      .where('fieldId', '=', fieldId)
      .where('voidedAtMs', 'is', null)
      .where('day', '>=', fromDay)
      .where('day', '<', toDay)
      .orderBy('day')
      .orderBy('id')
      .execute(),
  ])
  return { sprays, work, loads }
}
