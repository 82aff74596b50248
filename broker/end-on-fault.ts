/**
 * What nobody foresaw ends the process: what is held is written first, then it exits with 1 and a supervisor starts it
 * again. A broker that goes on after such an error may acknowledge what it has not kept.
 */
import type { Log } from './log.ts'

export function endOnFault({ flush, log }: { flush: () => void; log: Log }): void {
  process.on('uncaughtException', (error) => {
    log.error({ error: error.stack ?? String(error) }, 'ended by an error that nobody foresaw')
    try {
      flush()
    } catch (cause) {
      log.error({ error: cause }, 'what was held could not be written')
    }
    process.exit(1)
  })
}
