/** A log that can be told to keep to what is wrong: on a disk that is nearly full the rest has no room. */
import type { Logger } from './ports.ts'

export interface ThrottledLogger extends Logger {
  /** true: debug and info are counted and not written */
  setThrottled(isQuiet: boolean): void
  /** How many lines were not written. */
  droppedLines(): number
}

export function throttledLogger(log: Logger): ThrottledLogger {
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
    setThrottled: (quiet) => void (isQuiet = quiet),
    droppedLines: () => shed,
  }
}
