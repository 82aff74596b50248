/** The log: one JSON object per line on the standard output; errors with their cause and stack, never secrets. */
import pino from 'pino'
import type { Settings } from '../config/settings.ts'
import type { Logger } from '../ports.ts'

export const createLogger = (level: Settings['logLevel']): Logger =>
  pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.errWithCause },
    redact: {
      paths: ['password', 'secret', 'commandKey', '*.password', '*.secret', '*.commandKey'],
      censor: '…',
    },
  })

/** A log that can be limited to warnings and errors: a nearly full disk has no room for the rest. */
export interface ThrottledLogger extends Logger {
  /** true: debug and info lines are counted and not written */
  setThrottled(isQuiet: boolean): void
  /** The number of dropped lines. */
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
