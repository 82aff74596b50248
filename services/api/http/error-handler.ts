/** One shape for all errors (ApiError), and one table from error code to HTTP status. */
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { isTilthError, type ErrorCode, type TilthError } from '../../errors.ts'
import type { Logger } from '../../ports.ts'

const statusOf: Record<ErrorCode, number> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  INVALID_CREDENTIALS: 400,
  USER_IN_OTHER_ORGANISATION: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PRE_HARVEST_INTERVAL: 409,
  NO_ACTIVE_SEASON: 409,
  HISTORY_LOCKED: 409,
  SEASON_OVERLAP: 409,
  CROP_HAS_TREATMENTS: 409,
  VALVE_BUSY: 409,
  VALVE_UNREACHABLE: 409,
  RATE_LIMITED: 429,
  STORE_UNAVAILABLE: 503,
  DISK_FULL: 503,
  STOP_UNRECORDED: 503,
  BUS_UNAVAILABLE: 503,
  ENGINE_ONLY: 503,
  STORE_CORRUPT: 500,
  STORE_NEWER: 500,
  STORE_REFUSED: 500,
  INVALID_ROW: 500,
  INVALID_CONFIG: 500,
  PORT_IN_USE: 500,
  INTERNAL: 500,
}

/** Responds with an error; internal errors are logged in full and reported without details. */
export const errorHandler =
  (log: Logger) =>
  (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const { code, ...details } = toApiError(error)
    const status = statusOf[code]
    if (status >= 500)
      log.error({ error, method: request.method, route: request.routeOptions.url }, 'a request failed')
    void reply.code(status).send({ error: code, ...details })
  }

/** Before routing, no hook has set the response headers; this response is for a program. */
export const badUrlHandler =
  (log: Logger) =>
  (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'",
    })
    errorHandler(log)(error, request, reply)
  }

/** Unreadable HTTP: there is no request yet, only a socket. Responds in the same shape and closes it. */
export function clientErrorHandler(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  const line = clientErrorStatus[error.code ?? ''] ?? '400 Bad Request'
  const body = JSON.stringify({ error: 'BAD_REQUEST', message: 'malformed HTTP request' })
  socket.end(
    `HTTP/1.1 ${line}\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
const clientErrorStatus: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

function toApiError(error: FastifyError | Error): {
  code: ErrorCode
  message: string
  params?: TilthError['params']
} {
  if (isTilthError(error)) {
    const isOurs = statusOf[error.code] >= 500
    const sentence = sentences[error.code]
    if (sentence !== undefined) return { code: error.code, message: sentence }
    if (isOurs) return { code: error.code, message: 'temporarily unavailable; try again' }
    const { code, message, params } = error
    return params ? { code, message, params } : { code, message }
  }
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (status === 429) return { code: 'RATE_LIMITED', message: error.message }
  if (status === 404) return { code: 'NOT_FOUND', message: error.message }
  // Fastify's own errors: not JSON, too large, wrong content type, schema violations
  if (status !== undefined && status < 500) return { code: 'BAD_REQUEST', message: error.message }
  return { code: 'INTERNAL', message: 'internal error in Tilth; the server log has the details' }
}

/** Server faults of which a person must know more than that they passed. */
const sentences: Partial<Record<ErrorCode, string>> = {
  DISK_FULL:
    "the server's disk is full: nothing can be written until there is space; STOP still closes the valves",
  STOP_UNRECORDED:
    'the server cannot record now; STOP was sent to the valves and is recorded later; look at the valves',
}
