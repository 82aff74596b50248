/**
 * Device commands of the admin socket. A person at the keyboard names farms, fields and zones by their names,
 * not by their ids.
 */
import Type from 'typebox'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { NewDevice } from '../devices/provisioning-schemas.ts'
import { createClaimableDevice, renewClaimCode } from '../devices/claims.ts'
import type { Admin, ProvisioningDeps } from '../devices/device-queries.ts'
import { revokeDevice, rotateSecret } from '../devices/provisioning.ts'
import { listDevices } from '../devices/device-list.ts'
import { Name, Text, TopicName, ValveName } from '../http/validation/schema-primitives.ts'
import { findNamed } from './find-named.ts'
import { commandWithForm, type AdminCommands } from './requests.ts'

const ACTOR = 'console'

const { kind, everyS, windHeightM } = NewDevice.properties
const AddForm = Type.Object({
  kind,
  everyS,
  windHeightM,
  name: Name,
  id: Type.Optional(TopicName),
  org: Type.Optional(Text),
  farm: Type.Optional(Text),
  field: Type.Optional(Text),
  valves: Type.Optional(Type.Record(ValveName, Text, { additionalProperties: false })),
})
const IdForm = Type.Object({ id: Text })
const OrgForm = Type.Object({ org: Type.Optional(Text) })

/**
 * `device add`, `code`, `rotate`, `revoke` and `list`, audited with the actor `console`. NOT_FOUND when a name
 * matches no row, BAD_REQUEST when it matches several.
 */
export function deviceCommands(deps: ProvisioningDeps & { httpPort: number }): AdminCommands {
  const { state, clock } = deps
  return {
    'device add': commandWithForm(AddForm, async ({ org, farm, field, valves, ...form }) => {
      const place = await findPlace(state, org, farm, field)
      const zones: Record<string, string> = {}
      for (const [valve, zone] of Object.entries(valves ?? {}))
        zones[valve] = (await findNamed(state, 'zone', { org: place.org, farmId: place.farmId }, zone)).id
      const added = await createClaimableDevice(
        deps,
        { org: place.org, userId: ACTOR },
        { ...form, farmId: place.farmId, fieldId: place.fieldId, valves: zones },
      )
      return { ...added, httpPort: deps.httpPort }
    }),
    'device code': commandWithForm(IdForm, async ({ id }) => ({
      ...(await renewClaimCode(deps, await adminOf(state, id), id)),
      httpPort: deps.httpPort,
    })),
    'device rotate': commandWithForm(IdForm, async ({ id }) =>
      rotateSecret(deps, await adminOf(state, id), id),
    ),
    'device revoke': commandWithForm(IdForm, async ({ id }) =>
      revokeDevice(deps, await adminOf(state, id), id),
    ),
    'device list': commandWithForm(OrgForm, async ({ org }) => {
      const orgs = await state.selectFrom('device').select('org').distinct().orderBy('org').execute()
      const selectedOrgs = org === undefined ? orgs.map((row) => row.org) : [org]
      const lists = await Promise.all(
        selectedOrgs.map(async (item) =>
          (await listDevices(state, item, clock.now())).map((device) => ({ org: item, ...device })),
        ),
      )
      return { nowMs: clock.now(), devices: lists.flat() }
    }),
  }
}

/** A device id is unique across all organisations. */
async function adminOf(state: State, id: string): Promise<Admin> {
  const device = await state.selectFrom('device').select('org').where('id', '=', id).executeTakeFirst()
  return device
    ? { org: device.org, userId: ACTOR }
    : fail('NOT_FOUND', `there is no device ${id.slice(0, 64)}; list the devices with tilth device list`)
}

/** The farm with this name, or the only farm; and the field in it. */
async function findPlace(
  state: State,
  org: string | undefined,
  farmName: string | undefined,
  fieldName: string | undefined,
): Promise<{ org: string; farmId: string; fieldId: string | null }> {
  const farm = await findNamed(state, 'farm', org === undefined ? {} : { org }, farmName)
  if (fieldName === undefined) return { org: farm.org, farmId: farm.id, fieldId: null }
  const field = await findNamed(state, 'field', { org: farm.org, farmId: farm.id }, fieldName)
  return { org: farm.org, farmId: farm.id, fieldId: field.id }
}
