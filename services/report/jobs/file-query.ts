/** Queries for report files, the dependencies of their makers, and the port that makes them. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { SeriesReader } from '../../ports.ts'
import type { ReportFormat } from '../../tables.ts'
import type { ReportSelection } from '../season/read-report.ts'
import type { Unit } from '../text/units.ts'
import type { SourceDeps } from '../season/season-source.ts'
import type { Lang } from '../text/lang.ts'

/** The query of every format that can be ordered. */
export interface FileQuery extends ReportSelection {
  lang: Lang
  unit: Unit
  coop: string // name of the organisation, for the title
  farmId: string | null // of one member only; null: of all
}

/** The same rows at the same instant give the same bytes. */
export interface FileDeps extends SourceDeps {
  onProgress?: (share: number) => void // share done, 0-1
}
export interface WorkbookDeps extends FileDeps {
  series: Pick<SeriesReader, 'summaries'>
}

export type FileSpec =
  | { format: ReportFormat; query: FileQuery }
  | { format: 'csv' | 'csv-shift-jis'; query: CsvQuery }
  | { format: 'sprays'; query: SpraysQuery }
  | { format: 'drainage' | 'drainage-json'; query: DrainageRequest }

/** Plain data that is posted to the worker thread. `nowMs`: the instant that the file describes. */
export type FileRequest = FileSpec & { nowMs: AtMs }

export interface MadeFile {
  bytes: Uint8Array
  replaced: number // characters without a Shift_JIS code; 0 in every other format
}

/** Makes report files, one at a time. */
export interface ReportFiles {
  /** NOT_FOUND when the query names something that does not exist; errors of the stores. */
  make(request: FileRequest, onProgress?: (share: number) => void): Promise<MadeFile>
  /** Stops at once: a file in progress rejects. */
  end(): Promise<void>
}

export interface CsvQuery {
  org: string
  coop: string
  farmId: string | null // of one member only
  year: number
  lang: Lang
}

export interface SpraysQuery {
  org: string
  coop: string
  farmId: string | null
  year: number
  crop: string | null // null: all crops
  lang: Lang
  scheme: Scheme
}

export interface DrainageRequest {
  org: string
  coop: string // name of the organisation
  fieldId: string
  year: number
  lang: Lang
}

export const schemes = ['eu', 'us', 'jgap'] as const
export type Scheme = (typeof schemes)[number]
