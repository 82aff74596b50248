/** What refers to a field, and so decides whether it can be deleted: its equipment, its records, or only results. */
import { fail } from '../../errors.ts'
import { erasePlaceModels } from '../erasure/erasure-queries.ts'
import type { State } from '../../ports.ts'
import type { Tables } from '../../tables.ts'

type FieldTable = {
  [Table in keyof Tables]: 'fieldId' extends keyof Tables[Table] ? Table : never
}[keyof Tables]

/** Equipment is removed or moved first; records are kept; results can be calculated again and go with the field. */
type Part = { equipment: string } | { records: string } | 'result'

const parts: Record<FieldTable, Part> = {
  zone: { equipment: 'zones' },
  device: { equipment: 'devices' },
  auxOutput: { equipment: 'outputs' },
  fieldDay: { records: 'a history' },
  irrigation: { records: 'irrigation records' },
  auxOutputRun: { records: 'runs of outputs' },
  treatment: { records: 'treatments' },
  harvestLoad: { records: 'harvest loads' },
  scoutingCount: { records: 'scouting notes' },
  fieldWork: { records: 'field work records' },
  recordPhoto: { records: 'photos' },
  fieldLineage: { records: 'a split or merge' },
  season: 'result', // with a yield: a record
  task: 'result', // done by a person: a record
  degreeDayTracker: 'result',
  fieldState: 'result',
  fieldWater: 'result',
  advice: 'result',
  decision: 'result',
  alert: 'result',
  run: 'result',
  diseaseDay: 'result',
  model: 'result',
  soilCalibration: 'result',
  strategy: 'result',
  pestEconomics: 'result',
  paddy: 'result',
  fixedSchedule: 'result',
  waterComparison: 'result',
}

/** Deletes a field with its results. CONFLICT, which names the remedy, while equipment or records refer to it. */
export async function deleteField(rows: State, org: string, id: string): Promise<void> {
  const equipment: string[] = []
  const records: string[] = []
  for (const [table, part] of Object.entries(parts) as [FieldTable, Part][]) {
    if (part === 'result' || !(await refersTo(rows, table, id))) continue
    if ('equipment' in part) equipment.push(part.equipment)
    else records.push(part.records)
  }
  if (await hasYield(rows, id)) records.push('yields')
  if (await hasDoneTask(rows, id)) records.push('completed tasks')
  const faults = [
    equipment.length === 0 ? null : `this field has ${equipment.join(', ')}: remove or move them first`,
    records.length === 0 ? null : `this field has ${records.join(', ')}: it can only be erased with its farm`,
  ].filter((fault) => fault !== null)
  if (faults.length > 0) fail('CONFLICT', faults.join('; '))

  const runs = rows.selectFrom('run').select('id').where('fieldId', '=', id)
  for (const table of ['unfinishedRunDecision', 'request'] as const)
    await rows.deleteFrom(table).where('org', '=', org).where('runId', 'in', runs).execute()
  const alerts = rows.selectFrom('alert').select('id').where('fieldId', '=', id)
  await rows.deleteFrom('notification').where('alertId', 'in', alerts).execute()
  await erasePlaceModels(rows, org, new Set([id]))
  for (const [table, part] of Object.entries(parts) as [FieldTable, Part][])
    if (part === 'result') await rows.deleteFrom(table).where('fieldId', '=', id).execute()
  await rows.deleteFrom('field').where('id', '=', id).execute()
}

async function refersTo(rows: State, table: FieldTable, id: string): Promise<boolean> {
  const query = rows.selectFrom(table).select('org').limit(1)
  const row = await (
    table === 'fieldLineage'
      ? rows
          .selectFrom('fieldLineage')
          .select('org')
          .where(({ eb, or }) => or([eb('fieldId', '=', id), eb('fromFieldId', '=', id)]))
          .limit(1)
      : query.where('fieldId', '=', id)
  ).executeTakeFirst()
  return row !== undefined
}

const hasYield = async (rows: State, id: string): Promise<boolean> =>
  (await rows
    .selectFrom('season')
    .select('id')
    .where('fieldId', '=', id)
    .where('yieldKg', 'is not', null)
    .executeTakeFirst()) !== undefined

const hasDoneTask = async (rows: State, id: string): Promise<boolean> =>
  (await rows
    .selectFrom('task')
    .select('id')
    .where('fieldId', '=', id)
    .where('state', '=', 'done')
    .executeTakeFirst()) !== undefined
