/**
 * Spray records in the columns, terms and units of an audit scheme: EU 2023/564, US 7 CFR 110.3 (with 40 CFR 171.303
 * for commercial applicators), and JGAP 2022 C5.3.4 with GLOBALG.A.P. CB 7. The lists follow summaries: an auditor must
 * confirm the wording. A cell is empty where the value is unknown. Pure.
 */
import { dayOf, zoneOffsetMs, type AtMs } from '../../../broker/contract/time.ts'
import { type SprayRecord, readSprayRecord } from '../../tables.ts'
import { CSV_BOM } from '../../runtime/csv.ts'
import { reportCsv, type CsvTitle } from './csv-file.ts'
import { isOfMember } from '../season/lines.ts'
import { cropText } from '../text/crop-names.ts'
import { targetText } from '../../domain/target-names.ts'
import { round } from '../text/units.ts'
import type { Lang } from '../text/lang.ts'
import type { FileDeps, SpraysQuery, Scheme } from '../jobs/file-query.ts'
import { subProgress } from '../../runtime/progress.ts'
import { readDetailRows } from '../season/read-report.ts'
import { readSeasonRecords } from '../season/season-records.ts'
import { readSources } from '../season/sharing.ts'
import type { SeasonRecord } from '../season/record.ts'

/** A confirmed record of a member that shares its sprays. */
export interface SchemeRow {
  member: string
  timeZone: string
  record: SprayRecord
}

type Cell = string | number | null
type LocalisedRow = SchemeRow & { lang: Lang }
type Columns = Record<string, (row: LocalisedRow) => Cell>

const M2_PER_HA = 10_000
const M2_PER_A = 100
const M2_PER_ACRE = 4046.8564224 // the international acre

const onDay = (atMs: AtMs, timeZone: string): string => dayOf(atMs, timeZone)
const clock = (atMs: AtMs, timeZone: string): string =>
  new Date(atMs + zoneOffsetMs(atMs, timeZone)).toISOString().slice(11, 16)
const massUnit = (unit: string): string => unit.split('/')[0]!
/** Field name, with the name of the treated part if it has one. */
const place = ({ field, part }: SprayRecord): string => [field.name, part?.name].filter(Boolean).join(', ')
/** The certified applicator: the operator, if certified. */
const certified = ({ operator, operatorCertificate, certifiedBy }: SprayRecord): string | null =>
  operatorCertificate === null ? (certifiedBy ?? null) : operator

const eu: Columns = {
  'Type of use': ({ record }) => record.method,
  'Name of the plant protection product': ({ record }) => record.product.name,
  'Authorisation number': ({ record }) => record.product.registrationNumber,
  'Date of application': ({ record, timeZone }) => onDay(record.startMs, timeZone),
  'Start time of application': ({ record, timeZone }) => clock(record.startMs, timeZone),
  'Dose per unit': ({ record }) => round(record.dose.amount, 3),
  'Unit of the dose': ({ record }) => record.dose.unit,
  'Treated area (ha)': ({ record }) => round(record.dose.areaM2 / M2_PER_HA, 4),
  'Identification of the treated area': ({ record }) => place(record),
  'Latitude of the farm (WGS 84)': ({ record }) => round(record.field.latDeg, 5),
  'Longitude of the farm (WGS 84)': ({ record }) => round(record.field.lonDeg, 5),
  'Size of the field (ha)': ({ record }) => round(record.field.areaM2 / M2_PER_HA, 4),
  'Name of the crop': ({ record, lang }) => cropText(record.crop, lang),
  'EPPO code of the crop': ({ record }) => record.cropEppo,
  'BBCH growth stage': ({ record }) => record.bbch,
  'Professional user': ({ record }) => record.operator,
  Holding: ({ member }) => member,
}

const us: Columns = {
  'Brand or product name': ({ record }) => record.product.name,
  'EPA registration number': ({ record }) => record.product.registrationNumber,
  'Total amount applied': ({ record }) => round(record.dose.totalProduct, 3),
  'Unit of the amount': ({ record }) => massUnit(record.dose.unit),
  'Location of the application': ({ record }) => place(record),
  'Size of area treated (acres)': ({ record }) => round(record.dose.areaM2 / M2_PER_ACRE, 2),
  'Crop, commodity, stored product, or site': ({ record, lang }) => cropText(record.crop, lang),
  'Month, day, and year': ({ record, timeZone }) => {
    const [year, month, day] = onDay(record.startMs, timeZone).split('-')
    return `${month}/${day}/${year}`
  },
  'Start time': ({ record, timeZone }) => clock(record.startMs, timeZone),
  'End time': ({ record, timeZone }) => clock(record.endMs, timeZone),
  'Certified applicator': ({ record }) => certified(record),
  'Certification number': ({ record }) => record.operatorCertificate,
  'Noncertified applicator': ({ record }) => (record.operatorCertificate === null ? record.operator : ''),
  Customer: ({ record }) => record.customer ?? null,
  Farm: ({ member }) => member,
}

