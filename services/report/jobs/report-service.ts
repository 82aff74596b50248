/** Answers what the API asks of reports. Files are made elsewhere (`file-query.ts`), one after the other. */
import type { Clock } from '../../../broker/contract/time.ts'
import { readVersion } from '../../config/version.ts'
import type { Bus, Logger, State } from '../../ports.ts'
import type { ReportForm } from '../../tables.ts'
import { drainageJson, type DrainageRequest } from '../drainage/drainage-file.ts'
import type { FileQuery, FileSpec, ReportFiles } from './file-query.ts'
import { readHarvests } from '../yields/harvests.ts'
import { createReportOrders } from './report-orders.ts'
import { readReport, type ReportSelection } from '../season/read-report.ts'
import type { CsvQuery } from '../formats/season-csv.ts'
import { isInReport } from '../season/sharing.ts'
import { readFieldGeometries } from '../formats/season-geojson.ts'
import type { MemberLine } from '../season/season-report.ts'
import { memberId, seasonView } from '../season/season-view.ts'
import type { SpraysQuery } from '../sprays/sprays-csv.ts'
import { loadFormsOf } from '../yields/yield-bases.ts'
import { yieldMap } from '../yields/yield-map.ts'

/** Ends `files` when it is stopped. */
export function createReportService({
  state,
  bus,
  clock,
  log,
  files,
}: {
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  files: ReportFiles
}) {
  const version = readVersion()
  let isStopped = false
  let last: Promise<unknown> = Promise.resolve()
  /** After whatever is being made; `toldMs`: of which instant it tells. */
  function make(wanted: FileSpec, tell?: (share: number) => void) {
    const turn = last.then(async () => {
      if (isStopped) throw new Error('Tilth ends: no file is begun')
      const toldMs = clock.now()
      return { ...(await files.make({ ...wanted, nowMs: toldMs }, tell)), toldMs }
    })
    last = turn.catch(() => {})
    return turn
  }
  const bytesOf = async (wanted: FileSpec): Promise<Uint8Array> => (await make(wanted)).bytes
  const orders = createReportOrders({
    state,
    clock,
    bus,
    log,
    make: ({ org, form, asked }, tell) => make({ form, query: { org, ...asked } }, tell),
  })
  return {
    csv: (query: CsvQuery) => bytesOf({ form: 'csv', query }),
    shiftJisCsv: (query: CsvQuery) => make({ form: 'csv-shift-jis', query }),
    spraysCsv: (query: SpraysQuery) => bytesOf({ form: 'sprays', query }),
    /** `year`: null for the running one, where the organisation is. */
    async season({
      farmId,
      ...choice
    }: Omit<ReportSelection, 'year'> & { year: number | null; farmId: string | null }) {
      return seasonView(await readReport(state, choice, clock.now()), farmId)
    },
    /** Of the member `farmId`, else of all. */
    async yields({
      farmId,
      ...choice
    }: Omit<ReportSelection, 'year'> & { year: number | null; farmId: string | null }) {
      const { report, records } = await readReport(state, choice, clock.now())
      const isAsked = (member: MemberLine) => farmId === null || memberId(member) === farmId
      return yieldMap(report.members, await readFieldGeometries(state, records), isAsked)
    },
    file: (form: ReportForm, query: FileQuery) => bytesOf({ form, query }),
    drainagePdf: (query: DrainageRequest) => bytesOf({ form: 'drainage', query }),
    drainageJson: (asked: DrainageRequest) => drainageJson({ state, version, nowMs: clock.now() }, asked),
    orders,
    hasMember: (org: string, farmId: string) => isInReport(state, { org, farmId }, clock.now()),
    harvests: (org: string, fieldId: string) => readHarvests(state, org, fieldId),
    formsOf: loadFormsOf,
    async stop() {
      isStopped = true
      await Promise.all([orders.stop(), files.end()])
    },
  }
}
