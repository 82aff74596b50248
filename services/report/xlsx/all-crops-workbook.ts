/**
 * All crops of a season in one workbook: members and fields in sheets for each crop, because their yields cannot be added;
 * loads, water, sprays, quality, sensors and work of all crops in one sheet each, with the crop of each row.
 */
import { isTilthError } from '../../errors.ts'
import { subProgress, type ProgressCallback } from '../../runtime/progress.ts'
import type { FileQuery, WorkbookDeps } from '../jobs/file-query.ts'
import { readCrops } from '../season/read-report.ts'
import type { SeasonRecord } from '../season/record.ts'
import { wholeLine } from '../season/season-report.ts'
import { readSource, type SeasonSource } from '../season/season-source.ts'
import { readSpring } from '../spring/read-spring.ts'
import { springColumns, springLines, springProvenance } from '../spring/spring-columns.ts'
import { cropText } from '../text/crop-names.ts'
import type { Lang } from '../text/lang.ts'
import { provenanceLines, provenanceLinesOfCrops } from '../text/provenance-text.ts'
import { workColumns } from '../work/work-columns.ts'
import { loadColumns, sensorColumns, sprayColumns } from './detail-sheets.ts'
import { readSensors } from './read-sensors.ts'
import { fieldColumns, memberColumns, qualityColumns, waterColumns } from './season-sheets.ts'
import { bilingual, identityColumns, text, type Column, type Sheet } from './table.ts'
import { contentOf, seasonWorkbook, sheet, type SheetOf } from './workbook.ts'
import { writeWorkbook } from './write-workbook.ts'

// shares of the total time
const SEASONS_SHARE = 0.7
const READ_SHARE = 0.75

/** The file's bytes. NOT_FOUND when no crop has such a member. */
export async function allCropsWorkbook(deps: WorkbookDeps, query: FileQuery): Promise<Uint8Array> {
  const { lang, unit } = query
  const { state, nowMs, onProgress } = deps
  const sources = await readSources(deps, query, subProgress(onProgress, 0, SEASONS_SHARE))
  // no season, or no such member: as the workbook of one crop
  if (sources.length === 0) return seasonWorkbook(deps, { ...query, crop: null })
  const water = await readSpring(state, query, nowMs, subProgress(onProgress, SEASONS_SHARE, READ_SHARE))
  const fields = sources.flatMap((source) => source.fields)
  const sensors = await readSensors(
    deps,
    sources.flatMap(({ read }) => read.records),
  )
  const ofCrops = sources.flatMap((source): Sheet[] => {
    const { report } = source.read
    const nameOf = (en: string, ja: string) => sheetName(report.crop, bilingual(en, ja))
    const members = {
      ...sheet(nameOf('Summary', '集計'), memberColumns(lang, unit, report.crop), report.members),
      whole: wholeLine(report, lang) as never,
    }
    const columns = fieldColumns(lang, unit, report.crop)
    const lines = provenanceLines(source.about, lang)
    return [members, sheet(nameOf('Fields', '圃場別'), columns, source.fields)].map((item) =>
      contentOf(item, lines, lang),
    )
  })
  const together: SheetOf<never>[] = [
    sheet(
      bilingual('Loads', '計量'),
      withCrop(loadColumns(lang), lang),
      sources.flatMap(({ loads }) => loads),
    ),
    sheet(bilingual('Water', '水'), withCrop(waterColumns(), lang), fields),
    sheet(
      bilingual('Sprays', '防除'),
      withCrop(sprayColumns(lang), lang),
      sources.flatMap(({ sprays }) => sprays),
    ),
    sheet(bilingual('Data quality', 'データの質'), withCrop(qualityColumns(), lang), fields),
    sheet(bilingual('Sensors', 'センサー'), withCrop(sensorColumns(lang), lang), sensors),
    {
      ...sheet(
        bilingual('SPRING water', 'SPRING用水'),
        springColumns(lang),
        springLines({ ...water, farmId: query.farmId }),
      ),
      also: springProvenance(water, lang),
    },
    sheet(
      bilingual('Fertiliser', '施肥・作業'),
      withCrop(workColumns(lang, unit), lang),
      sources.flatMap(({ work }) => work),
    ),
  ]
  const about = provenanceLinesOfCrops(
    sources.map((source) => source.about),
    lang,
  )
  onProgress?.(READ_SHARE)
  return writeWorkbook([...ofCrops, ...together.map((item) => contentOf(item, about, lang))])
}

/** Of each crop, the largest area first; of one member without the crops that it does not grow. */
async function readSources(
  deps: WorkbookDeps,
  query: FileQuery,
  onProgress: ProgressCallback | undefined,
): Promise<SeasonSource[]> {
  const crops = await readCrops(deps.state, query, deps.nowMs)
  const sources: SeasonSource[] = []
  for (const [at, crop] of crops.entries()) {
    const share = subProgress(onProgress, at / crops.length, (at + 1) / crops.length)
    try {
      sources.push(await readSource(deps, { ...query, crop }, share))
    } catch (error) {
      if (query.farmId === null || !isTilthError(error, 'NOT_FOUND')) throw error
    }
  }
  return sources
}

/** The columns with the crop of the row behind its member and field. */
const withCrop = <Row extends { record: SeasonRecord }>(columns: Column<Row>[], lang: Lang): Column<Row>[] =>
  columns.toSpliced(
    identityColumns.length,
    0,
    text('Crop', '作物', ({ record }) => cropText(record.crop, lang)),
  )

const MOST_LETTERS = 31 // of the name of a sheet, which has none of these signs

const sheetName = (crop: string, name: Record<Lang, string>): Record<Lang, string> => {
  const nameIn = (lang: Lang): string =>
    `${name[lang]} ${cropText(crop, lang)}`.replaceAll(/[:\\/?*[\]]/g, ' ').slice(0, MOST_LETTERS)
  return bilingual(nameIn('en'), nameIn('ja'))
}
