/**
 * Claiming credentials: an administrator adds a device and gets a claim code, a person enters the code on the device,
 * the device submits it and receives its secrets, once. A device with a code on its label submits that code repeatedly
 * until a person has added it.
 */
import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import { newClaimCode, parseClaimCode } from '../../../broker/contract/claim-code.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { saltedHash } from '../../runtime/salted-hash.ts'
import { inOrg } from '../../runtime/transactions.ts'
import type { ClaimRow, DeviceRow } from '../../tables.ts'
import type { ClaimableDevice, ClaimCode } from './claim-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import {
  announceDevice,
  assignZone,
  deviceRow,
  insertDevice,
  newCommandKey,
  newDeviceId,
  UNCLAIMED,
  type Admin,
  type ProvisioningDeps,
} from './device-queries.ts'

const CODE_VALID_MS = 24 * HOUR_MS
// added in the office and taken to the field on another day
const LABEL_VALID_MS = 7 * DAY_MS
/** A device that lost the response may retry with the nonce of its first attempt. */
const RETRY_WITHIN_MS = 10 * MINUTE_MS

/**
 * Adds a device without a secret, assigns its valves to zones, and returns its claim code: its own, if it has
 * one.
 */
export async function createClaimableDevice(
  deps: ProvisioningDeps,
  admin: Admin,
  form: Static<typeof ClaimableDevice>,
): Promise<ClaimCode> {
  const { valves = {}, code: ownCode, ...deviceForm } = form
  const id = deviceForm.id ?? newDeviceId(form.kind)
  const device = await deviceRow(
    deps,
    admin,
    { ...deviceForm, id },
    { secretHash: UNCLAIMED, commandKey: null },
  )
  const code = await inOrg(deps.state, admin.org, async (rows) => {
    await insertDevice(rows, admin, device)
    for (const [valve, zoneId] of Object.entries(valves)) await assignZone(rows, admin, device, valve, zoneId)
    return writeCode(deps, rows, admin, device, ownCode)
  })
  await announceDevice(deps, device)
  return code
}

/**
 * A new code for an existing device: for new hardware (`own`: the code on its label), or in place of an
 * expired code.
 */
export async function renewClaimCode(
  deps: ProvisioningDeps,
  admin: Admin,
  id: string,
  ownCode?: string,
): Promise<ClaimCode> {
  const { device, code } = await inOrg(deps.state, admin.org, async (rows) => {
    const device = await ownRow(rows, 'device', admin.org, id)
    if (device.revokedAtMs !== null) fail('CONFLICT', 'this device is revoked; add it under another id')
    return { device, code: await writeCode(deps, rows, admin, device, ownCode) }
  })
  await announceDevice(deps, device)
  return code
}

async function writeCode(
  { clock, credentials }: ProvisioningDeps,
  rows: State,
  { org, userId: actor }: Admin,
  device: DeviceRow,
  ownCode?: string,
): Promise<ClaimCode> {
  const code = ownCode === undefined ? newClaimCode(randomBytes) : parseOwnCode(ownCode)
  const nowMs = clock.now()
  const expiresMs = nowMs + (ownCode === undefined ? CODE_VALID_MS : LABEL_VALID_MS)
  const newCode = { codeHash: hashOf(credentials, code), expiresMs, usedMs: null, nonceHash: null }
  await releaseCodeElsewhere(rows, newCode.codeHash, device.id, nowMs)
  await rows
    .insertInto('claim')
    .values({ deviceId: device.id, org, ...newCode })
    .onConflict((conflict) => conflict.column('deviceId').doUpdateSet(newCode))
    .execute()
  await appendAudit(rows, {
    org,
    atMs: nowMs,
    actor,
    action: 'device.claim-code',
    subject: device.id,
    detail: { expiresMs, isLabel: ownCode !== undefined },
  })
  return { id: device.id, org, code, expiresMs }
}

function parseOwnCode(ownCode: string): string {
  const code = parseClaimCode(ownCode)
  return code.ok ? code.value : fail('BAD_REQUEST', code.error)
}

/**
 * A label is printed once: a previous owner who gave the device up, or never switched it on, does not block
 * the next one.
 */
