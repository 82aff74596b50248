/**
 * The log: readable lines on a terminal, one JSON object per line elsewhere; errors with their cause and stack, never
 * secrets.
 */
import { styleText } from 'node:util'
import pino from 'pino'
import type { Logger } from '../ports.ts'

/** Logs to the standard output. */
export function createLogger(level: pino.LevelWithSilent, to = process.stdout): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.errWithCause },
    redact: {
      paths: ['password', 'secret', 'commandKey', '*.password', '*.secret', '*.commandKey'],
      censor: '…',
    },
  }
  return to.isTTY ? pino(options, { write: (line) => void to.write(prettyLine(line)) }) : pino(options)
}

const levels: Record<number, string> = {
  20: styleText('gray', 'debug'),
  30: styleText('green', 'info '),
  40: styleText('yellow', 'warn '),
  50: styleText('red', 'error'),
}

/** A line of JSON as a person reads it: time, level, text, fields, and the stack of an error below. */
export function prettyLine(json: string): string {
  const line: unknown = JSON.parse(json) // as pino has just written it
  const { time, level, msg, error, ...fields } = line as Record<string, unknown>
  const clock = new Date(String(time)).toLocaleTimeString('en-GB')
  const { message, stack } = (error ?? {}) as { message?: string; stack?: string }
  const parts = [
    styleText('gray', clock),
    levels[Number(level)] ?? String(level),
    String(msg ?? ''),
    ...Object.entries(fields).map(([name, value]) => styleText('gray', `${name}=`) + textOf(value)),
    ...(message === undefined ? [] : [styleText('red', message)]),
  ]
  return `${parts.join(' ')}\n${stack === undefined ? '' : `${indented(stack)}\n`}`
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const indented = (stack: string): string =>
  stack
    .split('\n')
    .slice(1)
    .map((line) => styleText('gray', `  ${line.trim()}`))
    .join('\n')

/** A log that can be limited to warnings and errors: a nearly full disk has no room for the rest. */
export interface ThrottledLogger extends Logger {
  /** true: debug and info lines are counted and not written */
  setThrottled(isThrottled: boolean): void
  /** The number of dropped lines. */
  droppedLines(): number
}

/** Not throttled at first; warnings and errors are always written. */
export function throttledLogger(log: Logger): ThrottledLogger {
  let isThrottled = false
  let dropped = 0
  const unlessThrottled =
    (write: (fields: object, text: string) => void) => (fields: object, text: string) => {
      if (isThrottled) dropped++
      else write(fields, text)
    }
  return {
    debug: unlessThrottled((fields, text) => log.debug(fields, text)),
    info: unlessThrottled((fields, text) => log.info(fields, text)),
    warn: (fields, text) => log.warn(fields, text),
    error: (fields, text) => log.error(fields, text),
    setThrottled: (quiet) => void (isThrottled = quiet),
    droppedLines: () => dropped,
  }
}
