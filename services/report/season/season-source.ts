/**
 * What every form of a season's report is made of: the report, the rows that it lists one by one, and what it stands on.
 * The hash is of these rows: whoever has them can tell whether a file was made of them.
 */
import { createHash } from 'node:crypto'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { fromJson, type HarvestLoadRow, type TreatmentRow } from '../../tables.ts'
import { aboutReport, type About } from './provenance.ts'
import { partOf, type Tell } from '../jobs/progress.ts'
import { readListed, readReport, type Choice, type ReadReport } from './read-report.ts'
import type { FieldLine } from './season-report.ts'
import type { SeasonRecord } from './season-rows.ts'
import { readWork, type WorkRow } from '../work/read-work.ts'

export interface LoadRow {
  record: SeasonRecord
  load: HarvestLoadRow
}
export interface SprayRow {
  record: SeasonRecord
  spray: TreatmentRow
}
/** A field with what its line was made of. */
export interface FieldRow {
  record: SeasonRecord
  line: FieldLine
}

export interface SeasonSource {
  read: ReadReport
  fields: FieldRow[] // members in their own order, whatever is missing
  loads: LoadRow[] // the voided ones too
  sprays: SprayRow[]
  work: WorkRow[] // of the own fields; drafts and the voided too
  about: About
}

export interface SourceDeps {
  state: State
  version: string // of the software
  nowMs: AtMs
}

// of the time
const READ = 0.5
const LISTED = 0.6

/** Reads it all; `tell` hears how far it is. */
export async function readSource(deps: SourceDeps, choice: Choice, tell?: Tell): Promise<SeasonSource> {
  const read = await readReport(deps.state, choice, deps.nowMs, partOf(tell, 0, READ))
  const { report, records } = read
  const lines = new Map(report.members.flatMap(({ fields }) => fields).map((line) => [line.seasonId, line]))
  const loads: LoadRow[] = []
  const sprays: SprayRow[] = []
  const tellListed = partOf(tell, READ, LISTED)
  let listed = 0
  for await (const { record, ...rows } of readListed(deps.state, records)) {
    tellListed(++listed / records.length)
    loads.push(...rows.loads.map((load) => ({ record, load })))
    sprays.push(...rows.sprays.map((spray) => ({ record, spray })))
  }
  const work = await readWork(deps.state, records)
  const sha256 = hashOf([records, report.members, loads, sprays, work])
  const rules = [...new Set(sprays.map(({ spray }) => fromJson(spray.plan).rules))].sort()
  return {
    read,
    loads,
    sprays,
    work,
    fields: records.map((record) => ({ record, line: lines.get(record.seasonId)! })),
    about: aboutReport(deps, read, { sha256, sprayRules: rules }),
  }
}

/** SHA-256 of rows, one JSON a line. */
export function hashOf(lists: readonly (readonly object[])[]): string {
  const hash = createHash('sha256')
  for (const row of lists.flat()) hash.update(JSON.stringify(row) + '\n')
  return hash.digest('hex')
}
