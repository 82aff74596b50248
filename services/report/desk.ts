/** Answers what the API asks of reports. Files are made one after the other: the thread answers one question at a time. */
import type { Clock } from '../../broker/contract/time.ts'
import { CSV_START } from '../csv.ts'
import { ownVersion } from '../own-version.ts'
import type { Bus, Logger, SeriesStore, State } from '../ports.ts'
import type { Lang } from './basis-text.ts'
import { drainageJson, drainagePdf, type DrainageAsked } from './drainage/drainage-file.ts'
import type { FileDeps, FileQuery } from './file.ts'
import { readHarvests } from './harvests.ts'
import { openOrders } from './orders.ts'
import { seasonPdf } from './pdf/season-pdf.ts'
import { readReport, type Choice } from './read-report.ts'
import { seasonAdaptFile } from './season-adapt.ts'
import { seasonCsv } from './season-csv.ts'
import { seasonGeojsonFile } from './season-geojson.ts'
import { isInReport } from './shared.ts'
import { seasonView } from './season-view.ts'
import { toShiftJis } from './shift-jis.ts'
import { spraysCsv, type SpraysQuery } from './sprays/sprays-csv.ts'
import { springCsvFile } from './spring/spring-csv.ts'
import { openThread } from './thread.ts'
import { workCsvFile } from './work/work-csv.ts'
import { seasonWorkbook } from './xlsx/workbook.ts'
import { formsOf } from './yield-bases.ts'

type CsvQuery = { org: string; year: number; lang: Lang }

const makers = {
  xlsx: seasonWorkbook,
  pdf: seasonPdf,
  geojson: seasonGeojsonFile,
  adapt: seasonAdaptFile,
  spring: springCsvFile,
  work: workCsvFile,
} satisfies Record<string, (deps: DeskDeps, query: FileQuery) => Promise<Uint8Array>>
type DeskDeps = FileDeps & { series: SeriesStore }

/** Ends its thread when it is stopped. */
export function openReportDesk({
  state,
  series,
  bus,
  clock,
  log,
}: {
  state: State
  series: SeriesStore
  bus: Bus
  clock: Clock
  log: Logger
}) {
  const thread = openThread()
  const version = ownVersion()
  let last: Promise<unknown> = Promise.resolve()
  /** After whatever is being made. */
  function inTurn<T>(make: (deps: DeskDeps) => Promise<T>): Promise<T> {
    const turn = last.then(() => make({ state, series, thread, version, nowMs: clock.now() }))
    last = turn.catch(() => {})
    return turn
  }
  const orders = openOrders({
    ...{ state, clock, bus, log },
    make: ({ org, form, asked }, tell) =>
      inTurn(async (deps) => ({
        bytes: await makers[form]({ ...deps, tell }, { org, ...asked }),
        toldMs: deps.nowMs,
      })),
  })
  return {
    csv: (query: CsvQuery) => seasonCsv(state, { ...query, nowMs: clock.now() }),
    spraysCsv: (query: SpraysQuery) => spraysCsv(state, query, clock.now()),
    async shiftJisCsv(query: CsvQuery) {
      let text = ''
      for await (const chunk of seasonCsv(state, { ...query, nowMs: clock.now() })) text += chunk
      return toShiftJis(text.replace(CSV_START, ''))
    },
    async season({ farmId, ...choice }: Choice & { farmId: string | null }) {
      return seasonView(await readReport(state, choice, clock.now()), farmId)
    },
    file: (form: keyof typeof makers, query: FileQuery): Promise<Uint8Array> =>
      inTurn((deps) => makers[form](deps, query)),
    drainagePdf: (asked: DrainageAsked): Promise<Uint8Array> => inTurn((deps) => drainagePdf(deps, asked)),
    drainageJson: (asked: DrainageAsked) => drainageJson({ state, version, nowMs: clock.now() }, asked),
    orders,
    hasMember: (org: string, farmId: string) => isInReport(state, { org, farmId }, clock.now()),
    harvests: (org: string, fieldId: string) => readHarvests(state, org, fieldId),
    formsOf,
    async stop() {
      await Promise.all([orders.stop(), thread.end()])
      await thread.end() // what was being read has asked for another
    },
  }
}
