/** What a person knows of a valve beyond its driver: a meter on its pipe, a second valve, and how long it sleeps. */
import type { Static } from 'typebox'
import { DAY_MS } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import { readForeignValve, type ForeignValveRow } from '../../tables.ts'
import { announceDevice, type Admin } from '../devices/device-queries.ts'
import type { Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import type { ForeignValveList, ForeignValvePatch } from './foreign-valve-schemas.ts'
import { inOrg } from '../../runtime/transactions.ts'

const METER_WITHIN_MS = 30 * DAY_MS
const meterQuantities = new Set(['water.flow', 'water.total'])

/** Devices that have sent a flow or a count of litres of late; the own word of the valve is no proof. */
export async function listMeters(
  { state, series, clock }: Pick<Context, 'state' | 'series' | 'clock'>,
  org: string,
  deviceId: string,
): Promise<ForeignValveList['meters']> {
  const latest = await series.latest({ org, sinceMs: clock.now() - METER_WITHIN_MS })
  const ids = new Set(
    latest
      .filter(({ quantity, device }) => meterQuantities.has(quantity.split('/')[0]!) && device !== deviceId)
      .map(({ device }) => device),
  )
  if (ids.size === 0) return []
  return state
    .selectFrom('device')
    .select(['id', 'name'])
    .where('org', '=', org)
    .where('id', 'in', [...ids])
    .where('revokedAtMs', 'is', null)
    .orderBy('name')
    .execute()
}

/** BAD_REQUEST for a device that has sent no flow: with it a weak valve would run unattended, and nothing watch it. */
export async function checkMeter(
  deps: Pick<Context, 'state' | 'series' | 'clock'>,
  org: string,
  deviceId: string,
  meterDeviceId: string | null,
): Promise<void> {
  if (meterDeviceId === null) return
  const { name } = await ownRow(deps.state, 'device', org, meterDeviceId)
  const meters = await listMeters(deps, org, deviceId)
  if (!meters.some(({ id }) => id === meterDeviceId))
    fail('BAD_REQUEST', `meterDeviceId: ${name} has sent no flow of water in the last 30 days`)
}

/** CONFLICT while its run is in progress. */
export function checkIdle({ state }: Pick<ForeignValveRow, 'state'>): void {
  if (state !== null && readForeignValve(state).run !== null)
    fail('CONFLICT', 'a run is in progress; stop it first')
}

/** NOT_FOUND for a device without this valve; CONFLICT while its run is in progress. Its test run stays valid. */
export async function changeValveSettings(
  deps: Pick<Context, 'state' | 'series' | 'clock' | 'bus' | 'log'>,
  { org, userId: actor }: Admin,
  deviceId: string,
  valve: string,
  patch: Static<typeof ForeignValvePatch>,
): Promise<void> {
  const { state, clock } = deps
  const device = await ownRow(state, 'device', org, deviceId)
  await checkMeter(deps, org, deviceId, patch.meterDeviceId ?? null)
  const { hasSecondValve, ...columns } = patch
  const change: Partial<ForeignValveRow> = { ...columns }
  if (hasSecondValve !== undefined) change.hasSecondValve = hasSecondValve ? 1 : 0
  await inOrg(state, org, async (rows) => {
    const row = await rows
      .selectFrom('foreignValve')
      .select('state')
      .where('org', '=', org)
      .where('deviceId', '=', deviceId)
      .where('valve', '=', valve)
      .executeTakeFirst()
    if (row === undefined) fail('NOT_FOUND', `${deviceId} has no valve ${valve} of another make`)
    checkIdle(row)
    await rows
      .updateTable('foreignValve')
      .set(change)
      .where('deviceId', '=', deviceId)
      .where('valve', '=', valve)
      .execute()
    await appendAudit(rows, {
      org,
      atMs: clock.now(),
      actor,
      action: 'valve.set-up',
      subject: deviceId,
      detail: { valve, ...patch },
    })
  })
  await announceDevice(deps, device)
}
