/**
 * An uncaught error ends the process: pending data is written first, then the process exits with 1 and a supervisor
 * restarts it. A broker that continues after such an error may acknowledge messages that it has not stored. Unhandled
 * promise rejections are uncaught errors too.
 */
export function exitOnCrash({ flush, log }: { flush: () => void; log: (text: string) => void }): void {
  process.on('uncaughtException', (error: unknown) => {
    log(`ended by an uncaught error: ${errorText(error)}`)
    try {
      flush()
    } catch (cause) {
      log(`pending data could not be written: ${errorText(cause)}`)
    }
    process.exit(1)
  })
}

const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
