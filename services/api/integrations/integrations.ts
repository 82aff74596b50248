/** Adds, changes and erases integrations. Each step is audited, without secrets. */
import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import { toJson, type HomeAssistantOptions, type IntegrationRow } from '../../tables.ts'
import type { Admin, ProvisioningDeps } from '../devices/device-queries.ts'
import { announce } from '../http/audited-write.ts'
import type { Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import type { IntegrationCredentials, IntegrationPatch, NewIntegration } from './integration-schemas.ts'
import { checkUrl } from './integration-urls.ts'
import { inOrg } from '../../runtime/transactions.ts'

/**
 * The credentials are those of a gateway, or the token of a station that pushes; null when Tilth connects to the address
 * of the integration. NOT_FOUND for a farm of another organisation, BAD_REQUEST for an address that does not fit the kind.
 */
export async function createIntegration(
  deps: ProvisioningDeps,
  admin: Admin,
  form: Static<typeof NewIntegration>,
): Promise<IntegrationCredentials> {
  const { state, clock, credentials } = deps
  const { org, userId: actor } = admin
  const { name, kind, farmId = null, url = null, userName = null, secret = null, topics = null } = form
  const { homeAssistant = null } = form
  checkUrl(kind, url)
  checkHomeAssistant({ kind, url }, homeAssistant)
  if (farmId !== null) await ownRow(state, 'farm', org, farmId)
  const ownSecret = url === null ? credentials.newSecret() : null
  const row: IntegrationRow = {
    // an id of a device is chosen by a person: this one cannot be taken
    id: randomUUID(),
    org,
    farmId,
    name,
    kind,
    url,
    userName,
    secret,
    topics: topics === null ? null : toJson(topics),
    state: 'on',
    secretHash: ownSecret === null ? null : credentials.hashSecret(ownSecret),
    previousSecretHash: null,
    createdAtMs: clock.now(),
    revokedAtMs: null,
    definitions: null,
    homeAssistant: homeAssistant === null ? null : toJson(homeAssistant),
  }
  await inOrg(state, org, async (rows) => {
    await rows.insertInto('integration').values(row).execute()
    await appendAudit(rows, {
      org,
      atMs: row.createdAtMs,
      actor,
      action: 'integration.create',
      subject: row.id,
      detail: { name, kind, farmId, url, userName, topics, homeAssistant },
    })
  })
  await announce(deps, org, { event: 'device', id: row.id })
  return { id: row.id, org, secret: ownSecret }
}

/** CONFLICT for a revoked one, BAD_REQUEST for an address where its devices come to Tilth, and the other way round. */
export async function changeIntegration(
  deps: ProvisioningDeps,
  { org, userId: actor }: Admin,
  id: string,
  patch: Static<typeof IntegrationPatch>,
): Promise<void> {
  const { state, clock } = deps
  const { topics, homeAssistant, ...columns } = patch
  const change: Partial<IntegrationRow> = { ...columns }
  if (homeAssistant !== undefined)
    change.homeAssistant = homeAssistant === null ? null : toJson(homeAssistant)
  if (topics !== undefined) change.topics = topics === null ? null : toJson(topics)
  await inOrg(state, org, async (rows) => {
    const row = await ownRow(rows, 'integration', org, id)
    if (row.revokedAtMs !== null) fail('CONFLICT', 'this integration is revoked; add it again')
    if (patch.url !== undefined) {
      if (row.url === null) fail('BAD_REQUEST', 'url: its devices come to Tilth, so it has none')
      checkUrl(row.kind, patch.url)
    }
    checkHomeAssistant(row, homeAssistant ?? null)
    await rows.updateTable('integration').set(change).where('id', '=', id).execute()
    const { secret, ...shown } = patch
    await appendAudit(rows, {
      org,
      atMs: clock.now(),
      actor,
      action: 'integration.change',
      subject: id,
      detail: { ...shown, ...(secret === undefined ? {} : { hasNewSecret: true }) },
    })
  })
  // a gateway that is off is disconnected
  if (patch.state === 'off') await deps.onDeviceChanged(id)
  await announce(deps, org, { event: 'device', id })
}

/** Erases an integration and what it received; its devices keep their history and get no more messages. */
export async function eraseIntegration(
  deps: ProvisioningDeps & Pick<Context, 'journal'>,
  { org, userId: actor }: Admin,
  id: string,
): Promise<void> {
  const { state, clock, journal } = deps
  const atMs = clock.now()
  await inOrg(state, org, async (rows) => {
    const { name, kind } = await ownRow(rows, 'integration', org, id)
    const devices = rows.selectFrom('assignedAddress').select('deviceId').where('integrationId', '=', id)
    await rows
      .updateTable('device')
      .set({ revokedAtMs: atMs })
      .where('org', '=', org)
      .where('id', 'in', devices)
      .where('revokedAtMs', 'is', null)
      .execute()
    for (const table of [
      'assignedAddress',
      'unassignedMessage',
      'integrationTraffic',
      'hiddenAddress',
    ] as const)
      await rows.deleteFrom(table).where('org', '=', org).where('integrationId', '=', id).execute()
    await rows.deleteFrom('integration').where('org', '=', org).where('id', '=', id).execute()
    const detail = { name, kind }
    await appendAudit(rows, { org, atMs, actor, action: 'integration.erase', subject: id, detail })
  })
  await deps.onDeviceChanged(id)
  await announce(deps, org, { event: 'device', id })
  await journal.erase(org, [id])
}

/** Fields are published to the broker that Home Assistant uses, so it needs an address. */
function checkHomeAssistant(
  { kind, url }: Pick<IntegrationRow, 'kind' | 'url'>,
  options: HomeAssistantOptions | null,
): void {
  if (options !== null && (kind !== 'home-assistant' || url === null))
    fail(
      'BAD_REQUEST',
      'homeAssistant: only for an integration of kind home-assistant with the url of its broker',
    )
}
