/** How long work holds the event loop of this thread. */
import { closeSync, openSync, readlinkSync, readSync } from 'node:fs'
import { basename } from 'node:path'

const EVERY_MS = 2

/**
 * The longest processor time that this thread uses between two turns of its event loop while `work` runs, ms. Other
 * programs on the machine change nothing: it is no wall time. Null where the system does not tell (not Linux).
 */
export async function longestHoldMs(work: () => Promise<unknown>): Promise<number | null> {
  const clock = openThreadClock()
  if (clock === null) return (await work(), null)
  let lastMs = clock.processorMs()
  let longestMs = 0
  const look = () => {
    const nowMs = clock.processorMs()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
  }
  const timer = setInterval(look, EVERY_MS)
  try {
    await work()
    look()
    return longestMs
  } finally {
    clearInterval(timer)
    clock.close()
  }
}

/** proc(5), schedstat: nanoseconds on a processor, then those spent waiting for one. */
function openThreadClock(): { processorMs(): number; close(): void } | null {
  let file: number
  try {
    file = openSync(`/proc/self/task/${basename(readlinkSync('/proc/thread-self'))}/schedstat`, 'r')
  } catch {
    return null
  }
  const buffer = Buffer.alloc(80)
  return {
    processorMs: () =>
      Number(buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)).split(' ')[0]) / 1e6,
    close: () => closeSync(file),
  }
}
