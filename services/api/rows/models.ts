/** Reads the fits of an organisation: the newest of each subject; and what they say of the days ahead. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { FieldRow, ModelKind, ModelRow, PredictionRow } from '../../tables.ts'

interface Which {
  /** what speaks of the field: its own, and those of its whole farm */
  field?: Pick<FieldRow, 'id' | 'farmId'>
  kind?: ModelKind
  subject?: string
}

export async function readModels(state: State, org: string, which: Which = {}): Promise<ModelRow[]> {
  let query = state
    .selectFrom('model')
    .selectAll()
    .where('org', '=', org)
    .where('version', '=', ({ selectFrom }) =>
      selectFrom('model as later')
        .select(({ fn }) => fn.max<number>('later.version').as('version'))
        .whereRef('later.org', '=', 'model.org')
        .whereRef('later.kind', '=', 'model.kind')
        .whereRef('later.subject', '=', 'model.subject'),
    )
  const { field } = which
  if (field)
    query = query.where(({ eb, or }) => or([eb('fieldId', '=', field.id), eb('subject', '=', field.farmId)]))
  if (which.kind !== undefined) query = query.where('kind', '=', which.kind)
  if (which.subject !== undefined) query = query.where('subject', '=', which.subject)
  return query.orderBy('kind').orderBy('subject').execute()
}

/** What was said of instants ahead for some subjects of a kind. */
export async function readPredictions(
  state: State,
  org: string,
  kind: ModelKind,
  subjects: readonly string[],
  nowMs: AtMs,
): Promise<PredictionRow[]> {
  if (subjects.length === 0) return []
  return state
    .selectFrom('prediction')
    .selectAll()
    .where('org', '=', org)
    .where('kind', '=', kind)
    .where('subject', 'in', subjects)
    .where('atMs', '>', nowMs)
    .execute()
}
