/** Assigns the address of an integration to a new device, gives a device another profile, and ends the assignment. */
import type { Static } from 'typebox'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import type { Profile } from '../../integrations/profiles/read-profile.ts'
import type { State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import { toJson, type AssignedAddressRow, type DeviceRow } from '../../tables.ts'
import {
  announceDevice,
  assignZone,
  deviceRow,
  insertDevice,
  newCommandKey,
  newDeviceId,
  UNCLAIMED,
  type Admin,
} from '../devices/device-queries.ts'
import type { Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import { checkAnswers } from './profile-answers.ts'
import type { AssignAddress, ChangeProfile } from './unassigned-schemas.ts'

type Deps = Pick<Context, 'state' | 'clock' | 'bus' | 'log' | 'credentials' | 'onDeviceChanged' | 'profiles'>

/**
 * The new device. Its kept messages become readings soon after. CONFLICT when the address is assigned already, NOT_FOUND
 * for an integration, a place or a zone of another organisation.
 */
export async function assignAddress(
  deps: Deps,
  admin: Admin,
  form: Static<typeof AssignAddress>,
): Promise<DeviceRow> {
  const { integrationId, address, name, valves = {}, answers = {} } = form
  const integration = await ownRow(deps.state, 'integration', admin.org, integrationId)
  const profile = profileNamed(deps, form.profile)
  checkAnswers(profile, answers)
  const { kind, everyS } = profile
  const device = await deviceRow(
    deps,
    admin,
    {
      id: newDeviceId(kind),
      name,
      kind,
      everyS,
      fieldId: form.fieldId ?? null,
      farmId: form.farmId ?? integration.farmId,
    },
    // it has no credentials of its own: its messages come with those of the integration
    { secretHash: UNCLAIMED, commandKey: newCommandKey(kind) },
  )
  await inOrg(deps.state, admin.org, async (rows) => {
    await insertDevice(rows, admin, device)
    const row: AssignedAddressRow = {
      deviceId: device.id,
      org: admin.org,
      integrationId,
      address,
      profile: profile.name,
      answers: toJson(answers),
    }
    const inserted = await rows
      .insertInto('assignedAddress')
      .values(row)
      .onConflict((conflict) => conflict.columns(['integrationId', 'address']).doNothing())
      .executeTakeFirst()
    if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n)
      fail('CONFLICT', `address: ${address.slice(0, 80)} is assigned already`)
    await rows
      .deleteFrom('hiddenAddress')
      .where('org', '=', admin.org)
      .where('integrationId', '=', integrationId)
      .where('address', '=', address)
      .execute()
    const detail = { integrationId, address, profile: profile.name, answers }
    await audit(deps, rows, admin, 'device.assign', device.id, detail)
    for (const [valve, zoneId] of Object.entries(valves)) await assignZone(rows, admin, device, valve, zoneId)
  })
  await announceDevice(deps, device)
  return device
}

/**
 * Other answers, or another profile, for the messages that come from now on. BAD_REQUEST when only one of the two profiles
 * is of a valve: its device must be disconnected and assigned again.
 */
export async function changeProfile(
  deps: Deps,
  admin: Admin,
  id: string,
  { profile: profileName, answers = {} }: Static<typeof ChangeProfile>,
): Promise<void> {
  const profile = profileNamed(deps, profileName)
  checkAnswers(profile, answers)
  const device = await inOrg(deps.state, admin.org, async (rows) => {
    const device = await ownRow(rows, 'device', admin.org, id)
    await assignedRow(rows, admin, id)
    if ((device.kind === 'controller') !== (profile.kind === 'controller'))
      fail(
        'BAD_REQUEST',
        `profile: must be of a ${device.kind}, got ${profile.kind}; disconnect the device first`,
      )
    await rows.updateTable('device').set({ kind: profile.kind }).where('id', '=', id).execute()
    await rows
      .updateTable('assignedAddress')
      .set({ profile: profile.name, answers: toJson(answers) })
      .where('deviceId', '=', id)
      .execute()
    await audit(deps, rows, admin, 'device.profile', id, { profile: profile.name, answers })
    return device
  })
  await announceDevice(deps, device)
}

/** The device keeps its history and gets no more messages; its address is in the list of unassigned ones again. */
export async function unassignDevice(deps: Deps, admin: Admin, id: string): Promise<void> {
  const device = await inOrg(deps.state, admin.org, async (rows) => {
    const device = await ownRow(rows, 'device', admin.org, id)
    const { integrationId, address } = await assignedRow(rows, admin, id)
    await rows.deleteFrom('assignedAddress').where('deviceId', '=', id).execute()
    const revokedAtMs = device.revokedAtMs ?? deps.clock.now()
    await rows.updateTable('device').set({ revokedAtMs }).where('id', '=', id).execute()
    await audit(deps, rows, admin, 'device.unassign', id, { integrationId, address })
    return device
  })
  await deps.onDeviceChanged(id)
  await announceDevice(deps, device)
}

function profileNamed({ profiles }: Pick<Deps, 'profiles'>, name: string): Profile {
  return profiles().get(name) ?? fail('NOT_FOUND', `there is no device profile ${name}`)
}

async function assignedRow(rows: State, { org }: Admin, id: string): Promise<AssignedAddressRow> {
  const row = await rows
    .selectFrom('assignedAddress')
    .selectAll()
    .where('org', '=', org)
    .where('deviceId', '=', id)
    .executeTakeFirst()
  return row ?? fail('NOT_FOUND', `${id} is no device of another make`)
}

const audit = (
  { clock }: Pick<Deps, 'clock'>,
  rows: State,
  { org, userId: actor }: Admin,
  action: string,
  subject: string,
  detail: object,
) => appendAudit(rows, { org, atMs: clock.now(), actor, action, subject, detail })
