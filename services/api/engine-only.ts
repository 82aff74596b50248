/**
 * What a node that serves pages only (ROLES=api) cannot do, because it needs the journal or the connections of the engine.
 * A proxy sends these to an engine (docs/growth.md); otherwise they are ENGINE_ONLY.
 */
import { fail } from '../errors.ts'
import type { App } from './http/context.ts'

export const engineOnlyRoutes: ReadonlySet<string> = new Set([
  'GET /api/dead-letters',
  'GET /api/dead-letters/reasons',
  'POST /api/dead-letters/discard',
  'DELETE /api/dead-letters/:id',
  'POST /api/dead-letters/replay',
  'POST /api/dead-letters/:id/replay',
  'GET /api/unread-messages',
  'POST /api/devices/:id/read-again',
  'GET /api/integrations',
  'DELETE /api/integrations/:id',
  'POST /api/devices/:id/valves/:valve/test',
  'POST /api/devices/:id/valves/:valve/unlock',
  'DELETE /api/farms/:id',
  'DELETE /api/memberships/:id',
  'GET /api/export',
])

/** Refuses them on `app`, for the routes that are added after this call. */
export function refuseEngineRoutes(app: App): void {
  app.addHook('onRequest', async ({ method, routeOptions }) => {
    if (engineOnlyRoutes.has(`${method} ${routeOptions.url}`))
      fail('ENGINE_ONLY', 'this node serves pages only (ROLES=api): send this request to an engine')
  })
}
