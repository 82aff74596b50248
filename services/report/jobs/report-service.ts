/** Answers what the API asks of reports. Files are made elsewhere (`file-query.ts`), one after the other. */
import type { Clock } from '../../../broker/contract/time.ts'
import { ownVersion } from '../../config/version.ts'
import type { Bus, Logger, State } from '../../ports.ts'
import type { ReportForm } from '../../tables.ts'
import { drainageJson, type DrainageAsked } from '../drainage/drainage-file.ts'
import type { FileQuery, FileWanted, ReportFiles } from './file-query.ts'
import { readHarvests } from '../yields/harvests.ts'
import { openOrders } from './report-orders.ts'
import { readReport, type Choice } from '../season/read-report.ts'
import type { CsvQuery } from '../formats/season-csv.ts'
import { isInReport } from '../season/sharing.ts'
import { readPlaces } from '../formats/season-geojson.ts'
import type { MemberLine } from '../season/season-report.ts'
import { memberId, seasonView } from '../season/season-view.ts'
import type { SpraysQuery } from '../sprays/sprays-csv.ts'
import { formsOf } from '../yields/yield-bases.ts'
import { yieldMap } from '../yields/yield-map.ts'

/** Ends `files` when it is stopped. */
export function openReportDesk({
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
  const version = ownVersion()
  let isStopped = false
  let last: Promise<unknown> = Promise.resolve()
  /** After whatever is being made; `toldMs`: of which instant it tells. */
  function make(wanted: FileWanted, tell?: (share: number) => void) {
    const turn = last.then(async () => {
      if (isStopped) throw new Error('Tilth ends: no file is begun')
      const toldMs = clock.now()
      return { ...(await files.make({ ...wanted, nowMs: toldMs }, tell)), toldMs }
    })
    last = turn.catch(() => {})
    return turn
  }
  const bytesOf = async (wanted: FileWanted): Promise<Uint8Array> => (await make(wanted)).bytes
  const orders = openOrders({
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
    }: Omit<Choice, 'year'> & { year: number | null; farmId: string | null }) {
      return seasonView(await readReport(state, choice, clock.now()), farmId)
    },
    /** Of the member `farmId`, else of all. */
    async yields({
      farmId,
      ...choice
    }: Omit<Choice, 'year'> & { year: number | null; farmId: string | null }) {
      const { report, records } = await readReport(state, choice, clock.now())
      const isAsked = (member: MemberLine) => farmId === null || memberId(member) === farmId
      return yieldMap(report.members, await readPlaces(state, records), isAsked)
    },
    file: (form: ReportForm, query: FileQuery) => bytesOf({ form, query }),
    drainagePdf: (query: DrainageAsked) => bytesOf({ form: 'drainage', query }),
    drainageJson: (asked: DrainageAsked) => drainageJson({ state, version, nowMs: clock.now() }, asked),
    orders,
    hasMember: (org: string, farmId: string) => isInReport(state, { org, farmId }, clock.now()),
    harvests: (org: string, fieldId: string) => readHarvests(state, org, fieldId),
    formsOf,
    async stop() {
      isStopped = true
      await Promise.all([orders.stop(), files.end()])
    },
  }
}
