/**
 * The data that every form of a season's report is made from: the report, the rows it lists, and its provenance. The
 * hash covers these rows, so anyone who has them can verify which data a file was made from.
 */
import { createHash } from 'node:crypto'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { readTreatmentPlan, type HarvestLoadRow, type TreatmentRow } from '../../tables.ts'
import { reportProvenance, type Provenance } from './provenance.ts'
import { subProgress, type ProgressCallback } from '../../runtime/progress.ts'
import {
  readDetailRows,
  readReport,
  reportOfMember,
  type ReportSelection,
  type LoadedReport,
} from './read-report.ts'
import { readWork, type WorkRow } from '../work/read-work.ts'
import type { SeasonRecord } from './record.ts'
import type { FieldLine } from './lines.ts'

export interface ReportLoad {
  record: SeasonRecord
  load: HarvestLoadRow
}
export interface ReportSpray {
  record: SeasonRecord
  spray: TreatmentRow
}
/** A field: its line in the report and the record behind it. */
export interface ReportField {
  record: SeasonRecord
  line: FieldLine
}

export interface SeasonSource {
  read: LoadedReport
  fields: ReportField[] // in the order of members, not sorted by missing data
  loads: ReportLoad[] // including voided ones
  sprays: ReportSpray[]
  work: WorkRow[] // of own fields, including drafts and voided work
  about: Provenance
}

export interface SourceDeps {
  state: State
  version: string // of Tilth
  nowMs: AtMs
}

// shares of the total time
const READ_SHARE = 0.5
const LISTED_SHARE = 0.6

/**
 * Reads everything, of one member or of all; `onProgress` receives the share done. NOT_FOUND when the report has no such
 * member.
 */
export async function readSource(
  deps: SourceDeps,
  { farmId, coop, ...choice }: ReportSelection & { farmId: string | null; coop: string },
  onProgress?: ProgressCallback,
): Promise<SeasonSource> {
  const all = await readReport(deps.state, choice, deps.nowMs, subProgress(onProgress, 0, READ_SHARE))
  const read = farmId === null ? all : reportOfMember(all, farmId)
  const { report, records } = read
  const lines = new Map(report.members.flatMap(({ fields }) => fields).map((line) => [line.seasonId, line]))
  const loads: ReportLoad[] = []
  const sprays: ReportSpray[] = []
  const tellListed = subProgress(onProgress, READ_SHARE, LISTED_SHARE)
  let listed = 0
  for await (const { record, ...rows } of readDetailRows(deps.state, records)) {
    tellListed(++listed / records.length)
    loads.push(...rows.loads.map((load) => ({ record, load })))
    sprays.push(...rows.sprays.map((spray) => ({ record, spray })))
  }
  const work = await readWork(deps.state, records)
  const sha256 = sha256OfRows([records, report.members, loads, sprays, work])
  const rules = [...new Set(sprays.map(({ spray }) => readTreatmentPlan(spray.plan).rules))].sort()
  return {
    read,
    loads,
    sprays,
    work,
    fields: records.map((record) => ({ record, line: lines.get(record.seasonId)! })),
    about: reportProvenance(deps, read, { coop, farmId, sha256, sprayRules: rules }),
  }
}

/** SHA-256 of rows, one JSON line each. */
export function sha256OfRows(lists: readonly (readonly object[])[]): string {
  const hash = createHash('sha256')
  for (const row of lists.flat()) hash.update(JSON.stringify(row) + '\n')
  return hash.digest('hex')
}
