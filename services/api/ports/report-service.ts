/** What the API asks of reports; services/report answers it, and whoever starts both brings them together. */
import type { State } from '../../ports.ts'
import type { LoadForm, ReportQuery, ReportForm } from '../../tables.ts'
import type { FieldHarvests, ReportOrder, SeasonReportView, YieldMapView } from '../reports/report-schemas.ts'

type Lang = 'en' | 'ja'
type CsvQuery = { org: string; year: number; lang: Lang }
type DrainageQuery = { org: string; coop: string; fieldId: string; year: number; lang: Lang }

export interface ReportService {
  /** The season's CSV. */
  csv(query: CsvQuery): Promise<Uint8Array>
  /** Confirmed sprays in the columns of a scheme's auditor. */
  spraysCsv(query: CsvQuery & { crop: string | null; scheme: 'eu' | 'us' | 'jgap' }): Promise<Uint8Array>
  /** `year` null: the running one; `crop` null: the one with most area. `farmId`: the member whose fields are told. */
  season(query: {
    org: string
    year: number | null
    crop: string | null
    farmId: string | null
  }): Promise<Omit<SeasonReportView, 'clock'>>
  /** Its yields where they grew; `shape` as it is kept, to be looked at before it is drawn. */
  yields(query: { org: string; year: number | null; crop: string | null; farmId: string | null }): Promise<
    Omit<YieldMapView, 'fields' | 'tiles'> & {
      fields: (Omit<YieldMapView['fields'][number], 'shape' | 'at'> & { shape: unknown })[]
    }
  >
  /** The same in Shift_JIS, and how many characters it does not have: 〓 stands in their place. */
  shiftJisCsv(query: CsvQuery): Promise<{ bytes: Uint8Array; replaced: number }>
  /** The bytes of a file. `coop`: the name in its title; `farmId`: of one member alone, in the forms that can. */
  file(form: ReportForm, query: ReportQuery & { org: string }): Promise<Uint8Array>
  /** Evidence of a mid-season drainage. NOT_FOUND when there is no such paddy, or nothing grew there in that year. */
  drainagePdf(asked: DrainageQuery): Promise<Uint8Array>
  drainageJson(asked: DrainageQuery): Promise<object>
  /** Whether a report of `org` has such a member. */
  hasMember(org: string, farmId: string): Promise<boolean>
  /** Files that people ordered; each change is told as the event `report`. */
  orders: {
    /** Within the caller's transaction; the same that is open already is answered again. RATE_LIMITED. */
    add(
      rows: State,
      order: { org: string; who: string; form: ReportForm; asked: ReportQuery },
    ): Promise<ReportOrder>
    /** Makes what is waiting; to be called when an order is written. */
    begin(): void
    /** Of the last day, the newest first. */
    list(org: string): Promise<ReportOrder[]>
    /** NOT_FOUND; CONFLICT while it is not made, and where it tells what members have taken back since. */
    file(
      org: string,
      id: string,
    ): Promise<{ form: ReportForm; year: number; farmId: string | null; file: Uint8Array }>
  }
  harvests(org: string, fieldId: string): Promise<Omit<FieldHarvests, 'gate'>>
  /** What a load of a crop may hold. */
  formsOf(crop: string): readonly LoadForm[]
}

declare module '../http/context.ts' {
  interface ApiDeps {
    /** Season reports and harvest records (services/report). */
    reports: ReportService
  }
}
