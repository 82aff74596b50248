/**
 * Reads members tables in threads with limits of time and memory, so that neither the event loop nor another
 * organisation waits for a file.
 */
import type { Result } from '../../../broker/contract/result.ts'
import { workerPool } from '../../runtime/worker-pool.ts'
import { createWorkerClient, WorkerLimitError } from '../../runtime/worker-thread.ts'
import type { ReadMembers } from './read-members.ts'
import { tableFault, type TableFault } from './table-fault.ts'
import { tableLimits } from './table-limits.ts'

export interface MembersReader {
  /** The error states what is wrong with the file. An organisation sends one file at a time (`orgLock`). */
  read(bytes: Uint8Array): Promise<Result<ReadMembers, TableFault>>
  end(): Promise<void>
}

/** A file that takes the whole deadline leaves the other thread to the files of other organisations. */
const THREADS = 2

/** Each file is read in a thread of its own, at most two at a time. */
export function createMembersReader(): MembersReader {
  const pool = workerPool(THREADS, () =>
    createWorkerClient<Uint8Array, Result<ReadMembers, TableFault>>(
      import.meta.url,
      'the table reader',
      null,
      {
        heapMb: tableLimits.heapMb,
        deadlineMs: tableLimits.seconds * 1_000,
      },
    ),
  )
  return {
    read: (bytes) =>
      pool.request(bytes).catch((error: unknown) => {
        if (error instanceof WorkerLimitError) return faultOf[error.limit]
        throw error
      }),
    end: pool.end,
  }
}

const faultOf = {
  time: tableFault(
    'time',
    `file: expected a table that is read within ${tableLimits.seconds} s, got one that takes longer; save only the sheet that you need, or split the table`,
    { mostS: tableLimits.seconds },
  ),
  memory: tableFault(
    'memory',
    'file: expected a table that fits into the memory of its reader, got a larger one; save only the sheet that you need, or split the table',
  ),
} as const
