/** Reads tables of products in threads with limits of time and memory: the event loop never waits for a table. */
import { err, type Result } from '../../../../broker/contract/result.ts'
import { workerPool } from '../../../runtime/worker-pool.ts'
import { createWorkerClient, WorkerLimitError } from '../../../runtime/worker-thread.ts'
import type { ImportFormat, ProductTable } from './product-import.ts'

export interface ProductText {
  format: ImportFormat
  text: string
}

const THREADS = 2
const LIMITS = { heapMb: 128, deadlineMs: 20_000 }

const pool = workerPool(THREADS, () =>
  createWorkerClient<ProductText, Result<ProductTable>>(
    import.meta.url,
    'the reader of products',
    null,
    LIMITS,
  ),
)

/** The error states what is wrong with the table. Each is read in a thread of its own, at most two at a time. */
export const readProductText = (source: ProductText): Promise<Result<ProductTable>> =>
  pool.request(source).catch((error: unknown) => {
    if (!(error instanceof WorkerLimitError)) throw error
    return err(
      `text: must be read within ${LIMITS.deadlineMs / 1_000} s and ${LIMITS.heapMb} MB, got a table that takes more ${error.limit}; split it`,
    )
  })
