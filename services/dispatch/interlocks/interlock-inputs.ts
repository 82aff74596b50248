/** Gathers what the interlocks judge: rows of the zone, its water and its day, and what the controller reports. */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { RunRow, ZoneRow } from '../../tables.ts'
import { openValves, type Desk } from '../dispatch-state.ts'
import { latchOn } from '../flow/flow-latch.ts'
import { litresOf, type Facts } from './interlocks.ts'
import { freshReport } from '../controllers/connections.ts'
import { isLockedOut } from './valve-lockout.ts'
import { pairFacts } from './paddy-pair.ts'
import type { Rows } from '../command-rows.ts'
import { waterFacts } from './water-sources.ts'

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
  return {
    nowMs,
    run,
    zone,
    report: link ? freshReport(link, nowMs, desk.timing.freshMs) : null,
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
    ...(await waterFacts(desk, rows, zone, nowMs)),
  }
}

/** What is left of the dose, L: as metered where the run has a dose in litres, else rate x time. */
export const doseLitresOf = (
  run: Pick<RunRow, 'litres' | 'minutes'>,
  zone: ZoneRow,
  doseMs: number,
): number =>
  run.litres === null ? litresOf(zone, doseMs) : (run.litres * doseMs) / (run.minutes * MINUTE_MS)
