/** What is known of a device of another make beyond its row: its integration, its profile, its last message. */
import { fail } from '../../errors.ts'
import type { Profile } from '../../integrations/profiles/read-profile.ts'
import type { State } from '../../ports.ts'
import { readAnswers, readIgnored } from '../../tables.ts'
import type { ForeignDevice } from './foreign-device-schemas.ts'
import { questionsOf } from './unassigned-messages.ts'

/** Null: the device speaks Tilth's own topics, or it has been disconnected. */
export async function foreignDevice(
  state: State,
  org: string,
  deviceId: string,
  profiles: ReadonlyMap<string, Profile>,
): Promise<ForeignDevice | null> {
  const row = await state
    .selectFrom('assignedAddress')
    .innerJoin('integration', 'integration.id', 'assignedAddress.integrationId')
    .selectAll('assignedAddress')
    .select(['integration.name as integrationName', 'integration.kind as integrationKind'])
    .where('assignedAddress.org', '=', org)
    .where('assignedAddress.deviceId', '=', deviceId)
    .executeTakeFirst()
  if (row === undefined) return null
  const profile = profiles.get(row.profile)
  return {
    integrationId: row.integrationId,
    integrationName: row.integrationName,
    integrationKind: row.integrationKind,
    address: row.address,
    profile: row.profile,
    title: profile?.title ?? row.profile,
    version: profile?.version ?? null,
    answers: readAnswers(row.answers),
    questions: profile === undefined ? [] : questionsOf(profile),
    signal: row.rssiDbm == null ? null : { rssiDbm: row.rssiDbm, snrDb: row.snrDb ?? null },
    ignored: row.ignored == null ? [] : readIgnored(row.ignored),
  }
}

/** The integrations of an organisation's devices, by device. */
export async function integrationsByDevice(
  state: State,
  org: string,
): Promise<Map<string, { id: string; name: string }>> {
  const rows = await state
    .selectFrom('assignedAddress')
    .innerJoin('integration', 'integration.id', 'assignedAddress.integrationId')
    .select(['assignedAddress.deviceId', 'integration.id', 'integration.name'])
    .where('assignedAddress.org', '=', org)
    .execute()
  return new Map(rows.map(({ deviceId, id, name }) => [deviceId, { id, name }]))
}

/** CONFLICT for a device of another make: it has no credentials of its own. */
export async function rejectForeignDevice(state: State, org: string, deviceId: string): Promise<void> {
  const row = await state
    .selectFrom('assignedAddress')
    .select('deviceId')
    .where('org', '=', org)
    .where('deviceId', '=', deviceId)
    .executeTakeFirst()
  if (row !== undefined) fail('CONFLICT', 'this device has no credentials of its own: disconnect it instead')
}
