/** Reads the inputs of the interlocks: rows of the zone, its water and its day, and the report of the controller. */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { RunRow, ZoneRow } from '../../tables.ts'
import { openValves, type DispatchState, type DispatchServices } from '../dispatch-state.ts'
import { latchOn } from '../flow/flow-latch.ts'
import { zoneLitres, type InterlockInputs } from './interlocks.ts'
import { freshReport } from '../controllers/connections.ts'
import { isLockedOut } from './valve-lockout.ts'
import { readPairInputs } from './paddy-pair.ts'
import type { Rows } from '../command-rows.ts'
import { readWaterInputs } from './water-sources.ts'

export interface IntendedRun {
  run: Pick<RunRow, 'cause' | 'approvedBy' | 'litres' | 'minutes'>
  zone: ZoneRow | null
  doseMs: number
}

/** `rows`: the transaction that will write the opening, so that nothing changes in between. */
export async function readInterlockInputs(
  dispatch: DispatchServices & Pick<DispatchState, 'connections' | 'openCommands' | 'flow'>,
  { run, zone, doseMs }: IntendedRun,
  rows: Rows = dispatch.state,
): Promise<InterlockInputs> {
  const nowMs = dispatch.clock.now()
  const link = zone?.controllerId ? dispatch.connections.get(zone.controllerId) : undefined
  return {
    nowMs,
    run,
    zone,
    report: link ? freshReport(link, nowMs, dispatch.timing.freshMs) : null,
    openValves: openValves(dispatch),
    isLockedOut:
      run.cause !== 'manual' && zone?.controllerId != null && zone.valve !== null
        ? await isLockedOut(rows, zone.controllerId, zone.valve)
        : false,
    isFlowAlarmed:
      zone?.controllerId != null && zone.valve !== null
        ? latchOn(dispatch, zone.controllerId, zone.valve) !== undefined
        : false,
    doseLitres: zone ? remainingDoseLitres(run, zone, doseMs) : 0,
    ...(await readPairInputs(dispatch, rows, zone)),
    ...(await readWaterInputs(dispatch, rows, zone, nowMs)),
  }
}

/** The remaining dose, L: metered if the run has a dose in litres, else rate x time. */
export const remainingDoseLitres = (
  run: Pick<RunRow, 'litres' | 'minutes'>,
  zone: ZoneRow,
  doseMs: number,
): number =>
  run.litres === null ? zoneLitres(zone, doseMs) : (run.litres * doseMs) / (run.minutes * MINUTE_MS)
