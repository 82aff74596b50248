/** A log that can be told to keep to what is wrong: on a disk that is nearly full the rest has no room. */
import type { Logger } from './ports.ts'

export interface QuietLog extends Logger {
  /** true: debug and info are counted and not written */
  quiet(isQuiet: boolean): void
  /** How many lines were not written. */
  shedCount(): number
}

export function quietLog(log: Logger): QuietLog {
  let isQuiet = false
  let shed = 0
  const unlessQuiet = (say: (fields: object, text: string) => void) => (fields: object, text: string) => {
    if (isQuiet) shed++
    else say(fields, text)
  }
  return {
    debug: unlessQuiet((fields, text) => log.debug(fields, text)),
    info: unlessQuiet((fields, text) => log.info(fields, text)),
    warn: (fields, text) => log.warn(fields, text),
    error: (fields, text) => log.error(fields, text),
    quiet: (quiet) => void (isQuiet = quiet),
    shedCount: () => shed,
  }
}