const jgap: Columns = {
  生産者: ({ member }) => member,
  '使用場所（ほ場）': ({ record }) => place(record),
  '作物（栽培）': ({ record, lang }) => cropText(record.crop, lang),
  '作物（農薬登録）': ({ record: { product }, lang }) =>
    product.use ? cropText(product.use.crop, lang) : null,
  品種: ({ record }) => record.variety,
  '対象病害虫（農薬登録）': ({ record: { product }, lang }) =>
    product.use ? targetText(product.use.target, lang) : null,
  農薬の商品名: ({ record }) => record.product.name,
  登録番号: ({ record }) => record.product.registrationNumber,
  有効成分: ({ record }) => record.product.ingredients.map(({ name }) => name).join('、'),
  使用日: ({ record, timeZone }) => onDay(record.startMs, timeZone),
  開始時刻: ({ record, timeZone }) => clock(record.startMs, timeZone),
  終了時刻: ({ record, timeZone }) => clock(record.endMs, timeZone),
  '使用時期（収穫前日数）': ({ record }) => record.daysToHarvest ?? null,
  希釈倍数: ({ record }) => record.dose.dilution,
  '散布液量 (L/10a)': ({ record }) => round(record.dose.volumeL10a, 1),
  使用量: ({ record }) => round(record.dose.amount, 3),
  使用量の単位: ({ record }) => record.dose.unit,
  '使用面積 (a)': ({ record }) => round(record.dose.areaM2 / M2_PER_A, 2),
  使用方法: ({ record }) => record.method,
  使用機械: ({ record }) => record.equipment,
  作業者: ({ record }) => record.operator,
  使用理由: ({ record }) => record.justification,
  ロット番号: ({ record }) => record.lot,
  'ラベルの収穫前日数（日）': ({ record }) => record.phiDays,
  収穫可能日: ({ record }) => record.earliestHarvestDay,
  '気温 (°C)': ({ record }) => round(record.weather?.tempC ?? null, 1),
  '湿度 (%)': ({ record }) => round(record.weather?.humidityPct ?? null, 0),
  '風速 (m/s)': ({ record }) => round(record.weather?.windMps ?? null, 1),
}

const columnsOf: Record<Scheme, Columns> = { eu, us, jgap }

/** UTF-8 with a byte order mark, one line per record, in the order of the rows. `lang`: of the crop's name. */
export function schemeCsv(scheme: Scheme, rows: readonly SchemeRow[], title: CsvTitle): string {
  const columns = Object.entries(columnsOf[scheme])
  const { lang } = title
  const lines = rows.map((row) => columns.map(([, cell]) => cell({ ...row, lang }) ?? ''))
  return (
    CSV_BOM +
    reportCsv(
      title,
      columns.map(([head]) => head),
      lines,
    )
  )
}

const RECORDS_SHARE = 0.7

/** The file's bytes. Unconfirmed sprays have no record yet and are left out. */
export async function spraysCsvFile(
  { state, nowMs, onProgress }: FileDeps,
  { org, coop, farmId, year, crop, lang, scheme }: SpraysQuery,
): Promise<Uint8Array> {
  const { sources } = await readSources(state, org, nowMs)
  const records: SeasonRecord[] = []
  const query = {
    sources,
    year,
    ...(crop === null ? {} : { crop }),
    onProgress: subProgress(onProgress, 0, RECORDS_SHARE),
  }
  for await (const record of readSeasonRecords(state, query))
    if (isOfMember(record, farmId)) records.push(record)
  const rows: SchemeRow[] = []
  for await (const { record: season, sprays } of readDetailRows(state, records))
    for (const { state: sprayState, record } of sprays)
      if (sprayState === 'recorded' && record !== null)
        rows.push({ member: season.farm, timeZone: season.timeZone, record: readSprayRecord(record) })
  const member = farmId === null ? null : (records[0]?.farm ?? '')
  return Buffer.from(schemeCsv(scheme, rows, { coop, member, year, lang }))
}
