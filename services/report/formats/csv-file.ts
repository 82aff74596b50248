/** CSV files of a report: a first line that states for whom the file is, with its seal; then the headings. */
import { csvLines } from '../../runtime/csv.ts'
import { EMPTY_SEAL } from '../jobs/seal.ts'
import { wholeText } from '../text/provenance-text.ts'
import type { Lang } from '../text/lang.ts'
import { yearText } from '../text/japanese-era.ts'

/** `member`: whose file it is; null: of all. */
export interface CsvTitle {
  coop: string
  member: string | null
  year: number
  lang: Lang
}

/** The text without a byte order mark. */
export const reportCsv = (
  { coop, member, year, lang }: CsvTitle,
  heads: string[],
  lines: unknown[][],
): string =>
  csvLines([
    [wholeText({ coop, member }, lang), yearText(year, lang), 'tilth verify', EMPTY_SEAL],
    heads,
    ...lines,
  ])
