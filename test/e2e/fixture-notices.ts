/**
 * A person's notification settings as the API returns them, in states that are hard to reach: no mail server, a
 * failing channel.
 */
import type { FastifyInstance } from 'fastify'
import { HOUR_MS } from '../../broker/contract/time.ts'
import type { NotificationSettings, NotificationPreferenceForm } from '../../services/api/schemas.ts'

/** `plain`: nothing chosen, nothing set up. */
export function noticeRoutes(
  app: FastifyInstance,
  { now, isAdmin, isPlain }: { now(): number; isAdmin: boolean; isPlain: boolean },
): void {
  const working = { sentAtMs: now() - 3 * HOUR_MS, failing: null }
  const never = { sentAtMs: null, failing: null }
  const failing = {
    sentAtMs: null,
    failing: { sinceMs: now() - 30 * HOUR_MS, problem: 'refused', dropped: 2 },
  }
  const view: NotificationSettings = {
    timeZone: 'Asia/Tokyo',
    preference: {
      language: 'en',
      byMail: !isPlain,
      urgentPasses: true,
      digestMin: 360,
      modes: { water: 'urgent', weather: 'urgent', pests: 'daily', devices: 'urgent', server: 'off' },
      quietHours: { fromMin: 1260, toMin: 360 },
    },
    hasMail: !isPlain,
    address: 'haruko@example.org',
    pushKey: `B${'A'.repeat(86)}`,
    mail: isPlain ? never : failing,
    devices: isPlain ? [] : [{ id: 'phone-1', name: 'Android, Chrome', createdAtMs: now(), way: working }],
    webhook: null,
  }
  app.get('/api/notifications', async () => view)
  app.post('/api/notifications', async ({ body }) => {
    view.preference = body as NotificationPreferenceForm
    return { ok: true }
  })
  app.delete<{ Params: { id: string } }>('/api/notifications/devices/:id', async ({ params }) => {
    view.devices = view.devices.filter(({ id }) => id !== params.id)
    return { ok: true }
  })
  app.post('/api/notifications/devices/renew', async () => ({ ok: true }))
  app.post('/api/notifications/test', async ({ body }) => ({
    problem: (body as { channel: string }).channel === 'mail' ? 'refused' : null,
  }))
  app.post('/api/notifications/webhook', async ({ body }, reply) => {
    const { url } = body as { url: string }
    if (!isAdmin || !url.startsWith('https:'))
      return reply.code(400).send({ error: 'BAD_REQUEST', message: 'url' })
    view.webhook = { url, createdAtMs: now(), way: never }
    return { secret: 'kZ4vT2mQ8sXw1bN7rY5cJ0dL3fH6gP9aUeIoMxWq2Rt' }
  })
  app.delete('/api/notifications/webhook', async () => {
    view.webhook = null
    return { ok: true }
  })
}
