/** Erases a farm from every store, so that no file of DATA_DIR contains it any more. */
import { setTimeout as sleep } from 'node:timers/promises'
import { activeStates } from '../../../broker/contract/command-lifecycle/types.ts'
import { eraseFarmRows, eraseOrgRows } from './erasure-queries.ts'
import { fail } from '../../errors.ts'
import { announce } from '../http/audited-write.ts'
import type { Context } from '../http/context.ts'

// ingest writes its cursor 10 times a second; after 5 s it is waiting for a store
const INGEST_POLL_MS = 50
const INGEST_POLLS = 100

/**
 * Returns the number of erased readings, null where the series store does not count them. CONFLICT while a valve is open;
 * STORE_UNAVAILABLE while earlier readings are being stored: repeat the call.
 */
export async function eraseFarm(context: Context, org: string, farmId: string): Promise<number | null> {
  const readings = await eraseFarmData(context, org, farmId)
  await context.rewriteState()
  return readings
}

/** Erases an organisation without people: its farms, its memberships and its name. Errors as `eraseFarm`. */
export async function eraseMember(context: Context, org: string): Promise<void> {
  const { state, auth } = context
  const farms = await state.selectFrom('farm').select('id').where('org', '=', org).execute()
  for (const { id } of farms) await eraseFarmData(context, org, id)
  const integrations = await revokeIntegrations(context, org, null)
  if (integrations.length > 0) {
    await ingestPassed(context)
    await context.journal.erase(org, integrations)
  }
  await eraseOrgRows(state, org, (rows) => auth.deleteOrganisation(rows, org))
  await context.rewriteState()
}

async function eraseFarmData(context: Context, org: string, farmId: string): Promise<number | null> {
  const { state, series, clock } = context
  const devices = await state
    .selectFrom('device')
    .select('id')
    .where('org', '=', org)
    .where('farmId', '=', farmId)
    .execute()
  const ids = devices.map((device) => device.id)
  const openCommand =
    ids.length > 0 &&
    (await state
      .selectFrom('command')
      .select('id')
      .where('deviceId', 'in', ids)
      .where('state', 'in', activeStates)
      .limit(1)
      .executeTakeFirst())
  if (openCommand) fail('CONFLICT', 'a valve of this farm is open; stop it first')
  // the devices first, so that no new data arrives; when a store fails the rows stay, and the call can be repeated
  await state
    .updateTable('device')
    .set({ revokedAtMs: clock.now() })
    .where('org', '=', org)
    .where('farmId', '=', farmId)
    .execute()
  for (const device of ids) await context.onDeviceChanged(device)
  const integrations = await revokeIntegrations(context, org, farmId)
  // ingest must not continue with cached rows
  await announce(context, org, { event: 'device' })
  const before = await series.erase({ org, farm: farmId })
  // readings from the journal, or in flight, have reached the series by now
  await ingestPassed(context)
  const late = await series.erase({ org, farm: farmId })
  await eraseFarmRows(state, org, farmId)
  // the messages themselves, the ingest state of these devices, and their rejected messages
  await context.journal.erase(org, [...ids, ...integrations])
  for (const device of ids) await context.onDeviceChanged(device)
  await announce(context, org, { event: 'device' })
  await announce(context, org, { event: 'field' })
  return before === null || late === null ? null : before + late
}

/** Disconnects the gateways of a farm, or those of no farm, so that no new messages arrive; returns their ids. */
async function revokeIntegrations(
  { state, clock, onDeviceChanged }: Context,
  org: string,
  farmId: string | null,
): Promise<string[]> {
  const revoked = await state
    .updateTable('integration')
    .set({ revokedAtMs: clock.now(), state: 'off' })
    .where('org', '=', org)
    .where('farmId', farmId === null ? 'is' : '=', farmId)
    .returning('id')
    .execute()
  for (const { id } of revoked) await onDeviceChanged(id)
  return revoked.map(({ id }) => id)
}

/** Waits until ingest has processed the current end of the journal. STORE_UNAVAILABLE when it does not. */
async function ingestPassed({ journal }: Pick<Context, 'journal'>): Promise<void> {
  const headSeq = journal.head()
  for (let i = 0; i < INGEST_POLLS; i++) {
    if (journal.cursor('ingest') >= headSeq) return
    await sleep(INGEST_POLL_MS)
  }
  fail('STORE_UNAVAILABLE', 'earlier readings are still being stored; try again to erase the rest')
}
