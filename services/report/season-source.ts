/**
 * What every form of a season's report is made of: the report, the rows that it lists one by one, and what it stands on.
 * The hash is of these rows: whoever has them can tell whether a file was made of them.
 */
import { createHash } from 'node:crypto'
import { breath } from '../breath.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import { fromJson, type HarvestLoadRow, type TreatmentRow } from '../tables.ts'
import { aboutReport, type About } from './about.ts'
import { readListed, readReport, type Choice, type ReadReport } from './read-report.ts'
import type { FieldLine } from './season-report.ts'
import type { SeasonRecord } from './season-rows.ts'
import { readWork, type WorkRow } from './work/read-work.ts'

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

const ROWS_A_TURN = 25

/** Reads it all, some rows at a time so that nothing else waits. */
export async function readSource(deps: SourceDeps, choice: Choice): Promise<SeasonSource> {
  const read = await readReport(deps.state, choice, deps.nowMs)
  const { report, records } = read
  const lines = new Map(report.members.flatMap(({ fields }) => fields).map((line) => [line.seasonId, line]))
  const loads: LoadRow[] = []
  const sprays: SprayRow[] = []
  for await (const { record, ...rows } of readListed(deps.state, records)) {
    loads.push(...rows.loads.map((load) => ({ record, load })))
    sprays.push(...rows.sprays.map((spray) => ({ record, spray })))
  }
  const work = await readWork(deps.state, records)
  const sha256 = await hashOf([records, report.members, loads, sprays, work])
  const rules = [...new Set(sprays.map(({ spray }) => fromJson(spray.plan).rules))].sort()
  return {
    ...{ read, loads, sprays, work },
    fields: records.map((record) => ({ record, line: lines.get(record.seasonId)! })),
    about: aboutReport(deps, read, { sha256, sprayRules: rules }),
  }
}

/** SHA-256 of rows, one JSON a line. */
export async function hashOf(lists: readonly (readonly object[])[]): Promise<string> {
  const hash = createHash('sha256')
  for (const rows of lists) {
    let count = 0
    for (const row of rows) {
      hash.update(JSON.stringify(row) + '\n')
      if (++count % ROWS_A_TURN === 0) await breath()
    }
  }
  return hash.digest('hex')
}
