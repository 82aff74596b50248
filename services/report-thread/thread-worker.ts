/** Entry of the report thread: makes each file that `thread.ts` requests. */
import { openSeriesToRead } from '../adapters/series.ts'
import { openStateToRead } from '../adapters/state.ts'
import { serveRequests, terminationLock } from '../runtime/worker-entry.ts'
import { readVersion } from '../config/version.ts'
import { atOneInstant } from '../runtime/transactions.ts'
import type { SeriesReader } from '../ports.ts'
import type { FileRequest } from '../report/jobs/file-query.ts'
import { makeFile } from '../report/jobs/make-file.ts'
import type { ReportStores } from './thread.ts'

const version = readVersion()

serveRequests(
  async (request: FileRequest, { init: input, reportProgress: onProgress }) => {
    const stores = input as ReportStores
    // opened per file: it takes a millisecond, and no file is open when the idle thread ends
    const series = lazySeries(stores)
    const { state, close } = await openStateToRead(stores.state, terminationLock)
    try {
      return await atOneInstant(state, (rows) =>
        makeFile({ state: rows, series, secret: stores.secret, version, onProgress }, request),
      )
    } finally {
      await close()
      await series.close()
    }
  },
  ({ bytes }) => [bytes],
)

/** Opens the series on first use: few forms need it. */
function lazySeries({ series, dataDir }: ReportStores): SeriesReader {
  let reader: Promise<SeriesReader> | null = null
  return {
    summaries: async (query) =>
      (await (reader ??= openSeriesToRead(series, dataDir, terminationLock))).summaries(query),
    close: async () => (await reader?.catch(() => null))?.close(),
  }
}
