/** The log: one JSON object a line on the standard output; errors with their cause and stack, secrets never. */
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
