/** Persistence of fits and predictions. */
import { DAY_MS, type AtMs, type Day } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import { inOrg } from '../runtime/transactions.ts'
import {
  readModelReason,
  readModelSkills,
  readModelTerms,
  toJson,
  type ModelKind,
  type ModelRow,
  type PredictionRow,
} from '../tables.ts'
import type { Fit, Subject } from './fitting/learner.ts'
import type { NightlyFit } from './learn-subject.ts'

/** Per subject: more than half a year of fits, and the predictions of the last weeks. */
const MAX_VERSIONS = 20
const PREDICTION_TTL_MS = 30 * DAY_MS
const BATCH_SIZE = 200

export interface StoredFit {
  version: number
  fit: Fit
}

/** The newest fit of each of these subjects. */
export async function newestFits(
  state: State,
  org: string,
  kind: ModelKind,
  subjects: readonly string[],
): Promise<Map<string, StoredFit>> {
  const newest = new Map<string, StoredFit>()
  for (const batch of chunks(subjects)) {
    const rows = await state
      .selectFrom('model')
      .selectAll()
      .where('org', '=', org)
      .where('kind', '=', kind)
      .where('subject', 'in', batch)
      .orderBy('version')
      .execute()
    for (const row of rows) newest.set(row.subject, { version: row.version, fit: fitOf(row) })
  }
  return newest
}

const fitOf = (row: ModelRow): Fit => ({
  state: row.state,
  reason: readModelReason(row.reason) as Fit['reason'], // written by a fit
  rows: row.rows,
  fromDay: row.fromDay,
  throughDay: row.throughDay,
  terms: readModelTerms(row.terms),
  skill: readModelSkills(row.skill),
})

/** A subject, its stored fit, and the result of the night. */
export interface LearnedSubject {
  of: Pick<Subject<unknown>, 'subject' | 'fieldId' | 'deviceId'>
  before: StoredFit | null
  night: NightlyFit
}

/** Writes the results of one kind; repeating the same night writes the same rows. */
export async function storeNight(
  state: State,
  issue: { org: string; kind: ModelKind; throughDay: Day; issuedMs: AtMs },
  subjects: readonly LearnedSubject[],
): Promise<void> {
  const { org, kind, issuedMs } = issue
  const models: ModelRow[] = []
  const predictions: PredictionRow[] = []
  for (const { of, before, night } of subjects) {
    const version = versionOf(before, night)
    if (night.isNew)
      models.push({
        org,
        kind,
        subject: of.subject,
        version,
        fieldId: of.fieldId,
        deviceId: of.deviceId,
        fittedAtMs: issuedMs,
        fromDay: night.fit.fromDay,
        throughDay: night.fit.throughDay,
        state: night.fit.state,
        reason: toJson(night.fit.reason),
        rows: night.fit.rows,
        terms: toJson(night.fit.terms),
        skill: toJson(night.fit.skill),
        drift: null,
      })
    for (const ahead of night.predictions)
      predictions.push({ org, kind, subject: of.subject, issuedMs, ...ahead, modelVersion: version })
  }
  await inOrg(state, org, async (rows) => {
    for (const batch of chunks(models))
      await rows
        .insertInto('model')
        .values([...batch])
        .onConflict((conflict) =>
          conflict.columns(['org', 'kind', 'subject', 'version']).doUpdateSet((row) => ({
            fieldId: row.ref('excluded.fieldId'),
            deviceId: row.ref('excluded.deviceId'),
            fittedAtMs: row.ref('excluded.fittedAtMs'),
            fromDay: row.ref('excluded.fromDay'),
            throughDay: row.ref('excluded.throughDay'),
            state: row.ref('excluded.state'),
            reason: row.ref('excluded.reason'),
            rows: row.ref('excluded.rows'),
            terms: row.ref('excluded.terms'),
            skill: row.ref('excluded.skill'),
            drift: row.ref('excluded.drift'),
          })),
        )
        .execute()
    for (const batch of chunks(predictions))
      await rows
        .insertInto('prediction')
        .values([...batch])
        .onConflict((conflict) =>
          conflict.columns(['org', 'kind', 'subject', 'atMs', 'issuedMs']).doUpdateSet((row) => ({
            value: row.ref('excluded.value'),
            lo: row.ref('excluded.lo'),
            hi: row.ref('excluded.hi'),
            method: row.ref('excluded.method'),
            modelVersion: row.ref('excluded.modelVersion'),
          })),
        )
        .execute()
    for (const { of, before, night } of subjects)
      if (before && night.drift)
        await rows
          .updateTable('model')
          .set({ drift: toJson(night.drift) })
          .where('org', '=', org)
          .where('kind', '=', kind)
          .where('subject', '=', of.subject)
          .where('version', '=', before.version)
          .execute()
    for (const { subject, version } of models)
      if (version > MAX_VERSIONS)
        await rows
          .deleteFrom('model')
          .where('org', '=', org)
          .where('kind', '=', kind)
          .where('subject', '=', subject)
          .where('version', '<=', version - MAX_VERSIONS)
          .execute()
    await rows
      .deleteFrom('prediction')
      .where('org', '=', org)
      .where('kind', '=', kind)
      .where('issuedMs', '<', issuedMs - PREDICTION_TTL_MS)
      .execute()
  })
}

/** A failed fit replaces the previous failed one: only its figures have changed. */
function versionOf(before: StoredFit | null, night: NightlyFit): number {
  if (before === null) return 1
  const takesPlace = before.fit.state === 'insufficient-data' && night.fit.state === 'insufficient-data'
  return night.isNew && !takesPlace ? before.version + 1 : before.version
}

function* chunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += BATCH_SIZE) yield rows.slice(from, from + BATCH_SIZE)
}
