/**
 * A STOP that the store could not take. Whatever it was, water must stop: the valves are shut by force, which needs no
 * number and so no row, from what is in memory, for nothing may be there to be read. It is written when the store takes it
 * again, and until all of it is carried out nothing that it names is opened.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { RequestRow } from '../../tables.ts'
import type { Desk, Live } from '../dispatch-state.ts'
import { forceShut } from '../controllers/forced-close.ts'
import { stepLife } from '../runs/supervise-run.ts'

/** Said on the bus. */
export interface Unrecorded {
  id: string // of the request that has no row
  zoneId: string | null // null: every valve of the organisation
  actor: string
}

/** Null when the word speaks of a request that stands in the store. */
export function parseUnrecorded(payload: Uint8Array): Result<Unrecorded | null> {
  try {
    const { id, unrecorded } = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>
    if (unrecorded === undefined) return ok(null)
    const { zoneId, actor } = unrecorded as Partial<Unrecorded>
    return typeof id === 'string' &&
      (zoneId === null || typeof zoneId === 'string') &&
      typeof actor === 'string'
      ? ok({ id, zoneId, actor })
      : err(`expected id, and zoneId and actor in unrecorded, got ${JSON.stringify({ id, unrecorded })}`)
  } catch (error) {
    return err(`expected JSON, got ${(error as Error).message}`)
  }
}

interface Outlet {
  device: string
  valve: string // or '*'
}

export async function shutUnrecorded(
  desk: Desk,
  org: string,
  { id, zoneId, actor }: Unrecorded,
): Promise<void> {
  desk.log.error({ org, zoneId, actor }, 'a STOP could not be written; the valves are shut by force')
  desk.openStops.set(id, requestOf(desk, org, { id, zoneId, actor }))
  const isOfOrg = ({ row }: Live) => row.org === org
  const isMeant = (live: Live) => isOfOrg(live) && (zoneId === null || live.zone?.id === zoneId)
  const meant = [...desk.lives.values()].filter(isMeant)
  const everything = [...desk.links.values()]
    .filter((link) => link.org === org)
    .map(({ device }) => ({ device, valve: '*' }))
  const known =
    zoneId === null ? everything : meant.map(({ row }) => ({ device: row.deviceId, valve: row.valve }))
  await shut(desk, org, known)
  await stop(desk, meant, actor)
  try {
    const outlets = await outletsOf(desk, org, zoneId)
    const isNew = (one: Outlet) =>
      !known.some(({ device, valve }) => device === one.device && valve === one.valve)
    await shut(desk, org, outlets.filter(isNew))
    const isIn = ({ row }: Live) =>
      outlets.some(({ device, valve }) => row.deviceId === device && row.valve === valve)
    await stop(
      desk,
      [...desk.lives.values()].filter((live) => isOfOrg(live) && isIn(live) && !meant.includes(live)),
      actor,
    )
  } catch (error) {
    desk.log.error({ org, zoneId, error }, 'which valves a STOP means could not be read')
    // better too much than a valve that stays open
    if (known.length === 0) await shut(desk, org, everything)
  }
}

/** A STOP of the zone that is not carried out yet. What would open later than an hour after it, it does not mean. */
export const openStopOf = (desk: Desk, org: string, zoneId: string | null): RequestRow | undefined =>
  [...desk.openStops.values()].find(
    (stop) =>
      stop.org === org &&
      (stop.kind === 'stop-all' || stop.zoneId === zoneId) &&
      desk.clock.now() - stop.atMs <= HOUR_MS,
  )

/** Each becomes an ordinary request, which is carried out like any other. Throws what the store says. */
export async function writeStops(desk: Desk): Promise<void> {
  for (const request of desk.openStops.values()) {
    const { id, org, atMs, actor, kind, zoneId } = request
    await desk.state.transaction().execute(async (rows) => {
      // it may stand there: asked again and written meanwhile, or what follows from it was not taken
      const inserted = await rows
        .insertInto('request')
        .values(request)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst()
      if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return
      const detail = { id, kind, zoneId, isWrittenLater: true }
      await appendAudit(rows, { org, atMs, actor, action: `request.${kind}`, subject: zoneId ?? org, detail })
    })
  }
}

const requestOf = (desk: Desk, org: string, { id, zoneId, actor }: Unrecorded): RequestRow => ({
  id,
  org,
  kind: zoneId === null ? 'stop-all' : 'stop',
  zoneId,
  actor,
  atMs: desk.clock.now(),
  runId: null,
  deviceId: null,
  alertId: null,
  minutes: null,
  state: 'new',
  reason: null,
  resultId: null,
})

/** What fails for one is tried again on its own, and keeps none of the others open. */
async function shut(desk: Desk, org: string, outlets: readonly Outlet[]): Promise<void> {
  for (const { device, valve } of outlets)
    await forceShut(desk, org, device, valve).catch((error: unknown) =>
      desk.log.error({ device, valve, error }, 'a forced close could not be sent; it is tried again'),
    )
}

/** What is on its way or open under a lease is given up, also where that cannot be written. */
async function stop(desk: Desk, lives: readonly Live[], actor: string): Promise<void> {
  for (const live of lives) {
    live.stoppedBy = actor
    await stepLife(desk, live, { type: 'stop' }).catch((error: unknown) =>
      desk.log.error({ command: live.row.id, error }, 'a STOP could not be said; it is tried again'),
    )
  }
}

async function outletsOf(desk: Desk, org: string, zoneId: string | null): Promise<Outlet[]> {
  if (zoneId === null) {
    const controllers = await desk.state
      .selectFrom('device')
      .select('id')
      .where('org', '=', org)
      .where('commandKey', 'is not', null)
      .where('revokedAtMs', 'is', null)
      .execute()
    return controllers.map(({ id }) => ({ device: id, valve: '*' }))
  }
  const zone = await desk.state
    .selectFrom('zone')
    .select(['controllerId', 'valve'])
    .where('org', '=', org)
    .where('id', '=', zoneId)
    .executeTakeFirst()
  return zone?.controllerId && zone.valve ? [{ device: zone.controllerId, valve: zone.valve }] : []
}
