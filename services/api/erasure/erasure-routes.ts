/** Erasure of a farm, and of a member that has no account. */
import { fail } from '../../errors.ts'
import { ERASED_SUBJECT } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import { audit } from '../http/audited-write.ts'
import type { Caller } from '../http/caller.ts'
import type { App, Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import { EraseFarm, EraseMember } from './erasure-schemas.ts'
import { eraseFarm, eraseMember } from './erase-farm.ts'

/**
 * Need `admin`, and the name as confirmation. CONFLICT while a valve of the farm is open; STORE_UNAVAILABLE while earlier
 * readings are being stored: repeat the request.
 */
export function erasureRoutes(app: App, context: Context): void {
  const { state } = context
  const config = { needs: 'admin' } as const

  app.delete(
    '/api/farms/:id',
    {
      config,
      schema: {
        summary: 'Erase a farm',
        description: 'Deletes all data of the farm for good; the name of the farm confirms it.',
        params: ById,
        body: EraseFarm,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const { org } = caller
      const farm = await ownRow(state, 'farm', org, id)
      if (body.name !== farm.name)
        fail('BAD_REQUEST', 'name: must be the name of the farm to confirm its erasure')
      const readings = await eraseFarm(context, org, id)
      await audit(context, caller, 'farm.erase', ERASED_SUBJECT, { readings })
      return done
    },
  )

  app.delete(
    '/api/memberships/:id',
    {
      config,
      schema: {
        summary: 'Erase a member without an account',
        description: 'Deletes the member and all its data for good; its name confirms it.',
        params: ById,
        body: EraseMember,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const { org, name } = await findErasableMember(context, caller, id)
      if (body.name !== name)
        fail('BAD_REQUEST', 'name: must be the name of the member to confirm its erasure')
      await eraseMember(context, org)
      await audit(context, caller, 'membership.erase', ERASED_SUBJECT, {})
      return done
    },
  )
}

/**
 * A member with an account erases its farms itself. NOT_FOUND for another organisation's membership; FORBIDDEN for
 * anyone but the co-operative, or when the member belongs to another one too.
 */
async function findErasableMember(
  { state, auth }: Context,
  caller: Caller,
  id: string,
): Promise<{ org: string; name: string }> {
  const membership = await state.selectFrom('membership').selectAll().where('id', '=', id).executeTakeFirst()
  if (!membership || ![membership.coop, membership.org].includes(caller.org))
    fail('NOT_FOUND', `there is no membership ${id.slice(0, 64)} of this organisation`)
  const { org, coop } = membership
  if (coop !== caller.org) fail('FORBIDDEN', 'only the co-operative may erase its members')
  const existing = (await auth.organisations([org])).get(org)
  if ((existing?.people ?? 0) > 0)
    fail('FORBIDDEN', 'this member has an account and erases its own farms; you can end the membership')
  const otherCoop = await state
    .selectFrom('membership')
    .select('id')
    .where('org', '=', org)
    .where('coop', '!=', coop)
    .where('endedMs', 'is', null)
    .executeTakeFirst()
  if (otherCoop)
    fail('FORBIDDEN', 'this member belongs to another co-operative too; you can end the membership')
  return { org, name: existing?.name ?? org }
}
