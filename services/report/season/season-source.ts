/**
 * What every form of a season's report is made of: the report, the rows that it lists one by one, and what it stands on.
 * The hash is of these rows: whoever has them can tell whether a file was made of them.
 */
import { createHash } from 'node:crypto'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { fromJson, type HarvestLoadRow, type TreatmentRow } from '../../tables.ts'
import { reportProvenance, type Provenance } from './provenance.ts'
import { subProgress, type ProgressCallback } from '../jobs/progress.ts'
import { readDetailRows, readReport, type ReportSelection, type LoadedReport } from './read-report.ts'
import type { FieldLine } from './season-report.ts'
import type { SeasonRecord } from './season-records.ts'
import { readWork, type WorkRow } from '../work/read-work.ts'

export interface ReportLoad {
  record: SeasonRecord
  load: HarvestLoadRow
}
export interface ReportSpray {
  record: SeasonRecord
  spray: TreatmentRow
}
/** A field with what its line was made of. */
export interface ReportField {
  record: SeasonRecord
  line: FieldLine
}

export interface SeasonSource {
  read: LoadedReport
  fields: ReportField[] // members in their own order, whatever is missing
  loads: ReportLoad[] // the voided ones too
  sprays: ReportSpray[]
  work: WorkRow[] // of the own fields; drafts and the voided too
  about: Provenance
}

export interface SourceDeps {
  state: State
  version: string // of the software
  nowMs: AtMs
}

// of the time
const READ_SHARE = 0.5
const LISTED_SHARE = 0.6

/** Reads it all; `tell` hears how far it is. */
export async function readSource(
  deps: SourceDeps,
  choice: ReportSelection,
  tell?: ProgressCallback,
): Promise<SeasonSource> {
  const read = await readReport(deps.state, choice, deps.nowMs, subProgress(tell, 0, READ_SHARE))
  const { report, records } = read
  const lines = new Map(report.members.flatMap(({ fields }) => fields).map((line) => [line.seasonId, line]))
  const loads: ReportLoad[] = []
  const sprays: ReportSpray[] = []
  const tellListed = subProgress(tell, READ_SHARE, LISTED_SHARE)
  let listed = 0
  for await (const { record, ...rows } of readDetailRows(deps.state, records)) {
    tellListed(++listed / records.length)
    loads.push(...rows.loads.map((load) => ({ record, load })))
    sprays.push(...rows.sprays.map((spray) => ({ record, spray })))
  }
  const work = await readWork(deps.state, records)
  const sha256 = sha256OfRows([records, report.members, loads, sprays, work])
  const rules = [...new Set(sprays.map(({ spray }) => fromJson(spray.plan).rules))].sort()
  return {
    read,
    loads,
    sprays,
    work,
    fields: records.map((record) => ({ record, line: lines.get(record.seasonId)! })),
    about: reportProvenance(deps, read, { sha256, sprayRules: rules }),
  }
}

/** SHA-256 of rows, one JSON a line. */
export function sha256OfRows(lists: readonly (readonly object[])[]): string {
  const hash = createHash('sha256')
  for (const row of lists.flat()) hash.update(JSON.stringify(row) + '\n')
  return hash.digest('hex')
}
