/** Commands that mean that water may be flowing. */
import type { CommandView } from '../../../services/api/schemas.ts'

/** Whether a zone's valve may be open: any command that is not confirmed as over counts. */
export const isRunning = (running: readonly CommandView[], zoneId: string): boolean =>
  running.some((command) => command.zoneId === zoneId && isOpenCommand(command))

export const isOpenCommand = (command: CommandView): boolean =>
  command.do === 'open' && command.state !== 'ended' && command.state !== 'refused'
