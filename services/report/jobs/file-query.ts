/** What a file of a report is asked for by, what it is made with, and who makes it. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { SeriesReader } from '../../ports.ts'
import type { ReportForm } from '../../tables.ts'
import type { Lang } from '../formats/basis-text.ts'
import type { DrainageRequest } from '../drainage/drainage-file.ts'
import type { ReportSelection } from '../season/read-report.ts'
import type { Unit } from '../formats/units.ts'
import type { CsvQuery } from '../formats/season-csv.ts'
import type { SourceDeps } from '../season/season-source.ts'
import type { SpraysQuery } from '../sprays/sprays-csv.ts'

/** Of every file that can be ordered. */
export interface FileQuery extends ReportSelection {
  lang: Lang
  unit: Unit
  coop: string // name of the organisation, as it stands in a title
  farmId: string | null // of one member alone, in the forms that can
}

/** The same rows at the same instant give the same bytes. */
export interface FileDeps extends SourceDeps {
  onProgress?: (share: number) => void // how far it is, 0-1
}
export interface WorkbookDeps extends FileDeps {
  series: Pick<SeriesReader, 'summaries'>
}

export type FileSpec =
  | { form: ReportForm; query: FileQuery }
  | { form: 'csv' | 'csv-shift-jis'; query: CsvQuery }
  | { form: 'sprays'; query: SpraysQuery }
  | { form: 'drainage'; query: DrainageRequest }

/** Plain data: it goes to the thread. `nowMs`: of which instant the file tells. */
export type FileRequest = FileSpec & { nowMs: AtMs }

export interface MadeFile {
  bytes: Uint8Array
  replaced: number // characters that Shift_JIS does not have; 0 in every other form
}

/** Makes files, one at a time. */
export interface ReportFiles {
  /** NOT_FOUND where the query names what there is not; errors of the stores. */
  make(asked: FileRequest, tell?: (share: number) => void): Promise<MadeFile>
  /** At once: what is being made rejects. */
  end(): Promise<void>
}
