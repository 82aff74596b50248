/** What better-auth answers, as an answer of ours. */
import type { FastifyReply } from 'fastify'
import { fail, type ErrorCode } from '../../errors.ts'
import { done } from './responses.ts'

const errorCodes: Record<number, ErrorCode> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  429: 'RATE_LIMITED',
}

/** The cookies of better-auth's answer, never its body: that holds the session's token. Its refusals in our shape. */
export async function forwardAuthResponse(response: Response, reply: FastifyReply): Promise<typeof done> {
  for (const cookie of response.headers.getSetCookie()) void reply.header('set-cookie', cookie)
  if (response.ok) return done
  if (response.status >= 500) fail('INTERNAL', `better-auth answered ${response.status}`)
  const { message } = ((await response.json().catch(() => null)) ?? {}) as { message?: string }
  fail(errorCodes[response.status] ?? 'BAD_REQUEST', message ?? 'this cannot be done')
}
