/** Gateway commands of the admin socket. */
import Type from 'typebox'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { IntegrationConnections } from '../../ports/integrations.ts'
import { integrationKinds } from '../../tables.ts'
import type { Admin, ProvisioningDeps } from '../devices/device-queries.ts'
import { Name, Text } from '../http/validation/schema-primitives.ts'
import { revokeGateway, rotateGatewaySecret } from '../integrations/credentials.ts'
import { createIntegration } from '../integrations/integrations.ts'
import { findNamed } from './find-named.ts'
import { commandWithForm, type AdminCommands } from './requests.ts'

const ACTOR = 'console'

const AddForm = Type.Object({
  kind: Type.Enum([...integrationKinds]),
  name: Name,
  org: Type.Optional(Text),
  farm: Type.Optional(Text),
})
const IdForm = Type.Object({ id: Text })
const OrgForm = Type.Object({ org: Type.Optional(Text) })

/**
 * `gateway add`, `rotate`, `revoke` and `list`, audited with the actor `console`. NOT_FOUND when a name matches no row,
 * BAD_REQUEST when it matches several, and for a kind that has no gateway.
 */
export function gatewayCommands(
  deps: ProvisioningDeps & { connections: Pick<IntegrationConnections, 'isConnected'> },
): AdminCommands {
  const { state, connections } = deps
  return {
    'gateway add': commandWithForm(AddForm, async ({ org, farm, name, kind }) => {
      const place = await findNamed(state, 'farm', org === undefined ? {} : { org }, farm)
      const farmId = farm === undefined ? null : place.id
      return createIntegration(deps, { org: place.org, userId: ACTOR }, { name, kind, farmId })
    }),
    'gateway rotate': commandWithForm(IdForm, async ({ id }) =>
      rotateGatewaySecret(deps, await adminOf(state, id), id),
    ),
    'gateway revoke': commandWithForm(IdForm, async ({ id }) => {
      await revokeGateway(deps, await adminOf(state, id), id)
      return {}
    }),
    'gateway list': commandWithForm(OrgForm, async ({ org }) => {
      const all = state
        .selectFrom('integration')
        .select(['id', 'org', 'name', 'kind', 'state', 'revokedAtMs'])
        .where('secretHash', 'is not', null)
        .orderBy('org')
        .orderBy('createdAtMs')
      const rows = await (org === undefined ? all : all.where('org', '=', org)).execute()
      return {
        gateways: rows.map((row) => ({ ...row, isConnected: connections.isConnected(row.id) === true })),
      }
    }),
  }
}

async function adminOf(state: State, id: string): Promise<Admin> {
  const row = await state.selectFrom('integration').select('org').where('id', '=', id).executeTakeFirst()
  return row
    ? { org: row.org, userId: ACTOR }
    : fail('NOT_FOUND', `there is no gateway ${id.slice(0, 64)}; list them with tilth gateway list`)
}
