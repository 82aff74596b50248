/**
 * Manages the credentials of devices, for an administrator over HTTP and for the server operator at the
 * console. A secret is shown once and stored as a hash; each step is audited.
 */
import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import { toJson, type DeviceRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { NewDevice } from './provisioning-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import type { DeviceCredentials } from './device-schemas.ts'
import { announce } from '../http/audited-write.ts'

export type ProvisioningDeps = Pick<
  Context,
  'state' | 'clock' | 'bus' | 'log' | 'credentials' | 'onDeviceChanged'
>
/** The acting person and their organisation. */
export type Admin = Pick<Caller, 'org' | 'userId'>

const DEFAULT_INTERVAL_S = 1200

/**
 * 256 random bits in hex that authenticate the commands to a controller; null for other kinds, which receive none.
 */
export const newCommandKey = (kind: DeviceRow['kind']): string | null =>
  kind === 'controller' ? randomBytes(32).toString('hex') : null

/** The row of a new device at the place of the form. NOT_FOUND for a place of another organisation. */
export async function deviceRow(
  { state, clock }: ProvisioningDeps,
  { org }: Admin,
  form: Static<typeof NewDevice>,
  credentials: Pick<DeviceRow, 'secretHash' | 'commandKey'>,
): Promise<DeviceRow> {
  return {
    id: form.id,
    org,
    ...(await findDevicePlace(state, org, form.farmId ?? null, form.fieldId ?? null)),
    kind: form.kind,
    name: form.name,
    ...credentials,
    previousSecretHash: null,
    windHeightM: form.windHeightM ?? null,
    everyS: form.everyS ?? DEFAULT_INTERVAL_S,
    counterModulus: form.counterModulus ? toJson(form.counterModulus) : null,
    calibration: form.calibration ? toJson(form.calibration) : null,
    createdAtMs: clock.now(),
    revokedAtMs: null,
    lastSeenMs: null,
    batteryV: null,
    batteryLowV: form.batteryLowV ?? null,
  }
}

/** Inserts a new device and audits it. CONFLICT when the id is taken, in any organisation. */
export async function insertDevice(
  rows: ProvisioningDeps['state'],
  { org, userId: actor }: Admin,
  device: DeviceRow,
): Promise<void> {
  // the broker knows both by one name
  const gateway = await rows
    .selectFrom('integration')
    .select('id')
    .where('id', '=', device.id)
    .executeTakeFirst()
  if (gateway) fail('CONFLICT', `id: ${device.id} is taken; choose another`)
  const inserted = await rows
    .insertInto('device')
    .values(device)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n)
    fail('CONFLICT', `id: ${device.id} is taken; choose another`)
  const { kind, farmId, fieldId } = device
  await appendAudit(rows, {
    org,
    atMs: device.createdAtMs,
    actor,
    action: 'device.create',
    subject: device.id,
    detail: { kind, farmId, fieldId },
  })
}

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
  const device = await state.transaction().execute(async (rows) => {
    const device = await ownRow(rows, 'device', org, id)
    if (device.revokedAtMs !== null) fail('CONFLICT', 'this device is revoked; add it under another id')
    if (device.secretHash === UNCLAIMED)
      fail('CONFLICT', 'this device has not claimed its first secret yet; create a new claim code for it')
    const change = { secretHash: credentials.hashSecret(secret), previousSecretHash: device.secretHash }
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
  deps.onDeviceChanged(id) // disconnects clients with an older secret
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
  const device = await state.transaction().execute(async (rows) => {
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
  deps.onDeviceChanged(id)
  await announceDevice(deps, device)
}

/** Placeholder for the hash of a device without a secret: no secret hashes to it. */
export const UNCLAIMED = 'unclaimed'

/**
 * Publishes the event `device`, with the field of the device: other modules read its row again. A failure is logged
 * only.
 */
export async function announceDevice(
  deps: Pick<Context, 'bus' | 'clock' | 'log'>,
  { org, id, fieldId }: Pick<DeviceRow, 'org' | 'id' | 'fieldId'>,
): Promise<void> {
  await announce(deps, org, { event: 'device', id, ...(fieldId === null ? {} : { fields: [fieldId] }) })
}

/**
 * A device is placed in a field (and so in its farm), in a farm, or nowhere yet; always within the
 * organisation.
 */
export async function findDevicePlace(
  state: ProvisioningDeps['state'],
  org: string,
  farmId: string | null,
  fieldId: string | null,
): Promise<Pick<DeviceRow, 'farmId' | 'fieldId'>> {
  if (fieldId !== null) return { fieldId, farmId: (await ownRow(state, 'field', org, fieldId)).farmId }
  if (farmId !== null) await ownRow(state, 'farm', org, farmId)
  return { farmId, fieldId: null }
}
