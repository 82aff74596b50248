/**
 * What nobody foresaw ends the process: what is held is written first, then it exits with 1 and a supervisor starts it
 * again. A broker that goes on after such an error may acknowledge what it has not kept. A promise that is rejected
 * and nobody looks at comes here too.
 */
export function exitOnCrash({ flush, say }: { flush: () => void; say: (text: string) => void }): void {
  process.on('uncaughtException', (error: unknown) => {
    say(`ended by an error that nobody foresaw: ${errorText(error)}`)
    try {
      flush()
    } catch (cause) {
      say(`what was held could not be written: ${errorText(cause)}`)
    }
    process.exit(1)
  })
}

const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
