/** Reads files of field shapes in threads with limits of time and memory: the event loop never waits for a file. */
import type { Result } from '../../../broker/contract/result.ts'
import { fail } from '../../errors.ts'
import { workerPool } from '../../runtime/worker-pool.ts'
import { createWorkerClient, WorkerLimitError } from '../../runtime/worker-thread.ts'
import type { AssignedFields, KnownField, Match } from './match-shapes.ts'
import type { BadFeature } from './read-shapes.ts'

export interface ShapesRequest {
  text: string
  fields: KnownField[]
  assigned: AssignedFields
  makesNew: boolean
}
export interface MatchedShapes {
  hash: string
  count: number
  matches: Match[]
  bad: BadFeature[]
}
export type ShapesResult = Result<MatchedShapes>

export interface ShapesReader {
  /** BAD_REQUEST when the text is not a usable file. */
  read(request: ShapesRequest): Promise<MatchedShapes>
  end(): Promise<void>
}

const THREADS = 2
const LIMITS = { heapMb: 128, deadlineMs: 20_000 }

/** Each file is read in a thread of its own, at most two at a time. */
export function createShapesReader(): ShapesReader {
  const pool = workerPool(THREADS, () =>
    createWorkerClient<ShapesRequest, ShapesResult>(import.meta.url, 'the reader of shapes', null, LIMITS),
  )
  return {
    async read(request) {
      const result = await pool.request(request).catch((error: unknown) => {
        if (!(error instanceof WorkerLimitError)) throw error
        return fail(
          'BAD_REQUEST',
          `text: must be read within ${LIMITS.deadlineMs / 1_000} s and ${LIMITS.heapMb} MB, got a file that takes more ${error.limit}; cut the file to your farm`,
        )
      })
      return result.ok ? result.value : fail('BAD_REQUEST', result.error)
    },
    end: pool.end,
  }
}
