/** The report functions that the API calls. Files are made one after another by `ReportFiles` (`file-query.ts`). */
import type { Clock } from '../../../broker/contract/time.ts'
import type { Bus, Logger, State } from '../../ports.ts'
import type { ReportFormat } from '../../tables.ts'
import type {
  FileQuery,
  FileSpec,
  ReportFiles,
  CsvQuery,
  SpraysQuery,
  DrainageRequest,
} from './file-query.ts'
import { readHarvests } from '../yields/harvests.ts'
import { isSignedBy, publicKeyText, sealKey } from './seal.ts'
import { createReportOrders } from './report-orders.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'
import { readReport, type ReportSelection } from '../season/read-report.ts'
import { isInReport } from '../season/sharing.ts'
import { seasonView } from '../season/season-view.ts'
import { memberId } from '../season/lines.ts'
import { loadFormsOf } from '../../domain/yield/yield-bases.ts'
import { yieldMap } from '../yields/yield-map.ts'
import type { MemberLine } from '../season/lines.ts'
import { readFieldGeometries } from '../season/field-geometries.ts'

/** `stop` also ends `files`. */
export function createReportService({
  state,
  bus,
  clock,
  log,
  files,
  secret,
  resumes = true,
}: {
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  files: ReportFiles
  secret: string // of the seal of the files
  resumes?: boolean // orders that a process left unfinished; false where another node does
}) {
  const privateKey = sealKey(secret)
  let isStopped = false
  const queue = serialQueue()
  /** Makes a file after those already queued. `asOfMs`: the instant that it describes. */
  function make(spec: FileSpec, onProgress?: (share: number) => void) {
    return queue.enqueue(async () => {
      if (isStopped) throw new Error('shutting down: no new report file is started')
      const asOfMs = clock.now()
      return { ...(await files.make({ ...spec, nowMs: asOfMs }, onProgress)), asOfMs }
    })
  }
  const bytesOf = async (spec: FileSpec): Promise<Uint8Array> => (await make(spec)).bytes
  const orders = createReportOrders({
    state,
    clock,
    bus,
    log,
    resumes,
    make: ({ org, format, query }, onProgress) => make({ format, query: { org, ...query } }, onProgress),
  })
  return {
    csv: (query: CsvQuery) => bytesOf({ format: 'csv', query }),
    shiftJisCsv: (query: CsvQuery) => make({ format: 'csv-shift-jis', query }),
    spraysCsv: (query: SpraysQuery) => bytesOf({ format: 'sprays', query }),
    /** `year`: null for the current one in the organisation's time zone. */
    async season({
      farmId,
      ...choice
    }: Omit<ReportSelection, 'year'> & { year: number | null; farmId: string | null }) {
      return seasonView(await readReport(state, choice, clock.now()), farmId)
    },
    /** Of the member `farmId`; null: of all. */
    async yields({
      farmId,
      ...choice
    }: Omit<ReportSelection, 'year'> & { year: number | null; farmId: string | null }) {
      const { report, records } = await readReport(state, choice, clock.now())
      const isSelected = (member: MemberLine) => farmId === null || memberId(member) === farmId
      return yieldMap(report.members, await readFieldGeometries(state, records), isSelected)
    },
    file: (format: ReportFormat, query: FileQuery) => bytesOf({ format, query }),
    drainagePdf: (query: DrainageRequest) => bytesOf({ format: 'drainage', query }),
    drainageJson: (query: DrainageRequest) => bytesOf({ format: 'drainage-json', query }),
    orders,
    publicKey: () => publicKeyText(privateKey),
    isSigned: (sha256: string, signature: string) => isSignedBy(privateKey, { sha256, signature }),
    hasMember: (org: string, farmId: string, year: number | null) =>
      isInReport(state, { org, farmId, year: year ?? new Date(clock.now()).getUTCFullYear() }, clock.now()),
    harvests: (org: string, fieldId: string) => readHarvests(state, org, fieldId),
    formsOf: loadFormsOf,
    async stop() {
      isStopped = true
      await Promise.all([orders.stop(), files.end()])
    },
  }
}
