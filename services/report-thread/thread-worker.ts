/** Runs in the thread of the reports: makes each file that `thread.ts` asks for. */
import { openSeriesToRead } from '../adapters/series.ts'
import { openStateToRead } from '../adapters/sqlite/state.ts'
import { answerEach, hold } from '../idle-worker.ts'
import { ownVersion } from '../own-version.ts'
import type { SeriesToRead } from '../ports.ts'
import type { FileAsked } from '../report/file.ts'
import { makeFile } from '../report/make-file.ts'
import type { ReportStores } from './thread.ts'

const version = ownVersion()

answerEach(
  async (asked: FileAsked, { given, tell }) => {
    const { statePath, series: url, dataDir } = given as ReportStores
    let series: Promise<SeriesToRead> | null = null // few forms ask it
    const seriesOnceAsked: Pick<SeriesToRead, 'summaries'> = {
      summaries: async (query) => (await (series ??= openSeriesToRead(url, dataDir, hold))).summaries(query),
    }
    // for each file anew: a connection is opened in a millisecond, and one that is left open would keep old pages
    const { state, close } = openStateToRead(statePath, hold)
    try {
      // in one transaction, so that a file tells of one instant
      return await state
        .transaction()
        .execute((rows) => makeFile({ state: rows, series: seriesOnceAsked, version, tell }, asked))
    } finally {
      await close()
      if (series !== null) await (await (series as Promise<SeriesToRead>)).close()
    }
  },
  ({ bytes }) => [bytes],
)
