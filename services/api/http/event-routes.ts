/** GET /api/events: the change events of the caller's organisation (event-stream.ts). */
import type { OutgoingHttpHeaders } from 'node:http'
import { fromNodeHeaders } from 'better-auth/node'
import type { App, Context } from './context.ts'

/**
 * Hijacks the reply: the response stays open until the client disconnects or its session no longer belongs to the
 * organisation.
 */
export function eventRoutes(app: App, { events, auth }: Context): void {
  // HEAD would open a stream without a reader
  const stream = {
    config: { needs: 'read' as const },
    exposeHeadRoute: false,
    schema: {
      summary: 'Stream change events',
      description: 'Server-sent events; resume with Last-Event-ID.',
      produces: ['text/event-stream'],
    },
  }
  app.get('/api/events', stream, (request, reply) => {
    const { org } = request.caller
    const headers = fromNodeHeaders(request.headers)
    // the response headers are sent, so the cookie cannot be renewed: the check only reads
    const isWelcome = async () => (await auth.sessionOf(headers, { slide: false }))?.caller?.org === org
    const lastEventId = request.headers['last-event-id']
    reply.hijack()
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as OutgoingHttpHeaders),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // nginx would hold events back
    })
    events.stream(
      request.caller,
      reply.raw,
      typeof lastEventId === 'string' ? lastEventId : undefined,
      isWelcome,
    )
  })
}
