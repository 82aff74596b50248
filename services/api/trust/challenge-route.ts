/** The challenge of a public authority over HTTP (RFC 8555, 8.3), on the plain port. No sign-in. */
import type { App, Context } from '../http/context.ts'

/** Outside the API: it is no operation for programs, and exists only with HTTPS=acme:MAIL. */
export function challengeRoute(app: App, { settings }: Pick<Context, 'settings'>): void {
  const answer = settings.https?.certificates.challengeAnswer
  if (answer === undefined) return
  app.get<{ Params: { token: string } }>('/.well-known/acme-challenge/:token', async ({ params }, reply) => {
    const text = answer(params.token)
    return text === null ? reply.code(404).send('') : reply.type('text/plain').send(text)
  })
}
