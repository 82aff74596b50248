/** Runs in the thread of the reports: makes each file that `thread.ts` asks for. */
import { openSeriesToRead } from '../adapters/series.ts'
import { openStateToRead } from '../adapters/sqlite/state.ts'
import { serveRequests, terminationLock } from '../runtime/worker-entry.ts'
import { readVersion } from '../config/version.ts'
import type { SeriesReader } from '../ports.ts'
import type { FileRequest } from '../report/jobs/file-query.ts'
import { makeFile } from '../report/jobs/make-file.ts'
import type { ReportStores } from './thread.ts'

const version = readVersion()

serveRequests(
  async (asked: FileRequest, { init: given, reportProgress: tell }) => {
    const stores = given as ReportStores
    // for each file anew: they are opened in a millisecond, and none is open when the idle thread is ended
    const series = lazySeries(stores)
    const { state, close } = openStateToRead(stores.statePath, terminationLock)
    try {
      // in one transaction, so that a file tells of one instant
      return await state
        .transaction()
        .execute((rows) => makeFile({ state: rows, series, version, onProgress: tell }, asked))
    } finally {
      await close()
      await series.close()
    }
  },
  ({ bytes }) => [bytes],
)

/** Few forms ask the series. */
function lazySeries({ series, dataDir }: ReportStores): SeriesReader {
  let opened: Promise<SeriesReader> | null = null
  return {
    summaries: async (query) =>
      (await (opened ??= openSeriesToRead(series, dataDir, terminationLock))).summaries(query),
    close: async () => (await opened?.catch(() => null))?.close(),
  }
}
