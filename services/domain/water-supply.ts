/** The way of water to a zone: its pump, and the mains that this hangs on. Read alike by the plan and by dispatch. */
import { fromJson, type PumpRow, type PumpSchedule, type ZoneRow } from '../tables.ts'

const emptySchedule: PumpSchedule = {}
export const pumpScheduleOf = (pump: Pick<PumpRow, 'schedule'>): PumpSchedule =>
  pump.schedule ? fromJson(pump.schedule) : emptySchedule

/** The pump that a zone hangs on and what that is fed from, up to the source; one that feeds itself ends it. */
export function supplyChain(
  { pumps }: { pumps: readonly PumpRow[] },
  { pumpId }: Pick<ZoneRow, 'pumpId'>,
): string[] {
  const path: string[] = []
  for (let id = pumpId; id !== null && !path.includes(id);) {
    path.push(id)
    const pump = pumps.find((row) => row.id === id)
    id = (pump && pumpScheduleOf(pump).feedsFrom) ?? null
  }
  return path
}
