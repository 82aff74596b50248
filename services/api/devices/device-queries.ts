/** Rows of devices for every slice: a new one at its place in the organisation, and the change event of one. */
import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { toJson, type DeviceRow } from '../../tables.ts'
import { checkZoneWiring } from '../farms/zone-wiring-queries.ts'
import { announce } from '../http/audited-write.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import type { NewDevice } from './provisioning-schemas.ts'

export type ProvisioningDeps = Pick<
  Context,
  'state' | 'clock' | 'bus' | 'log' | 'credentials' | 'onDeviceChanged'
>
/** The acting person and their organisation. */
export type Admin = Pick<Caller, 'org' | 'userId'>

const DEFAULT_INTERVAL_S = 1200

/** The row of a new device at the place of the form. NOT_FOUND for a place of another organisation. */
export async function deviceRow(
  { state, clock }: ProvisioningDeps,
  { org }: Admin,
  form: Static<typeof NewDevice>,
  credentials: Pick<DeviceRow, 'secretHash' | 'brokerHash' | 'commandKey'>,
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

/**
 * 256 random bits in hex that authenticate the commands to a controller; null for other kinds, which receive none.
 */
export const newCommandKey = (kind: DeviceRow['kind']): string | null =>
  kind === 'controller' ? randomBytes(32).toString('hex') : null

/** The id of a device that nobody has named, short enough for a telephone call: `probe-1f2e3d4c`. */
export const newDeviceId = (kind: DeviceRow['kind']): string => `${kind}-${randomBytes(4).toString('hex')}`

/** Assigns a valve to a zone. The water supply of the zone stays within its farm. */
export async function assignZone(
  rows: State,
  { org, userId: actor }: Admin,
  device: DeviceRow,
  valve: string,
  zoneId: string,
): Promise<void> {
  const zone = await ownRow(rows, 'zone', org, zoneId)
  if (device.farmId !== null && zone.farmId !== device.farmId)
    fail(
      'BAD_REQUEST',
      `valves.${valve}: must be a zone of the same farm; ${zone.name} belongs to another farm`,
    )
  if (zone.controllerId !== null && zone.controllerId !== device.id)
    fail(
      'CONFLICT',
      `valves.${valve}: ${zone.name} already has the controller ${zone.controllerId}; remove it there first`,
    )
  const change = { controllerId: device.id, valve }
  await checkZoneWiring(rows, org, zone.farmId, change, zone.id)
  await rows.updateTable('zone').set(change).where('id', '=', zone.id).execute()
  await appendAudit(rows, {
    org,
    atMs: device.createdAtMs,
    actor,
    action: 'zone.change',
    subject: zone.id,
    detail: change,
  })
}
