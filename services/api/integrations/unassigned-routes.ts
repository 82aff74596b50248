/** Devices of other makes that nobody has assigned, their profiles, and what assigns one. */
import Type from 'typebox'
import { viewWithProfile } from '../../integrations/describe-device.ts'
import { fail } from '../../errors.ts'
import { audited } from '../http/audited-write.ts'
import type { App, Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import { ById, Created, Done, done, responses } from '../http/responses.ts'
import { OneOf } from '../http/validation/schema-primitives.ts'
import { assignAddress, changeProfile, unassignDevice } from './assign-device.ts'
import { keptMessages, listUnassigned, optionsOf, toFit } from './unassigned-messages.ts'
import {
  AddressRead,
  AssignAddress,
  ChangeProfile,
  HideAddress,
  ProfileList,
  ReadAddress,
  UnassignedList,
} from './unassigned-schemas.ts'

const SHOWN_CHARACTERS = 2_000
const SHOWN_BYTES = 4 * SHOWN_CHARACTERS // UTF-8 uses at most 4 bytes for one

/** All of it needs `admin`. NOT_FOUND for an address without kept messages; CONFLICT for one that is assigned. */
export function unassignedRoutes(app: App, context: Context): void {
  const { state, profiles } = context
  const admin = { needs: 'admin' } as const

  app.get(
    '/api/unassigned-devices',
    {
      config: admin,
      schema: {
        summary: 'List devices of other makes that are not assigned',
        querystring: Type.Object({ hidden: Type.Optional(OneOf('yes', 'no')) }),
        response: responses(UnassignedList),
      },
    },
    async ({ query, caller }) => listUnassigned(state, caller.org, query.hidden === 'yes', profiles()),
  )

  app.post(
    '/api/unassigned-devices/hide',
    {
      config: admin,
      schema: {
        summary: 'Hide an unassigned device, or show it again',
        body: HideAddress,
        response: responses(Done),
      },
    },
    async ({ body, caller }) => {
      const { integrationId, address, isHidden } = body
      const { org } = caller
      await ownRow(state, 'integration', org, integrationId)
      await audited(
        context,
        caller,
        { action: 'integration.hide', subject: integrationId, detail: { address, isHidden } },
        (rows) =>
          isHidden
            ? rows
                .insertInto('hiddenAddress')
                .values({ org, integrationId, address })
                .onConflict((conflict) => conflict.doNothing())
                .execute()
            : rows
                .deleteFrom('hiddenAddress')
                .where('org', '=', org)
                .where('integrationId', '=', integrationId)
                .where('address', '=', address)
                .execute(),
      )
      return done
    },
  )

  app.get(
    '/api/unassigned-devices/messages',
    {
      config: admin,
      schema: {
        summary: 'List the newest messages of an unassigned device',
        description: 'As they came, and as a profile reads them.',
        querystring: ReadAddress,
        response: responses(AddressRead),
      },
    },
    async ({ query, caller }) => {
      const { integrationId, address, profile: name } = query
      const integration = await ownRow(state, 'integration', caller.org, integrationId)
      const messages = await keptMessages(state, integration, address)
      if (messages.length === 0) fail('NOT_FOUND', 'there are no messages of this address')
      const profile = name === undefined ? null : profiles().get(name)
      if (profile === undefined) fail('NOT_FOUND', `there is no device profile ${name}`)
      const options = optionsOf(integration)
      return {
        fit: profile === null ? null : toFit(viewWithProfile(integration.kind, messages, profile, options)),
        messages: messages.map(({ topic, receivedMs, payload }) => ({
          topic,
          receivedMs,
          text: new TextDecoder().decode(payload.subarray(0, SHOWN_BYTES)).slice(0, SHOWN_CHARACTERS),
          bytes: payload.length,
        })),
      }
    },
  )

  app.post(
    '/api/unassigned-devices/assign',
    {
      config: admin,
      schema: {
        summary: 'Assign an unassigned device',
        description: 'It becomes a device; its messages of the last seven days become readings.',
        body: AssignAddress,
        response: responses(Created),
      },
    },
    async ({ body, caller }) => ({ id: (await assignAddress(context, caller, body)).id }),
  )

  app.get(
    '/api/device-profiles',
    { config: admin, schema: { summary: 'List device profiles', response: responses(ProfileList) } },
    async () =>
      [...profiles().values()]
        .map(({ name, version, title, kind }) => ({ profile: name, version, title, kind }))
        .sort((a, b) => a.title.localeCompare(b.title)),
  )

  app.post(
    '/api/devices/:id/profile',
    {
      config: admin,
      schema: {
        summary: 'Change the profile of a device of another make',
        params: ById,
        body: ChangeProfile,
        response: responses(Done),
      },
    },
    async ({ params, body, caller }) => {
      await changeProfile(context, caller, params.id, body)
      return done
    },
  )

  app.post(
    '/api/devices/:id/unassign',
    {
      config: admin,
      schema: {
        summary: 'Disconnect a device of another make',
        description: 'It keeps its history. Its address is in the list of unassigned devices again.',
        params: ById,
        response: responses(Done),
      },
    },
    async ({ params, caller }) => {
      await unassignDevice(context, caller, params.id)
      return done
    },
  )
}