async function releaseCodeElsewhere(
  rows: State,
  codeHash: string,
  deviceId: string,
  nowMs: AtMs,
): Promise<void> {
  const otherDevice = await rows
    .selectFrom('claim')
    .innerJoin('device', 'device.id', 'claim.deviceId')
    .select(['claim.deviceId', 'claim.usedMs', 'claim.expiresMs', 'device.revokedAtMs'])
    .where('claim.codeHash', '=', codeHash)
    .where('claim.deviceId', '!=', deviceId)
    .executeTakeFirst()
  if (otherDevice === undefined) return
  const isTaken = otherDevice.usedMs !== null || nowMs < otherDevice.expiresMs
  if (otherDevice.revokedAtMs === null && isTaken)
    fail('CONFLICT', 'code: another device uses this code; revoke its credentials first')
  await rows.deleteFrom('claim').where('deviceId', '=', otherDevice.deviceId).execute()
}

export type Claimed = {
  device: DeviceRow
  secret: string
  commandKey: string | null
  valves: string[] // that zones expect on it
}
/** The reason for the audit; the client does not learn it. */
export type ClaimRejection =
  | { refused: 'unknown' }
  | { refused: 'expired' | 'used' | 'revoked'; org: string; deviceId: string }

/** `code` in canonical form. Earlier credentials of the device become void. */
export async function claimDevice(
  deps: ProvisioningDeps,
  code: string,
  nonce: string | null,
): Promise<Claimed | ClaimRejection> {
  const { state, clock, credentials } = deps
  const codeHash = hashOf(credentials, code)
  const nonceHash = nonce === null ? null : credentials.hashSecret(`claim-nonce ${nonce}`)
  const findClaim = (rows: State) =>
    rows.selectFrom('claim').selectAll().where('codeHash', '=', codeHash).executeTakeFirst()
  const claim = await findClaim(state)
  if (!claim) return { refused: 'unknown' }
  const outcome = await inOrg(state, claim.org, async (rows): Promise<Claimed | ClaimRejection> => {
    const nowMs = clock.now()
    const claimRow = await findClaim(rows)
    if (!claimRow) return { refused: 'unknown' }
    const device = await ownRow(rows, 'device', claimRow.org, claimRow.deviceId)
    const refused = device.revokedAtMs === null ? rejectionReason(claimRow, nonceHash, nowMs) : 'revoked'
    if (refused !== null) return { refused, org: claimRow.org, deviceId: claimRow.deviceId }
    const secret = credentials.newSecret()
    const commandKey = newCommandKey(device.kind)
    const secretHash = credentials.hashSecret(secret)
    const columns = {
      secretHash,
      brokerHash: saltedHash(secret),
      previousSecretHash: null,
      commandKey,
      claimedMs: claimRow.usedMs ?? nowMs,
    }
    await rows.updateTable('device').set(columns).where('id', '=', device.id).execute()
    await rows
      .updateTable('claim')
      .set({ usedMs: claimRow.usedMs ?? nowMs, nonceHash })
      .where('deviceId', '=', device.id)
      .execute()
    await appendAudit(rows, {
      org: device.org,
      atMs: nowMs,
      actor: `device:${device.id}`,
      subject: device.id,
      action: 'device.claim',
      detail: { again: claimRow.usedMs !== null },
    })
    const zones = await rows
      .selectFrom('zone')
      .select('valve')
      .where('controllerId', '=', device.id)
      .orderBy('valve')
      .execute()
    return { device, secret, commandKey, valves: zones.flatMap(({ valve }) => valve ?? []) }
  })
  if ('device' in outcome) {
    await deps.onDeviceChanged(outcome.device.id) // disconnects the earlier hardware
    await announceDevice(deps, outcome.device)
  }
  return outcome
}

function rejectionReason(
  claimRow: ClaimRow,
  nonceHash: string | null,
  nowMs: AtMs,
): 'expired' | 'used' | null {
  if (claimRow.usedMs === null) return nowMs < claimRow.expiresMs ? null : 'expired'
  const isAgain = nonceHash !== null && nonceHash === claimRow.nonceHash
  return isAgain && nowMs - claimRow.usedMs < RETRY_WITHIN_MS ? null : 'used'
}

const hashOf = (credentials: ProvisioningDeps['credentials'], code: string): string =>
  credentials.hashSecret(`claim ${code}`)
