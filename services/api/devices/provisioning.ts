/**
 * Manages the credentials of devices, for an administrator over HTTP and for the server operator at the
 * console. A secret is shown once and stored as a hash; each step is audited.
 */
import type { Static } from 'typebox'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import { saltedHash } from '../../runtime/salted-hash.ts'
import { ownRow } from '../http/own-row.ts'
import { announceDevice, UNCLAIMED, type Admin, type ProvisioningDeps } from './device-queries.ts'
import type { DeviceCredentials } from './device-schemas.ts'
import { inOrg } from '../../runtime/transactions.ts'

/**
 * Creates a new secret; the previous one stays valid until the next rotation, so that an offline device is
 * not cut off.
 */
export async function rotateSecret(
  deps: ProvisioningDeps,
  { org, userId: actor }: Admin,
  id: string,
): Promise<Static<typeof DeviceCredentials>> {
  const { state, clock, credentials } = deps
  const secret = credentials.newSecret()
  const device = await inOrg(state, org, async (rows) => {
    const device = await ownRow(rows, 'device', org, id)
    if (device.revokedAtMs !== null) fail('CONFLICT', 'this device is revoked; add it under another id')
    if (device.secretHash === UNCLAIMED)
      fail('CONFLICT', 'this device has not claimed its first secret yet; create a new claim code for it')
    const change = {
      secretHash: credentials.hashSecret(secret),
      brokerHash: saltedHash(secret),
      previousSecretHash: device.secretHash,
    }
    await rows.updateTable('device').set(change).where('id', '=', id).execute()
    await appendAudit(rows, {
      org,
      atMs: clock.now(),
      actor,
      action: 'device.rotate',
      subject: id,
      detail: {},
    })
    return device
  })
  await deps.onDeviceChanged(id) // disconnects clients with an older secret
  await announceDevice(deps, device)
  return { id, org, secret, commandKey: null }
}

/** Revokes a device for good: its secrets and claim codes become void, and its connection ends. */
export async function revokeDevice(
  deps: ProvisioningDeps,
  { org, userId: actor }: Admin,
  id: string,
): Promise<void> {
  const { state, clock } = deps
  const device = await inOrg(state, org, async (rows) => {
    const device = await ownRow(rows, 'device', org, id)
    const revokedAtMs = device.revokedAtMs ?? clock.now()
    await rows
      .updateTable('device')
      .set({ revokedAtMs, previousSecretHash: null })
      .where('id', '=', id)
      .execute()
    await appendAudit(rows, {
      org,
      atMs: clock.now(),
      actor,
      action: 'device.revoke',
      subject: id,
      detail: {},
    })
    return device
  })
  await deps.onDeviceChanged(id)
  await announceDevice(deps, device)
}
