/** A fit as shown: its data, its skill on held-out time, whether it is in use, its limits. */
import {
  readModelDrift,
  readModelReason,
  readModelSkills,
  readModelTerms,
  type ModelKind,
} from '../../tables.ts'
import type { ModelLimitKey } from '../http/message-keys.ts'
import { modelIdOf, type NewestModel } from './model-queries.ts'
import type { ModelBrief, ModelCard } from './model-schemas.ts'

/** Null when the text names no kind of model. */
export function parseModelId(id: string): { kind: ModelKind; subject: string } | null {
  const [kind, ...subject] = id.split(':')
  return kind !== undefined && Object.hasOwn(limitOf, kind)
    ? { kind: kind as ModelKind, subject: subject.join(':') }
    : null
}

/** The limits of each kind. */
const limitOf: Record<ModelKind, ModelLimitKey> = {
  'soil-moisture': 'this-probe',
  et0: 'this-station',
  'pest-flight': 'this-trap',
  yield: 'this-field',
  'valve-flow': 'this-valve',
  'application-rate': 'this-zone',
  'water-rule': 'this-field',
}

/** `driftBefore`: the final drift of the previous fit. */
export function modelCard(row: NewestModel, fieldName: string | null): ModelCard {
  const before = row.driftBefore === null ? null : readModelDrift(row.driftBefore)
  return {
    id: modelIdOf(row),
    kind: row.kind,
    subject: row.subject,
    fieldId: row.fieldId,
    fieldName,
    deviceId: row.deviceId,
    deviceName: row.deviceName,
    depthCm: depthOf(row.subject),
    state: row.state,
    reason: readModelReason(row.reason),
    version: row.version,
    fittedAtMs: row.fittedAtMs,
    fromDay: row.fromDay,
    throughDay: row.throughDay,
    rows: row.rows,
    terms: readModelTerms(row.terms),
    skill: readModelSkills(row.skill),
    drift: row.drift === null ? null : readModelDrift(row.drift),
    replaced: before?.isDrifting ? before : null,
    limits: [
      { key: limitOf[row.kind], params: {} },
      ...(row.state === 'used'
        ? [
            {
              key: 'in-window' satisfies ModelLimitKey,
              params: { fromDay: row.fromDay, throughDay: row.throughDay },
            },
          ]
        : []),
    ],
  }
}

/** The part of a model card that a field shows. `depthCm` is null for a subject without a depth. */
export const modelBrief = (row: NewestModel): ModelBrief => ({
  id: modelIdOf(row),
  kind: row.kind,
  subject: row.subject,
  deviceId: row.deviceId,
  deviceName: row.deviceName,
  depthCm: depthOf(row.subject),
  state: row.state,
  reason: readModelReason(row.reason),
})

function depthOf(subject: string): number | null {
  const depth = Number(subject.split('@')[1] ?? NaN)
  return Number.isFinite(depth) ? depth : null
}
