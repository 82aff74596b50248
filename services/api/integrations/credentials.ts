/**
 * The credentials of gateways: an integration whose devices come to Tilth's own broker. A secret is shown once and stored
 * as a hash; each step is audited.
 */
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import type { IntegrationRow } from '../../tables.ts'
import { announce } from '../http/audited-write.ts'
import { ownRow } from '../http/own-row.ts'
import type { Admin, ProvisioningDeps } from '../devices/device-queries.ts'

export interface GatewayCredentials {
  id: string // the user name
  org: string
  secret: string
}

const announceGateway = (deps: ProvisioningDeps, org: string, id: string) =>
  announce(deps, org, { event: 'device', id })

/** A new secret; the previous one stays valid until the next rotation. CONFLICT for a revoked gateway. */
export async function rotateGatewaySecret(
  deps: ProvisioningDeps,
  admin: Admin,
  id: string,
): Promise<GatewayCredentials> {
  const { state, clock, credentials, onDeviceChanged } = deps
  const secret = credentials.newSecret()
  await inOrg(state, admin.org, async (rows) => {
    const { secretHash, revokedAtMs } = await gatewayRow(rows, admin, id)
    if (revokedAtMs !== null) fail('CONFLICT', 'this gateway is revoked; add it again')
    const change = { secretHash: credentials.hashSecret(secret), previousSecretHash: secretHash }
    await rows.updateTable('integration').set(change).where('id', '=', id).execute()
    await appendLine(rows, admin, clock.now(), 'gateway.rotate', id, {})
  })
  await onDeviceChanged(id) // disconnects clients with an older secret
  await announceGateway(deps, admin.org, id)
  return { id, org: admin.org, secret }
}

/** Revokes a gateway for good: its secrets become void, and all its connections end. */
export async function revokeGateway(deps: ProvisioningDeps, admin: Admin, id: string): Promise<void> {
  const { state, clock, onDeviceChanged } = deps
  await inOrg(state, admin.org, async (rows) => {
    const { revokedAtMs } = await gatewayRow(rows, admin, id)
    const change = { revokedAtMs: revokedAtMs ?? clock.now(), previousSecretHash: null }
    await rows.updateTable('integration').set(change).where('id', '=', id).execute()
    await appendLine(rows, admin, clock.now(), 'gateway.revoke', id, {})
  })
  await onDeviceChanged(id)
  await announceGateway(deps, admin.org, id)
}

async function gatewayRow(rows: State, { org }: Admin, id: string): Promise<IntegrationRow> {
  const row = await ownRow(rows, 'integration', org, id)
  return row.secretHash === null ? fail('NOT_FOUND', `${row.name} has no gateway`) : row
}

const appendLine = (
  rows: State,
  { org, userId: actor }: Admin,
  atMs: number,
  action: string,
  subject: string,
  detail: object,
) => appendAudit(rows, { org, atMs, actor, action, subject, detail })
