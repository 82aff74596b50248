/**
 * The thread that makes the files of reports: it reads them on a connection of its own, works them out and writes them, so
 * that no device waits for its acknowledgement while a co-operative exports.
 */
import { createWorkerClient } from '../runtime/worker-thread.ts'
import type { FileRequest, MadeFile, ReportFiles } from '../report/jobs/file-query.ts'

/** Where the thread reads: both stores are open in this process already. */
export interface ReportStores {
  statePath: string
  series: string // the setting SERIES, with its secrets
  dataDir: string
}

/** Begun with the first file, ended when it was idle for a while. */
export function createReportThread(stores: ReportStores): ReportFiles {
  const thread = createWorkerClient<FileRequest, MadeFile>(
    import.meta.url,
    'the thread of the reports',
    stores,
  )
  return { make: (asked, tell) => thread.ask(asked, tell), end: () => thread.end() }
}
