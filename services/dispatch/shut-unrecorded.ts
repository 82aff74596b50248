/**
 * A STOP that the store could not take. Whatever it was, water must stop: the valves are shut by force, which needs no
 * number and so no row. What it was is in the log, and in the store when the person's phone asks again.
 */
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { Desk } from './desk.ts'
import { forceShut } from './force-shut.ts'

/** Said on the bus beside the id of the request. */
export interface Unrecorded {
  zoneId: string | null // null: every valve of the organisation
  actor: string
}

/** Null when the word speaks of a request that stands in the store. */
export function parseUnrecorded(payload: Uint8Array): Result<Unrecorded | null> {
  try {
    const { unrecorded } = JSON.parse(new TextDecoder().decode(payload)) as { unrecorded?: unknown }
    if (unrecorded === undefined) return ok(null)
    const { zoneId, actor } = unrecorded as Partial<Unrecorded>
    return (zoneId === null || typeof zoneId === 'string') && typeof actor === 'string'
      ? ok({ zoneId, actor })
      : err(`unrecorded: expected zoneId and actor, got ${JSON.stringify(unrecorded)}`)
  } catch (error) {
    return err(`expected JSON, got ${(error as Error).message}`)
  }
}

export async function shutUnrecorded(desk: Desk, org: string, { zoneId, actor }: Unrecorded): Promise<void> {
  desk.log.error({ org, zoneId, actor }, 'a STOP could not be written; the valves are shut by force')
  if (zoneId === null) {
    const controllers = await desk.state
      .selectFrom('device')
      .select('id')
      .where('org', '=', org)
      .where('commandKey', 'is not', null)
      .where('revokedAtMs', 'is', null)
      .execute()
    for (const { id } of controllers) await forceShut(desk, org, id, '*')
    return
  }
  const zone = await desk.state
    .selectFrom('zone')
    .select(['controllerId', 'valve'])
    .where('org', '=', org)
    .where('id', '=', zoneId)
    .executeTakeFirst()
  if (zone?.controllerId && zone.valve) await forceShut(desk, org, zone.controllerId, zone.valve)
}
