/** Runs in the thread of the reports: makes each file that `thread.ts` asks for. */
import { openSeriesToRead } from '../adapters/series.ts'
import { openStateToRead } from '../adapters/sqlite/state.ts'
import { answerEach, hold } from '../runtime/worker-entry.ts'
import { ownVersion } from '../config/version.ts'
import type { SeriesToRead } from '../ports.ts'
import type { FileAsked } from '../report/jobs/file-query.ts'
import { makeFile } from '../report/jobs/make-file.ts'
import type { ReportStores } from './thread.ts'

const version = ownVersion()

answerEach(
  async (asked: FileAsked, { given, tell }) => {
    const stores = given as ReportStores
    // for each file anew: they are opened in a millisecond, and none is open when the idle thread is ended
    const series = seriesOnceAsked(stores)
    const { state, close } = openStateToRead(stores.statePath, hold)
    try {
      // in one transaction, so that a file tells of one instant
      return await state
        .transaction()
        .execute((rows) => makeFile({ state: rows, series, version, tell }, asked))
    } finally {
      await close()
      await series.close()
    }
  },
  ({ bytes }) => [bytes],
)

/** Few forms ask the series. */
function seriesOnceAsked({ series, dataDir }: ReportStores): SeriesToRead {
  let opened: Promise<SeriesToRead> | null = null
  return {
    summaries: async (query) => (await (opened ??= openSeriesToRead(series, dataDir, hold))).summaries(query),
    close: async () => (await opened?.catch(() => null))?.close(),
  }
}
