/** Gathers what the interlocks judge: rows of the zone, its pump and its day, and what the controller reports. */
import { dayOf, startOfDay, MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { PumpRow, RunRow, ZoneRow } from '../tables.ts'
import { openValves, type Desk } from './desk.ts'
import { latchOn } from './flow-latch.ts'
import { flowLpmOf, litresOf, type Facts } from './interlocks.ts'
import { isFresh, linkOf } from './links.ts'
import { isLockedOut } from './lock-out.ts'
import { pairFacts } from './paddy-pair.ts'
import type { Rows } from './rows.ts'

export interface Asked {
  run: Pick<RunRow, 'cause' | 'approvedBy' | 'litres' | 'minutes'>
  zone: ZoneRow | null
  doseMs: number
}

/** `rows`: the transaction that will write the opening, so that nothing changes in between. */
export async function gatherFacts(
  desk: Desk,
  { run, zone, doseMs }: Asked,
  rows: Rows = desk.state,
): Promise<Facts> {
  const nowMs = desk.clock.now()
  const link = zone?.controllerId ? desk.links.get(zone.controllerId) : undefined
  const pump = zone?.pumpId
    ? await rows.selectFrom('pump').selectAll().where('id', '=', zone.pumpId).executeTakeFirst()
    : undefined
  return {
    nowMs,
    run,
    zone,
    pump: pump ?? null,
    report: link && isFresh(linkOf(link), nowMs, desk.timing.freshMs) ? link.state : null,
    live: openValves(desk),
    isLockedOut:
      run.cause !== 'manual' && zone?.controllerId != null && zone.valve !== null
        ? await isLockedOut(rows, zone.controllerId, zone.valve)
        : false,
    isFlowAlarmed:
      zone?.controllerId != null && zone.valve !== null
        ? latchOn(desk, zone.controllerId, zone.valve) !== undefined
        : false,
    doseLitres: zone ? doseLitresOf(run, zone, doseMs) : 0,
    ...(await pairFacts(desk, rows, zone)),
    ...(await litresToday(desk, rows, zone, pump ?? null, nowMs)),
  }
}

/** What is left of the dose, L: as metered where the run has a dose in litres, else rate x time. */
export const doseLitresOf = (
  run: Pick<RunRow, 'litres' | 'minutes'>,
  zone: ZoneRow,
  doseMs: number,
): number =>
  run.litres === null ? litresOf(zone, doseMs) : (run.litres * doseMs) / (run.minutes * MINUTE_MS)

async function litresToday(
  desk: Desk,
  rows: Rows,
  zone: ZoneRow | null,
  pump: PumpRow | null,
  nowMs: AtMs,
): Promise<Pick<Facts, 'zoneLitresToday' | 'pumpLitresToday'>> {
  const isZoneLimited = zone !== null && zone.dailyMaxLitres !== null
  const isPumpLimited = pump !== null && pump.dailyM3 !== null
  if (!zone || (!isZoneLimited && !isPumpLimited)) return { zoneLitresToday: null, pumpLitresToday: null }
  const farm = await rows
    .selectFrom('farm')
    .select('timeZone')
    .where('id', '=', zone.farmId)
    .executeTakeFirst()
  const timeZone = farm?.timeZone ?? 'UTC'
  const fromMs = startOfDay(dayOf(nowMs, timeZone), timeZone)
  const zones = isPumpLimited
    ? await rows.selectFrom('zone').selectAll().where('pumpId', '=', pump.id).execute()
    : [zone]
  const used = new Map<string, number>()
  for (const own of zones) used.set(own.id, await litresOfZone(desk, rows, own, fromMs))
  return {
    zoneLitresToday: isZoneLimited ? (used.get(zone.id) ?? 0) : null,
    pumpLitresToday: isPumpLimited ? [...used.values()].reduce((sum, litres) => sum + litres, 0) : null,
  }
}

/** Ended runs as recorded (unknown water counts as all that could flow), and the whole of what is open now. */
async function litresOfZone(desk: Desk, rows: Rows, zone: ZoneRow, fromMs: AtMs): Promise<number> {
  const ended = await rows
    .selectFrom('irrigation')
    .select(['litres', 'ranMs'])
    .where('fieldId', '=', zone.fieldId)
    .where('commandedAtMs', '>=', fromMs)
    .where('zoneId', '=', zone.id)
    .execute()
  const recorded = ended.reduce((sum, { litres, ranMs }) => sum + (litres ?? litresOf(zone, ranMs)), 0)
  const ordered = [...desk.lives.values()]
    .filter((live) => live.zone?.id === zone.id)
    .reduce((sum, { life }) => sum + (life.litres ?? (flowLpmOf(zone) * life.durMs) / MINUTE_MS), 0)
  return recorded + ordered
}
