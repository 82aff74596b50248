/** One shape for everything that goes wrong (schemas.ts, ApiError), and one table from code to HTTP status. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { isTilthError, type ErrorCode } from '../errors.ts'
import type { Logger } from '../ports.ts'

const statusOf: Record<ErrorCode, number> = {
  BAD_REQUEST: 400,
  NOT_SIGNED_IN: 401,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  TOO_MANY: 429,
  STORE_UNAVAILABLE: 503,
  BUS_UNAVAILABLE: 503,
  STORE_CORRUPT: 500,
  STORE_REFUSED: 500,
  CONFIG_WRONG: 500,
  PORT_IN_USE: 500,
  INTERNAL: 500,
}

/** Answers an error; what is our own fault is logged whole and told in one word. */
export const answerError =
  (log: Logger) =>
  (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const { code, message } = told(error)
    const status = statusOf[code]
    if (status >= 500)
      log.error({ error, method: request.method, route: request.routeOptions.url }, 'a request failed')
    void reply.code(status).send({ error: code, message })
  }

function told(error: FastifyError | Error): { code: ErrorCode; message: string } {
  if (isTilthError(error)) {
    const isOurs = statusOf[error.code] >= 500
    return { code: error.code, message: isOurs ? 'this cannot be answered now, try again' : error.message }
  }
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (status === 429) return { code: 'TOO_MANY', message: error.message }
  if (status === 404) return { code: 'NOT_FOUND', message: error.message }
  // Fastify's own refusals: not JSON, too large, wrong content type, and what the schemas refuse
  if (status !== undefined && status < 500) return { code: 'BAD_REQUEST', message: error.message }
  return { code: 'INTERNAL', message: 'something is wrong in Tilth itself' }
}
