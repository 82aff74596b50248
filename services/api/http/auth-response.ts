/** Converts a response of better-auth into a response of this API. */
import type { FastifyReply } from 'fastify'
import { fail, type ErrorCode } from '../../errors.ts'
import { done } from './responses.ts'

const errorCodes: Record<number, ErrorCode> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  429: 'RATE_LIMITED',
}

/** Forwards the cookies, never the body, which holds the session token. Errors get the shape of this API. */
export async function forwardAuthResponse(response: Response, reply: FastifyReply): Promise<typeof done> {
  for (const cookie of response.headers.getSetCookie()) void reply.header('set-cookie', cookie)
  if (response.ok) return done
  if (response.status >= 500) fail('INTERNAL', `better-auth responded with status ${response.status}`)
  const { message } = ((await response.json().catch(() => null)) ?? {}) as { message?: string }
  fail(errorCodes[response.status] ?? 'BAD_REQUEST', message ?? 'this request was rejected')
}
