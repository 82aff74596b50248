/** The supply chain of a zone: its pump and the mains that feed it. Shared by the plan and dispatch. */
import { readPumpSchedule, type PumpRow, type PumpSchedule, type ZoneRow } from '../tables.ts'

const emptySchedule: PumpSchedule = {}
/** Empty, and so without limits, where none is stored. INVALID_ROW for a stored text that cannot be parsed. */
export const pumpScheduleOf = (pump: Pick<PumpRow, 'schedule'>): PumpSchedule =>
  pump.schedule ? readPumpSchedule(pump.schedule) : emptySchedule

/** The pump of a zone and its feeders, up to the source; a loop ends the chain. */
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
