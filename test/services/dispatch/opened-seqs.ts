import type { Command } from '../../../broker/contract/messages.ts'

/** The different sequence numbers of the openings among these commands. */
export const parseOpenings = (commands: readonly Command[]): number[] => [
  ...new Set(commands.flatMap((command) => (command.op === 'open' ? (command as { seq: number }).seq : []))),
]
