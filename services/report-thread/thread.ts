/**
 * The worker thread that makes report files: it reads, calculates and writes them on its own connections, so that no
 * device waits for its acknowledgement while a co-operative exports.
 */
import { createWorkerClient } from '../runtime/worker-thread.ts'
import type { FileRequest, MadeFile, ReportFiles } from '../report/jobs/file-query.ts'

/** Where the thread reads; both stores are already open in this process. */
export interface ReportStores {
  state: string // the settings STATE and SERIES, including their secrets
  series: string
  dataDir: string
  secret: string // of the seal of the files
}

/** Started with the first file, ended after some idle time. */
export function createReportThread(stores: ReportStores): ReportFiles {
  const thread = createWorkerClient<FileRequest, MadeFile>(import.meta.url, 'the report thread', stores)
  return { make: (request, onProgress) => thread.request(request, onProgress), end: () => thread.end() }
}
