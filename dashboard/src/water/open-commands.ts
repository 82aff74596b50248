/** Commands that mean that water may be flowing. */
import type { CommandView } from '../../../services/api/schemas.ts'

/** Whether a zone's valve may be open: any command that is not confirmed as over counts. */
export const isRunning = (running: readonly CommandView[], zoneId: string): boolean =>
  running.some((cmd) => cmd.zoneId === zoneId && isOpenCommand(cmd))

export const isOpenCommand = (cmd: CommandView): boolean =>
  cmd.do === 'open' && cmd.state !== 'ended' && cmd.state !== 'refused'
