/**
 * Inlet and outlet of a paddy are a pair: one does not open while the other stands open, unless running water was asked for;
 * and what a herbicide holds in is let out by no plan. Gathered for the interlocks.
 */
import { dayOf, daysBetween } from '../../broker/contract/time.ts'
import type { ZoneRow } from '../tables.ts'
import { openValves, type Desk } from './desk.ts'
import type { Rows } from './rows.ts'

export interface PairFacts {
  isPairOpen: boolean
  isHeld: boolean
}

const free: PairFacts = { isPairOpen: false, isHeld: false }

export async function pairFacts(desk: Desk, rows: Rows, zone: ZoneRow | null): Promise<PairFacts> {
  if (zone?.method !== 'outlet' && zone?.method !== 'flood') return free
  const nowMs = desk.clock.now()
  const paddy = await rows
    .selectFrom('paddy')
    .select(['flushUntilMs', 'herbicideDay', 'holdDays'])
    .where('fieldId', '=', zone.fieldId)
    .executeTakeFirst()
  const isFlushing = paddy?.flushUntilMs != null && paddy.flushUntilMs > nowMs
  const others = await rows
    .selectFrom('zone')
    .select(['controllerId', 'valve', 'method'])
    .where('fieldId', '=', zone.fieldId)
    .where('id', '!=', zone.id)
    .execute()
  const open = openValves(desk)
  const isPairOpen =
    !isFlushing &&
    others.some(
      (other) =>
        (other.method === 'outlet') !== (zone.method === 'outlet') &&
        open.some(({ deviceId, valve }) => deviceId === other.controllerId && valve === other.valve),
    )
  return { isPairOpen, isHeld: zone.method === 'outlet' && (await isHeldNow()) }

  async function isHeldNow(): Promise<boolean> {
    if (paddy?.herbicideDay == null) return false
    const farm = await rows
      .selectFrom('farm')
      .select('timeZone')
      .where('id', '=', zone!.farmId)
      .executeTakeFirst()
    const days = daysBetween(paddy.herbicideDay, dayOf(nowMs, farm?.timeZone ?? 'UTC'))
    return days >= 0 && days < paddy.holdDays
  }
}
