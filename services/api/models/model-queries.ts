/** Reads the fitted models of an organisation, the newest of each subject, and their predictions. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { FieldRow, ModelKind, ModelRow, PredictionRow } from '../../tables.ts'

interface ModelFilter {
  /** models of the field itself and of its whole farm */
  field?: Pick<FieldRow, 'id' | 'farmId'>
  kind?: ModelKind
  subject?: string
}

/** A fit, with the final drift of the previous fit and the name of its device. */
export type NewestModel = ModelRow & { driftBefore: ModelRow['drift']; deviceName: string | null }

/**
 * The newest version of each kind and subject, in their order. `driftBefore` is null without a previous version or
 * without its drift.
 */
export async function readModels(
  state: State,
  org: string,
  filter: ModelFilter = {},
): Promise<NewestModel[]> {
  let query = state
    .selectFrom('model')
    .leftJoin('model as before', (join) =>
      join
        .onRef('before.org', '=', 'model.org')
        .onRef('before.kind', '=', 'model.kind')
        .onRef('before.subject', '=', 'model.subject')
        .on(({ eb }) => eb('before.version', '=', eb('model.version', '-', 1))),
    )
    .leftJoin('device', (join) =>
      join.onRef('device.org', '=', 'model.org').onRef('device.id', '=', 'model.deviceId'),
    )
    .selectAll('model')
    .select(['before.drift as driftBefore', 'device.name as deviceName'])
    .where('model.org', '=', org)
    .where('model.version', '=', ({ selectFrom }) =>
      selectFrom('model as later')
        .select(({ fn }) => fn.max<number>('later.version').as('version'))
        .whereRef('later.org', '=', 'model.org')
        .whereRef('later.kind', '=', 'model.kind')
        .whereRef('later.subject', '=', 'model.subject'),
    )
  const { field } = filter
  if (field)
    query = query.where(({ eb, or }) =>
      or([eb('model.fieldId', '=', field.id), eb('model.subject', '=', field.farmId)]),
    )
  if (filter.kind !== undefined) query = query.where('model.kind', '=', filter.kind)
  if (filter.subject !== undefined) query = query.where('model.subject', '=', filter.subject)
  return query.orderBy('model.kind').orderBy('model.subject').execute()
}

/** The predictions for some subjects of a kind. */
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

/** The id of a model across its versions, as used in paths. */
export const modelIdOf = ({ kind, subject }: { kind: ModelKind; subject: string }): string =>
  `${kind}:${subject}`

/** The subject of a probe's model: its device, and the depth when it has several. */
export const probeSubject = (device: string, depthCm: number | null): string =>
  depthCm === null ? device : `${device}@${depthCm}`
