/** Makes a file of any format, in the report thread or, for in-memory stores, in this process. */
import { readVersion } from '../../config/version.ts'
import type { State } from '../../ports.ts'
import type { ReportFormat } from '../../tables.ts'
import { drainageJson, drainagePdf } from '../drainage/drainage-file.ts'
import type { FileRequest, FileQuery, MadeFile, ReportFiles, WorkbookDeps } from './file-query.ts'
import { seasonAdaptFile } from '../formats/season-adapt.ts'
import { seasonCsvFile, seasonCsvShiftJis } from '../formats/season-csv.ts'
import { seasonGeojsonFile } from '../formats/season-geojson.ts'
import { allCropsWorkbook } from '../xlsx/all-crops-workbook.ts'
import { seasonWorkbook } from '../xlsx/workbook.ts'
import { seasonPdf } from '../pdf/season-document.ts'
import { workCsvFile } from '../work/work-columns.ts'
import { springCsvFile } from '../spring/spring-columns.ts'
import { sealFile, sealKey } from './seal.ts'
import { spraysCsvFile } from '../formats/scheme-csv.ts'

const makers: Record<ReportFormat, (deps: WorkbookDeps, query: FileQuery) => Promise<Uint8Array>> = {
  xlsx: seasonWorkbook,
  'xlsx-all': allCropsWorkbook,
  pdf: seasonPdf,
  geojson: seasonGeojsonFile,
  adapt: seasonAdaptFile,
  spring: springCsvFile,
  work: workCsvFile,
}

/** A sealed file (seal.ts). Errors as `ReportFiles.make`. */
export async function makeFile(
  { secret, ...deps }: Omit<WorkbookDeps, 'nowMs'> & { secret: string },
  request: FileRequest,
): Promise<MadeFile> {
  const { bytes, replaced } = await makeUnsealed(deps, request)
  return { bytes: sealFile(bytes, sealKey(secret)), replaced }
}

async function makeUnsealed(
  deps: Omit<WorkbookDeps, 'nowMs'>,
  { nowMs, ...spec }: FileRequest,
): Promise<MadeFile> {
  const fileDeps = { ...deps, nowMs }
  switch (spec.format) {
    case 'csv':
      return withoutReplacements(await seasonCsvFile(fileDeps, spec.query))
    case 'csv-shift-jis':
      return seasonCsvShiftJis(fileDeps, spec.query)
    case 'sprays':
      return withoutReplacements(await spraysCsvFile(fileDeps, spec.query))
    case 'drainage':
      return withoutReplacements(await drainagePdf(fileDeps, spec.query))
    case 'drainage-json': {
      const evidence = await drainageJson(fileDeps, spec.query)
      return withoutReplacements(Buffer.from(`${JSON.stringify(evidence, null, 2)}\n`))
    }
    default:
      return withoutReplacements(await makers[spec.format](fileDeps, spec.query))
  }
}

const withoutReplacements = (bytes: Uint8Array): MadeFile => ({ bytes, replaced: 0 })

/** In this process: a worker thread cannot read in-memory stores. */
export function filesInProcess({
  secret = 'of this process',
  ...stores
}: {
  state: State
  series: WorkbookDeps['series']
  secret?: string
}): ReportFiles {
  const version = readVersion()
  return {
    make: (request, onProgress = () => {}) => makeFile({ ...stores, secret, version, onProgress }, request),
    end: async () => {},
  }
}
