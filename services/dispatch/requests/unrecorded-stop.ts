/**
 * A STOP that the store could not take. Whatever it was, water must stop: the valves are shut by force, which needs no
 * number and so no row, from what is in memory, for nothing may be there to be read. It is written when the store takes it
 * again, and until all of it is carried out nothing that it names is opened.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { RequestRow } from '../../tables.ts'
import type { DispatchState, OpenCommand } from '../dispatch-state.ts'
import { forceClose } from '../controllers/forced-close.ts'
import { advanceCommand } from '../runs/supervise-run.ts'

/** Said on the bus. */
export interface UnrecordedStop {
  id: string // of the request that has no row
  zoneId: string | null // null: every valve of the organisation
  actor: string
}

/** Null when the word speaks of a request that stands in the store. */
export function parseUnrecordedStop(payload: Uint8Array): Result<UnrecordedStop | null> {
  try {
    const { id, unrecorded } = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>
    if (unrecorded === undefined) return ok(null)
    const { zoneId, actor } = unrecorded as Partial<UnrecordedStop>
    return typeof id === 'string' &&
      (zoneId === null || typeof zoneId === 'string') &&
      typeof actor === 'string'
      ? ok({ id, zoneId, actor })
      : err(`expected id, and zoneId and actor in unrecorded, got ${JSON.stringify({ id, unrecorded })}`)
  } catch (error) {
    return err(`expected JSON, got ${(error as Error).message}`)
  }
}

interface ValveAddress {
  device: string
  valve: string // or '*'
}

export async function executeUnrecordedStop(
  desk: DispatchState,
  org: string,
  { id, zoneId, actor }: UnrecordedStop,
): Promise<void> {
  desk.log.error({ org, zoneId, actor }, 'a STOP could not be written; the valves are shut by force')
  desk.pendingStops.set(id, stopRequestRow(desk, org, { id, zoneId, actor }))
  const isOfOrg = ({ row }: OpenCommand) => row.org === org
  const isMeant = (live: OpenCommand) => isOfOrg(live) && (zoneId === null || live.zone?.id === zoneId)
  const meant = [...desk.openCommands.values()].filter(isMeant)
  const everything = [...desk.connections.values()]
    .filter((link) => link.org === org)
    .map(({ device }) => ({ device, valve: '*' }))
  const known =
    zoneId === null ? everything : meant.map(({ row }) => ({ device: row.deviceId, valve: row.valve }))
  await closeValves(desk, org, known)
  await stopCommands(desk, meant, actor)
  try {
    const outlets = await findValves(desk, org, zoneId)
    const isNew = (one: ValveAddress) =>
      !known.some(({ device, valve }) => device === one.device && valve === one.valve)
    await closeValves(desk, org, outlets.filter(isNew))
    const isIn = ({ row }: OpenCommand) =>
      outlets.some(({ device, valve }) => row.deviceId === device && row.valve === valve)
    await stopCommands(
      desk,
      [...desk.openCommands.values()].filter((live) => isOfOrg(live) && isIn(live) && !meant.includes(live)),
      actor,
    )
  } catch (error) {
    desk.log.error({ org, zoneId, error }, 'which valves a STOP means could not be read')
    // better too much than a valve that stays open
    if (known.length === 0) await closeValves(desk, org, everything)
  }
}

/** A STOP of the zone that is not carried out yet. What would open later than an hour after it, it does not mean. */
export const pendingStopFor = (
  desk: DispatchState,
  org: string,
  zoneId: string | null,
): RequestRow | undefined =>
  [...desk.pendingStops.values()].find(
    (stop) =>
      stop.org === org &&
      (stop.kind === 'stop-all' || stop.zoneId === zoneId) &&
      desk.clock.now() - stop.atMs <= HOUR_MS,
  )

/** Each becomes an ordinary request, which is carried out like any other. Throws what the store says. */
export async function recordPendingStops(desk: DispatchState): Promise<void> {
  for (const request of desk.pendingStops.values()) {
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

const stopRequestRow = (
  desk: DispatchState,
  org: string,
  { id, zoneId, actor }: UnrecordedStop,
): RequestRow => ({
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
async function closeValves(
  desk: DispatchState,
  org: string,
  outlets: readonly ValveAddress[],
): Promise<void> {
  for (const { device, valve } of outlets)
    await forceClose(desk, org, device, valve).catch((error: unknown) =>
      desk.log.error({ device, valve, error }, 'a forced close could not be sent; it is tried again'),
    )
}

/** What is on its way or open under a lease is given up, also where that cannot be written. */
async function stopCommands(
  desk: DispatchState,
  lives: readonly OpenCommand[],
  actor: string,
): Promise<void> {
  for (const live of lives) {
    live.stoppedBy = actor
    await advanceCommand(desk, live, { type: 'stop' }).catch((error: unknown) =>
      desk.log.error({ command: live.row.id, error }, 'a STOP could not be said; it is tried again'),
    )
  }
}

async function findValves(desk: DispatchState, org: string, zoneId: string | null): Promise<ValveAddress[]> {
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
