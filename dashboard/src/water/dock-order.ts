/** The order of the rows of the dock: STOP of one valve never comes under the thumb that has just pressed another's. */
import type { CommandView } from '../../../services/api/schemas.ts'

/**
 * The rows as they were shown, new ones below them; on the page of a field its own rows first. `isHeld`: somebody has just
 * pressed STOP, so no row moves and none goes.
 */
export function dockOrder(
  shown: readonly CommandView[],
  current: readonly CommandView[],
  { fieldId, isHeld }: { fieldId: string | null; isHeld: boolean },
): CommandView[] {
  const now = new Map(current.map((command) => [command.zoneId, command]))
  const kept = shown.flatMap((command) => now.get(command.zoneId) ?? (isHeld ? command : []))
  const added = current.filter(({ zoneId }) => !shown.some((command) => command.zoneId === zoneId))
  const rows = [...kept, ...added]
  if (isHeld || fieldId === null) return rows
  return [...rows.filter((row) => row.fieldId === fieldId), ...rows.filter((row) => row.fieldId !== fieldId)]
}
