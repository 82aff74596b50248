/** The report service as the API uses it; services/report implements it. */
import type { State } from '../../ports.ts'
import type { LoadForm, ReportQuery, ReportFormat } from '../../tables.ts'
import type { FieldHarvests, ReportOrder, SeasonReportView, YieldMapView } from '../reports/report-schemas.ts'

type Lang = 'en' | 'ja'
type CsvQuery = { org: string; coop: string; farmId: string | null; year: number; lang: Lang }
type DrainageQuery = { org: string; coop: string; fieldId: string; year: number; lang: Lang }

export interface ReportService {
  /** The season's CSV. */
  csv(query: CsvQuery): Promise<Uint8Array>
  /** Confirmed treatments in the columns of an audit scheme. */
  spraysCsv(query: CsvQuery & { crop: string | null; scheme: 'eu' | 'us' | 'jgap' }): Promise<Uint8Array>
  /**
   * `year` null: the current one; `crop` null: the one with the largest area. `farmId`: the member whose
   * fields are listed.
   */
  season(query: {
    org: string
    year: number | null
    crop: string | null
    farmId: string | null
  }): Promise<Omit<SeasonReportView, 'clock'>>
  /** Yields by field; `shape` as stored, to be validated before it is drawn. */
  yields(query: { org: string; year: number | null; crop: string | null; farmId: string | null }): Promise<
    Omit<YieldMapView, 'fields' | 'tiles'> & {
      fields: (Omit<YieldMapView['fields'][number], 'shape' | 'at'> & { shape: unknown })[]
    }
  >
  /** The same in Shift_JIS, with the number of characters it cannot represent, which become 〓. */
  shiftJisCsv(query: CsvQuery): Promise<{ bytes: Uint8Array; replaced: number }>
  /** The bytes of a file. `coop`: the name in its title; `farmId`: of one member only. */
  file(format: ReportFormat, query: ReportQuery & { org: string }): Promise<Uint8Array>
  /** Evidence of a mid-season drainage. NOT_FOUND for an unknown paddy, or a year without a crop. */
  drainagePdf(query: DrainageQuery): Promise<Uint8Array>
  drainageJson(query: DrainageQuery): Promise<Uint8Array>
  /** Whether a report of `org` and a year (null: the current one) has such a member. */
  hasMember(org: string, farmId: string, year: number | null): Promise<boolean>
  /** Files ordered by people; each change publishes the event `report`. */
  orders: {
    /** Within the caller's transaction; an identical open order is returned again. RATE_LIMITED. */
    add(
      rows: State,
      order: { org: string; requestedBy: string; format: ReportFormat; query: ReportQuery },
    ): Promise<ReportOrder>
    /** Starts making ordered files; call it after writing an order. */
    start(): void
    /** Orders of the last day, newest first. */
    list(org: string): Promise<ReportOrder[]>
    /** NOT_FOUND; CONFLICT while the file is not made, or when it holds data that members no longer share. */
    file(
      org: string,
      id: string,
    ): Promise<{
      format: ReportFormat
      year: number
      crop: string | null
      farmId: string | null
      file: Uint8Array
    }>
  }
  /** The key that signs report files, base64url. */
  publicKey(): string
  /** Whether this server has signed a file with this hash; both as hex digits. */
  isSigned(sha256: string, signature: string): boolean
  harvests(org: string, fieldId: string): Promise<Omit<FieldHarvests, 'preHarvest'>>
  /** The load forms of a crop. */
  formsOf(crop: string): readonly LoadForm[]
}

declare module '../http/context.ts' {
  interface ApiDeps {
    /** Season reports and harvest records (services/report). */
    reports: ReportService
  }
}
