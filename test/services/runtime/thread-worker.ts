/** The worker thread of `worker-thread.test.ts`: it performs the requested task. */
import { readlinkSync } from 'node:fs'
import { getPriority } from 'node:os'
import { basename } from 'node:path'
import { fail } from '../../../services/errors.ts'
import { serveRequests, terminationLock } from '../../../services/runtime/worker-entry.ts'

export type Asked =
  | { what: 'echo' | 'exit' | 'refuse' | 'bug' | 'priority' | 'spin' }
  | { what: 'hold'; forMs: number; done: Int32Array }

serveRequests(
  (asked: Asked, { init: given, reportProgress: tell }): unknown => {
    switch (asked.what) {
      case 'echo':
        for (const share of [0.2, 0.2001, 0.7]) tell(share)
        return { given, bytes: new Uint8Array(5_000).fill(7) }
      case 'exit':
        return process.exit(3)
      case 'refuse':
        return fail('PRE_HARVEST_INTERVAL', 'not before August', { params: { day: '2026-08-01' } })
      case 'bug':
        throw new RangeError('a bug')
      case 'priority':
        return getPriority(Number(basename(readlinkSync('/proc/thread-self'))))
      case 'spin':
        tell(0.5)
        for (;;);
      case 'hold': {
        terminationLock.acquire()
        tell(0.5)
        for (const endMs = performance.now() + asked.forMs; performance.now() < endMs;);
        Atomics.store(asked.done, 0, 1)
        terminationLock.release()
        terminationLock.acquire() // here it ends, where somebody has asked for it
        Atomics.store(asked.done, 0, 2)
        return null
      }
    }
  },
  (answered) =>
    answered !== null && typeof answered === 'object' ? [(answered as { bytes: Uint8Array }).bytes] : [],
)
