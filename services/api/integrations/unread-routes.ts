/** Messages of devices of other makes that their profile could not read, and a second attempt. */
import Type from 'typebox'
import { ownRow } from '../http/own-row.ts'
import { audit } from '../http/audited-write.ts'
import type { App, Context } from '../http/context.ts'
import { orgLock } from '../http/org-lock.ts'
import { ById, responses } from '../http/responses.ts'
import { listUnread, readAgain } from './unread-messages.ts'
import { ReadAgain, UnreadMessages } from './unread-schemas.ts'

/** Reading needs `configure`, the second attempt `admin`. CONFLICT while messages of the organisation are read again. */
export function unreadRoutes(app: App, context: Context): void {
  const { state, journal } = context
  const underWay = orgLock()

  app.get(
    '/api/unread-messages',
    {
      config: { needs: 'configure' },
      schema: {
        summary: 'List messages that a device profile could not read',
        response: responses(Type.Array(UnreadMessages)),
      },
    },
    async ({ caller }) => listUnread(state, journal, caller.org),
  )

  app.post(
    '/api/devices/:id/read-again',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Read rejected messages of a device again',
        description: 'All messages that its profile version rejected go through the profile of now.',
        params: ById,
        response: responses(ReadAgain),
      },
    },
    async ({ params, caller }) => {
      const { org } = caller
      await ownRow(state, 'device', org, params.id)
      const end = underWay.acquire(org, 'rejected messages are already being read again')
      const messages = await readAgain(state, journal, org, params.id).finally(end)
      await audit(context, caller, 'device.read-again', params.id, { messages })
      return { messages }
    },
  )
}
