/** The worker thread of `worker-thread.test.ts`: it performs the requested task. */
import { readlinkSync } from 'node:fs'
import { getPriority } from 'node:os'
import { basename } from 'node:path'
import { threadId } from 'node:worker_threads'
import { fail } from '../../../services/errors.ts'
import { serveRequests, terminationLock } from '../../../services/runtime/worker-entry.ts'

export type TaskRequest =
  | { what: 'echo' | 'exit' | 'refuse' | 'bug' | 'priority' | 'spin' | 'fill' | 'parse' | 'thread' }
  | { what: 'hold'; forMs: number; done: Int32Array }

serveRequests(
  (request: TaskRequest, { init, reportProgress }): unknown => {
    switch (request.what) {
      case 'echo':
        for (const share of [0.2, 0.2001, 0.7]) reportProgress(share)
        return { given: init, bytes: new Uint8Array(5_000).fill(7) }
      case 'exit':
        return process.exit(3)
      case 'refuse':
        return fail('PRE_HARVEST_INTERVAL', 'not before August', { params: { day: '2026-08-01' } })
      case 'bug':
        throw new RangeError('a bug')
      case 'priority':
        return getPriority(Number(basename(readlinkSync('/proc/thread-self'))))
      case 'thread':
        return threadId
      case 'spin':
        reportProgress(0.5)
        for (;;);
      case 'fill':
        for (const filled: unknown[] = []; ;) filled.push(Array.from({ length: 1_000 }, (_, i) => ({ i })))
      case 'parse':
        return JSON.parse(`[${'{"a":[1,2,3],"b":{"c":"d"}},'.repeat(700_000)}1]`)
      case 'hold': {
        terminationLock.acquire()
        reportProgress(0.5)
        for (const endMs = performance.now() + request.forMs; performance.now() < endMs;);
        Atomics.store(request.done, 0, 1)
        terminationLock.release()
        terminationLock.acquire() // it ends here when its end was requested
        Atomics.store(request.done, 0, 2)
        return null
      }
    }
  },
  (result) =>
    result !== null && typeof result === 'object' ? [(result as { bytes: Uint8Array }).bytes] : [],
)
