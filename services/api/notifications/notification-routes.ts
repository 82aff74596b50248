/**
 * Notifications: the preferences of a person, their devices, a test notification; and the webhook of the
 * organisation.
 */
import { createHash, randomBytes } from 'node:crypto'
import { fail } from '../../errors.ts'
import { orgTimeZones } from '../../domain/org-time-zone.ts'
import { toJson, type PushDeviceRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { Caller } from '../http/caller.ts'
import type { App, Context } from '../http/context.ts'
import { Created } from '../http/responses.ts'
import {
  NewPushDevice,
  NewWebhook,
  TestNotification,
  TestNotificationResult,
  NotificationSettings,
  NotificationPreferenceForm,
  RenewedPushDevice,
  WebhookSecret,
} from './notification-schemas.ts'
import { may } from '../http/permissions.ts'
import { readChannelStatus, readPreference } from './notification-queries.ts'
import { audit, audited } from '../http/audited-write.ts'

// one person's phones, tablets and browsers
const MAX_DEVICES = 20

/**
 * People change their own settings; the webhook needs `admin`, and its secret is shown once. BAD_REQUEST for an
 * address that NOTIFICATION_TARGETS does not allow.
 */
export function notificationRoutes(app: App, context: Context): void {
  const { state, clock, notifications: notices } = context
  const ownAccess = { needs: 'read' } as const // everyone sets their own preferences
  const admin = { needs: 'admin' } as const

  app.get(
    '/api/notifications',
    {
      config: ownAccess,
      schema: { summary: 'Get your notification settings', response: responses(NotificationSettings) },
    },
    async ({ caller }): Promise<NotificationSettings> => {
      const { org, userId } = caller
      const nowMs = clock.now()
      const devices = await devicesOf(caller)
      return {
        timeZone: (await orgTimeZones(state, [org])).get(org) ?? 'UTC',
        preference: await readPreference(state, caller),
        hasMail: notices.hasMail,
        address: caller.email,
        pushKey: notices.pushKey,
        mail: await readChannelStatus(state, { org, userId, channel: 'mail', target: '' }, nowMs),
        devices: await Promise.all(
          devices.map(async ({ id, name, createdAtMs }) => ({
            id,
            name,
            createdAtMs,
            way: await readChannelStatus(state, { org, userId, channel: 'push', target: id }, nowMs),
          })),
        ),
        webhook: await webhookOf(caller, nowMs),
      }
    },
  )

  app.post(
    '/api/notifications',
    {
      config: ownAccess,
      schema: {
        summary: 'Set your notification preferences',
        body: NotificationPreferenceForm,
        response: responses(Done),
      },
    },
    async ({ caller, body }) => {
      const { org, userId } = caller
      const row = {
        language: body.language,
        digestMin: body.digestMin,
        modes: toJson(body.modes),
        byMail: body.byMail ? (1 as const) : (0 as const),
        urgentPasses: body.urgentPasses ? (1 as const) : (0 as const),
        quietHours: body.quietHours === null ? null : toJson(body.quietHours),
      }
      await audited(
        context,
        caller,
        { action: 'notification.preferences', subject: userId, detail: body },
        (rows) =>
          rows
            .insertInto('notificationPreference')
            .values({ org, userId, ...row })
            .onConflict((conflict) => conflict.columns(['org', 'userId']).doUpdateSet(row))
            .execute(),
      )
      return done
    },
  )

  app.post(
    '/api/notifications/devices',
    {
      config: ownAccess,
      schema: {
        summary: 'Add a browser for push notifications',
        body: NewPushDevice,
        response: responses(Created),
      },
    },
    async ({ caller, body }) => {
      const { org, userId } = caller
      mustReach(body.url)
      const devices = await devicesOf(caller)
      // the same browser is the same device; its latest user receives the notifications
      const existing = await state
        .selectFrom('pushDevice')
        .select('id')
        .where('org', '=', org)
        .where('pushUrl', '=', body.url)
        .executeTakeFirst()
      const id = existing?.id ?? idOf(org, body.url)
      if (devices.length >= MAX_DEVICES && !devices.some((device) => device.id === id))
        fail('CONFLICT', `you already have ${MAX_DEVICES} devices; remove one first`)
      const row = { userId, name: body.name, pushUrl: body.url, pushKey: body.key, pushAuth: body.auth }
      const line = { action: 'notification.device.add', subject: id, detail: { name: body.name } }
      await audited(context, caller, line, async (rows) => {
        await rows.deleteFrom('notification').where('target', '=', id).where('userId', '!=', userId).execute()
        await rows
          .insertInto('pushDevice')
          .values({ id, org, createdAtMs: clock.now(), ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute()
      })
      return { id }
    },
  )

  app.post(
    '/api/notifications/devices/renew',
    {
      config: ownAccess,
      schema: { summary: 'Renew a push subscription', body: RenewedPushDevice, response: responses(Done) },
    },
    async ({ caller, body: { oldUrl, url, key, auth } }) => {
      const device = (await devicesOf(caller)).find(({ pushUrl }) => pushUrl === oldUrl)
      if (!device) fail('NOT_FOUND', 'oldUrl: none of your devices has this subscription')
      mustReach(url)
      const line = { action: 'notification.device.renew', subject: device.id, detail: { name: device.name } }
      await audited(context, caller, line, async (rows) => {
        // added again by the page meanwhile: one browser is one device
        await rows
          .deleteFrom('pushDevice')
          .where('org', '=', caller.org)
          .where('pushUrl', '=', url)
          .where('id', '!=', device.id)
          .execute()
        await rows
          .updateTable('pushDevice')
          .set({ pushUrl: url, pushKey: key, pushAuth: auth })
          .where('id', '=', device.id)
          .execute()
      })
      return done
    },
  )

  app.delete(
    '/api/notifications/devices/:id',
    {
      config: ownAccess,
      schema: { summary: 'Remove a browser for push notifications', params: ById, response: responses(Done) },
    },
    async ({ caller, params: { id } }) => {
      const device = (await devicesOf(caller)).find((item) => item.id === id)
      if (!device) fail('NOT_FOUND', `none of your devices has the id ${id}`)
      const line = { action: 'notification.device.remove', subject: id, detail: { name: device.name } }
      await audited(context, caller, line, async (rows) => {
        await rows.deleteFrom('notification').where('org', '=', caller.org).where('target', '=', id).execute()
        await rows.deleteFrom('pushDevice').where('id', '=', id).execute()
      })
      return done
    },
  )

  app.post(
    '/api/notifications/test',
    {
      config: { ...ownAccess, limit: 'notification' },
      schema: {
        summary: 'Send a test notification',
        body: TestNotification,
        response: responses(TestNotificationResult),
      },
    },
    async ({ caller, body: { channel, deviceId = '' } }) => {
      if (channel === 'webhook' && !may(caller.role, 'admin'))
        fail('FORBIDDEN', `the role ${caller.role} does not include admin`)
      const userId = channel === 'webhook' ? '' : caller.userId
      const target = channel === 'push' ? deviceId : ''
      await audit(context, caller, 'notification.test', channel, {})
      const outcome = await notices.test(caller.org, { userId, channel, target })
      if (outcome === null) fail('NOT_FOUND', 'this channel is not set up; set it up first')
      return { problem: outcome.ok ? null : outcome.error }
    },
  )

  app.post(
    '/api/notifications/webhook',
    {
      config: admin,
      schema: {
        summary: 'Set the webhook of the organisation',
        body: NewWebhook,
        response: responses(WebhookSecret),
      },
    },
    async ({ caller, body }) => {
      const { org, userId } = caller
      if (!notices.mayReach(body.url))
        fail('BAD_REQUEST', 'url: must be an address that NOTIFICATION_TARGETS allows, got another')
      // an address may hold a token: audit only the host
      const line = { action: 'notification.webhook', subject: org, detail: { host: new URL(body.url).host } }
      const row = {
        hookUrl: body.url,
        salt: randomBytes(16).toString('base64url'),
        language: body.language,
        createdBy: userId,
        createdAtMs: clock.now(),
      }
      await audited(context, caller, line, (rows) =>
        rows
          .insertInto('webhook')
          .values({ org, ...row })
          .onConflict((conflict) => conflict.column('org').doUpdateSet(row))
          .execute(),
      )
      return { secret: notices.hookSecret({ org, salt: row.salt }) }
    },
  )

  app.delete(
    '/api/notifications/webhook',
    {
      config: admin,
      schema: { summary: 'Remove the webhook of the organisation', response: responses(Done) },
    },
    async ({ caller }) => {
      const { org } = caller
      await audited(
        context,
        caller,
        { action: 'notification.webhook.remove', subject: org, detail: {} },
        async (rows) => {
          await rows
            .deleteFrom('notification')
            .where('org', '=', org)
            .where('channel', '=', 'webhook')
            .execute()
          await rows.deleteFrom('webhook').where('org', '=', org).execute()
        },
      )
      return done
    },
  )

  function mustReach(url: string): void {
    if (!notices.mayReach(url))
      fail('BAD_REQUEST', 'url: must be a push service that NOTIFICATION_TARGETS allows, got another')
  }
  const idOf = (org: string, url: string): string =>
    createHash('sha256').update(`${org} ${url}`).digest('hex').slice(0, 32)

  const devicesOf = ({ org, userId }: Caller): Promise<PushDeviceRow[]> =>
    state
      .selectFrom('pushDevice')
      .selectAll()
      .where('org', '=', org)
      .where('userId', '=', userId)
      .orderBy('createdAtMs')
      .orderBy('id')
      .execute()

  async function webhookOf({ org, role }: Caller, nowMs: number): Promise<NotificationSettings['webhook']> {
    if (!may(role, 'admin')) return null
    const hook = await state.selectFrom('webhook').selectAll().where('org', '=', org).executeTakeFirst()
    if (!hook) return null
    const channelStatus = await readChannelStatus(
      state,
      { org, userId: '', channel: 'webhook', target: '' },
      nowMs,
    )
    return { url: hook.hookUrl, createdAtMs: hook.createdAtMs, way: channelStatus }
  }
}
